"""Administrators: list who has access with which rights, grant it and revoke it (api §15, portal §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import person
from opencasb.api.v1.errors import BadRequest, Forbidden, NotFound, explained
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.routes import Route
from opencasb.identity.administrators import may_edit, reinstate
from opencasb.identity.refusals import InvalidValue
from opencasb.identity.role_scopes import ROLES_WITH, assigned, role_scope, shown
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"username": "username", "created": "created"}, default="username", ascending=True)

NAMES: Final = ("FULL_ACCESS", "READ_ONLY", "COMPLIANCE_READ_ONLY", "INSTANCE_ADMIN", "GROUP_ADMIN", "DISCOVERY_ADMIN")
"""The permission types; each one's number is its position."""

GIVEN: Final = {
    0: Role.CLOUD_APP_SECURITY_ADMINISTRATOR,
    1: Role.SECURITY_READER,
    2: Role.COMPLIANCE_ADMINISTRATOR,
    3: Role.APP_INSTANCE_ADMIN,
    4: Role.USER_GROUP_ADMIN,
    5: Role.CLOUD_DISCOVERY_GLOBAL_ADMIN,
}
"""Permission type → the role that it grants."""

_SHOWN: Final = {
    **dict.fromkeys(FULL_ACCESS, 0),
    Role.COMPLIANCE_ADMINISTRATOR: 2,
    Role.COMPLIANCE_DATA_ADMINISTRATOR: 2,
    Role.APP_INSTANCE_ADMIN: 3,
    Role.USER_GROUP_ADMIN: 4,
    Role.CLOUD_DISCOVERY_GLOBAL_ADMIN: 5,
    Role.CLOUD_DISCOVERY_REPORT_ADMIN: 5,
}
"""Role → permission type. Other roles map to 1, as they change little or nothing; ``role`` has the exact name."""

_WIRE: Final = {"apps": "saasIds", "read_only": "readOnly"}
"""Scope fields that have another name on the wire."""


def list_admins(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a page of the users who have access."""
    records = [_record(user) for user in casb.users.all(call.tenant_id) if user.active]
    return short_list(casb, call, records, SORTING)


def add_admin(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Grant access to a user, or change their rights, and return the record.

    Types 3 and 4 require ``saasIds`` or ``groups`` and accept ``readOnly``; 5 accepts ``allowed_anonymization``.
    """
    _only_who_may_edit(casb, call)
    role = _asked_role(call)
    _only_who_may_edit(casb, call, role)
    username = call.parameters.required_text("username", longest=256)
    scope = _asked_scope(casb, call, role)
    user = casb.users.by_upn(call.tenant_id, username)
    if user is None:
        with explained("username"):
            return _record(casb.users.create(call.tenant_id, username, role, scope=scope, by=call.principal.name))
    _only_who_may_edit(casb, call, user.role)
    _give(casb, user, role, scope, by=call.principal.name)
    changed = casb.users.get(call.tenant_id, user.user_id)
    assert changed is not None  # noqa: S101 -- users are never deleted
    return _record(changed)


def remove_admin(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Revoke all rights of a user, given by id or, as the PowerShell module of 2018 does, by user name."""
    _only_who_may_edit(casb, call)
    named = call.segment("user_id")
    user = casb.users.get(call.tenant_id, named) or casb.users.by_upn(call.tenant_id, named)
    if user is None or not user.active:
        raise NotFound
    _only_who_may_edit(casb, call, user.role)
    with explained("username"):
        casb.users.deprovision(call.tenant_id, user.user_id, keep_one=True, by=call.principal.name)
    return {}


def _give(casb: Casb, user: User, role: Role, scope: RoleScope | None, *, by: str) -> None:
    """Assign a role to an existing user; a user with full access keeps it."""
    with explained("username"):
        given = assigned(user, role)
    if not user.active:
        reinstate(casb.users, casb.identity.api_tokens, user, given, scope=scope, by=by)
    elif given in FULL_ACCESS and user.role in FULL_ACCESS:
        return
    else:
        casb.users.set_role(user.tenant_id, user.user_id, given, scope=scope, by=by)


def _only_who_may_edit(casb: Casb, call: Call, *roles: Role) -> None:
    """Refuse all but a person whose role may grant and revoke ``roles``, which prevents privilege escalation."""
    caller = person(casb, call)
    if caller is None or not may_edit(caller, *roles):
        raise Forbidden


def _asked_scope(casb: Casb, call: Call, role: Role) -> RoleScope | None:
    given = {"apps": _names(call, "saasIds"), "groups": _names(call, "groups")}
    for name, texts in given.items():
        if role in ROLES_WITH[name] and not texts:
            raise BadRequest(f"{_WIRE.get(name, name)}: this parameter is required for {role.value!r}")
    try:
        return role_scope(
            casb.user_groups,
            call.tenant_id,
            role,
            apps=given["apps"],
            groups=given["groups"],
            read_only=call.parameters.flag(_WIRE["read_only"]),
            allowed_anonymization=call.parameters.flag("allowed_anonymization"),
        )
    except InvalidValue as error:
        raise BadRequest(f"{_WIRE.get(error.field, error.field)}: {error}") from None


def _names(call: Call, name: str) -> list[str]:
    """Return a list of names; an app may be a number, ``app|instance``, or an object with ``saas`` and ``inst``."""
    return [_name(name, each) for each in call.parameters.members(name)]


def _name(name: str, given: Any) -> str:  # any JSON
    if isinstance(given, dict) and given.get("saas") is not None:
        parts = [given["saas"], *([] if given.get("inst") is None else [given["inst"]])]
        return "|".join(_name(name, part) for part in parts)
    if isinstance(given, bool) or not isinstance(given, str | int):
        raise BadRequest(f"{name}: a list of texts or numbers is expected")
    return str(given)


def _asked_role(call: Call) -> Role:
    given = call.parameters.required_text("permissionType").upper()
    number = NAMES.index(given) if given in NAMES else call.parameters.integer("permissionType")
    if number not in GIVEN:
        allowed = ", ".join(f"{number} {NAMES[number]}" for number in GIVEN)
        raise BadRequest(f"permissionType: {given!r} cannot be given; allowed: {allowed}")
    return GIVEN[number]


def _record(user: User) -> dict[str, Any]:  # JSON
    made = {
        "_id": user.user_id,
        "objectId": user.user_id,
        "username": user.upn,
        "displayName": user.display_name,
        "permissionType": _SHOWN.get(user.role, 1),
        "role": user.role.value,
        "created": user.created,
    }
    return made | _limits(user)


def _limits(user: User) -> dict[str, Any]:  # JSON
    """Return the limits of the role in the form in which they are set; empty for an unlimited role."""
    limits = {_WIRE.get(name, name): value for name, value in (shown(user) or {}).items()}
    if "saasIds" in limits:
        limits["saasIds"] = [int(each) if each.isdecimal() else each for each in limits["saasIds"]]
    return limits


ROUTES: Final = (
    Route("manage_admin_access", "admin_access.view", {"GET": list_admins}),
    Route("manage_admin_access", "admin_access.change", {"POST": add_admin}),
    Route("manage_admin_access/<user_id>", "admin_access.change", {"DELETE": remove_admin}),
)
