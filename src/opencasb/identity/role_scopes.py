"""Validate the scope of a role, in one place for every way of granting access (identity §11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from opencasb.identity.refusals import InvalidValue, about
from opencasb.model.role_scope import MOST_APPS, MOST_GROUPS, AppInstance, RoleScope
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.store.user_groups import BUILT_IN

if TYPE_CHECKING:
    from opencasb.model.user import User
    from opencasb.store.user_groups import UserGroups

ROLES_WITH: Final[Mapping[str, frozenset[Role]]] = {
    "apps": frozenset({Role.APP_INSTANCE_ADMIN}),
    "groups": frozenset({Role.USER_GROUP_ADMIN}),
    "read_only": frozenset({Role.APP_INSTANCE_ADMIN, Role.USER_GROUP_ADMIN}),
    "allowed_anonymization": frozenset({Role.CLOUD_DISCOVERY_GLOBAL_ADMIN}),
}
"""The parts of a scope, and the roles that have them."""
_SCOPED: Final = frozenset[Role]().union(*ROLES_WITH.values())


def role_scope(
    user_groups: UserGroups,
    tenant_id: int,
    role: Role,
    *,
    apps: Sequence[str] = (),
    groups: Sequence[str] = (),
    read_only: bool = False,
    allowed_anonymization: bool = False,
) -> RoleScope | None:
    """Return the scope of a role, None for a role without one; a scoped role without apps or groups sees nothing.

    ``apps`` are texts accepted by :meth:`AppInstance.parse`, ``groups`` ids of imported user groups: ours or the
    directory's. Raises :class:`InvalidValue` naming the part.
    """
    _check_parts(role, apps=apps, groups=groups, read_only=read_only, allowed_anonymization=allowed_anonymization)
    if role not in _SCOPED:
        return None
    return RoleScope(
        apps=_apps(apps),
        groups=_groups(user_groups, tenant_id, groups),
        read_only=read_only,
        allowed_anonymization=allowed_anonymization,
    )


def shown(user: User) -> dict[str, Any] | None:  # JSON
    """Return the scope of a user's role as JSON, with the parts that apply to the role; None for an unscoped role."""
    if user.role not in _SCOPED:
        return None
    scope = user.scope or RoleScope()
    parts = {
        "apps": [str(app) for app in scope.apps],
        "groups": list(scope.groups),
        "read_only": scope.read_only,
        "allowed_anonymization": scope.allowed_anonymization,
    }
    return {name: value for name, value in parts.items() if user.role in ROLES_WITH[name]}


def assigned(user: User, role: Role) -> Role:
    """Return the resulting role of a user who is given ``role`` inside the product (identity §11).

    It replaces the current role, but full access is never reduced that way: raises ``ValueError``.
    """
    if not user.active or user.role not in FULL_ACCESS:
        return role
    if role in FULL_ACCESS:
        return user.role
    raise ValueError(f"{user.upn!r} has full access as {user.role.value}, which is not reduced but taken")


def _check_parts(role: Role, **given: object) -> None:
    for name, value in given.items():
        if value and role not in ROLES_WITH[name]:
            allowed = " and ".join(sorted(repr(each.value) for each in ROLES_WITH[name]))
            raise InvalidValue(name, f"only for the role {allowed}")


def _apps(texts: Sequence[str]) -> tuple[AppInstance, ...]:
    _at_most("apps", texts, MOST_APPS)
    with about("apps"):
        return tuple(dict.fromkeys(AppInstance.parse(text) for text in texts))


def _groups(user_groups: UserGroups, tenant_id: int, texts: Sequence[str]) -> tuple[str, ...]:
    _at_most("groups", texts, MOST_GROUPS)
    if not texts:
        return ()
    imported = [group for group in user_groups.all(tenant_id) if group["_id"] not in BUILT_IN]
    return tuple(dict.fromkeys(_group(imported, text.strip()) for text in texts))


def _group(imported: Sequence[Mapping[str, str]], text: str) -> str:
    found = [group["_id"] for group in imported if text.lower() == group["_id"]]
    found = found or [group["_id"] for group in imported if text == group["id"]]
    if len(found) == 1:
        return found[0]
    many = "is a group of several apps; name it by its _id" if found else "is not an imported user group"
    raise InvalidValue("groups", f"{text[:100]!r} {many}")


def _at_most(name: str, texts: Sequence[str], most: int) -> None:
    if len(texts) > most:
        raise InvalidValue(name, f"{len(texts)} are given; at most {most} are allowed")
