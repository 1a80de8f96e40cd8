"""Who may change whose rights (the rest is tested through both APIs)."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.identity.administrators import may_edit
from opencasb.model.roles import Role
from opencasb.model.user import User


@pytest.mark.parametrize("role", Role)
def test_what_is_above_the_own_role_is_out_of_reach(role: Role) -> None:
    """Security administrators and above edit access (identity §11)."""
    user = User(tenant_id=1, user_id="u", upn="u", display_name="u", role=role, created=0)
    assert may_edit(user, Role.SECURITY_READER) is (role in {Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR})
    assert may_edit(user, Role.SECURITY_READER, Role.GLOBAL_ADMINISTRATOR) is (role is Role.GLOBAL_ADMINISTRATOR)
    assert not may_edit(msgspec.structs.replace(user, deprovisioned=1), Role.SECURITY_READER)
