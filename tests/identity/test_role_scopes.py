"""Replacing roles and scopes (see also the tests of both APIs and the command line)."""

from __future__ import annotations

import msgspec
import pytest

from opencasb.identity.role_scopes import assigned, shown
from opencasb.model.role_scope import AppInstance, RoleScope
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User


def user(role: Role) -> User:
    """Return a user with that role."""
    return User(tenant_id=1, user_id="u", upn="ann", display_name="Ann", role=role, created=0)


@pytest.mark.parametrize("given", Role)
@pytest.mark.parametrize("role", Role)
def test_a_given_role_takes_the_place_of_any_but_the_full_ones(role: Role, given: Role) -> None:
    """Full-access roles are never reduced or replaced by each other (identity §11); deprovisioned users have none."""
    if role not in FULL_ACCESS:
        assert assigned(user(role), given) is given
    elif given in FULL_ACCESS:
        assert assigned(user(role), given) is role
    else:
        with pytest.raises(ValueError, match="'ann' has full access as"):
            assigned(user(role), given)
    assert assigned(msgspec.structs.replace(user(role), deprovisioned=1), given) is given


def test_a_scope_is_shown_in_the_parts_that_its_role_has() -> None:
    """Even if nothing is set; other roles have none."""
    admin = user(Role.APP_INSTANCE_ADMIN)
    assert shown(admin) == {"apps": [], "read_only": False}
    scope = RoleScope(apps=(AppInstance(1, 2),), groups=("g",))
    assert shown(msgspec.structs.replace(admin, scope=scope)) == {"apps": ["1|2"], "read_only": False}
    assert shown(user(Role.GLOBAL_READER)) is None
