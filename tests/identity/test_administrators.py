"""Who may change access (see also the tests of both APIs)."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.identity.administrators import (
    may_administer,
    may_consent_for_others,
    may_edit,
    may_have_api_tokens,
    may_view,
)
from opencasb.model.roles import Role
from opencasb.model.user import User


@pytest.mark.parametrize("role", Role)
def test_what_is_above_the_own_role_is_out_of_reach(role: Role) -> None:
    """Security administrators and above may edit access (identity §11)."""
    user = User(tenant_id=1, user_id="u", upn="u", display_name="u", role=role, created=0)
    assert may_edit(user, Role.SECURITY_READER) is (role in {Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR})
    assert may_edit(user, Role.SECURITY_READER, Role.GLOBAL_ADMINISTRATOR) is (role is Role.GLOBAL_ADMINISTRATOR)
    assert not may_edit(msgspec.structs.replace(user, deprovisioned=1), Role.SECURITY_READER)


def test_what_each_role_may_here() -> None:
    """The matrix of identity §11, and nothing for deprovisioned users."""
    rights = (may_administer, may_view, may_consent_for_others, may_have_api_tokens)
    expected = {
        Role.GLOBAL_ADMINISTRATOR: (True, True, True, True),
        Role.SECURITY_ADMINISTRATOR: (True, True, False, True),
        Role.CLOUD_APP_SECURITY_ADMINISTRATOR: (True, True, False, True),
        Role.COMPLIANCE_ADMINISTRATOR: (False, True, False, False),
        Role.COMPLIANCE_DATA_ADMINISTRATOR: (False, True, False, False),
        Role.SECURITY_OPERATOR: (False, True, False, False),
        Role.SECURITY_READER: (False, True, False, True),
        Role.GLOBAL_READER: (False, True, False, False),
        Role.POWER_BI_ADMINISTRATOR: (False, False, False, False),
        Role.APP_INSTANCE_ADMIN: (False, False, False, True),
        Role.USER_GROUP_ADMIN: (False, False, False, True),
        Role.CLOUD_DISCOVERY_GLOBAL_ADMIN: (False, False, False, True),
        Role.CLOUD_DISCOVERY_REPORT_ADMIN: (False, False, False, True),
    }
    for role in Role:
        user = User(tenant_id=1, user_id="u", upn="u", display_name="u", role=role, created=0)
        assert tuple(may(user) for may in rights) == expected[role]
        assert not any(may(msgspec.structs.replace(user, deprovisioned=1)) for may in rights)
