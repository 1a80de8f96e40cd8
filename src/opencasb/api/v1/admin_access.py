"""Administrators: who has access with which rights, giving and taking it (api §15, portal §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest, Forbidden, NotFound
from opencasb.api.v1.lists import Sorting, list_request, of_records
from opencasb.api.v1.routes import Route
from opencasb.api.v1.streams import NO_FILTERS
from opencasb.identity.administrators import keep_one, reinstate
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"username": "username", "created": "created"}, default="username", ascending=True)

NAMES: Final = ("FULL_ACCESS", "READ_ONLY", "COMPLIANCE_READ_ONLY", "INSTANCE_ADMIN", "GROUP_ADMIN", "DISCOVERY_ADMIN")
"""The permission types; the number of one is its place."""

GIVEN: Final = {
    0: Role.CLOUD_APP_SECURITY_ADMINISTRATOR,
    1: Role.SECURITY_READER,
    2: Role.COMPLIANCE_ADMINISTRATOR,
    5: Role.CLOUD_DISCOVERY_GLOBAL_ADMIN,
}
"""The roles that can be given here. Administrators of one app or group need limits that are not kept yet."""

_SHOWN: Final = {
    **dict.fromkeys(FULL_ACCESS, 0),
    Role.COMPLIANCE_ADMINISTRATOR: 2,
    Role.COMPLIANCE_DATA_ADMINISTRATOR: 2,
    Role.APP_INSTANCE_ADMIN: 3,
    Role.USER_GROUP_ADMIN: 4,
    Role.CLOUD_DISCOVERY_GLOBAL_ADMIN: 5,
    Role.CLOUD_DISCOVERY_REPORT_ADMIN: 5,
}
"""Role → permission type; of the others 1, for they change little or nothing. ``role`` has the exact word."""


def list_admins(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer a page of those who have access."""
    request = list_request(casb, call, NO_FILTERS, SORTING)
    return of_records([_record(user) for user in casb.users.all(call.tenant_id) if user.active], request)


def add_admin(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Give somebody access, or other rights, and answer the record."""
    _only_with_full_access(casb, call)
    role = _asked_role(call)
    username = call.parameters.required_text("username", longest=256)
    by = call.principal.name
    user = casb.users.by_upn(call.tenant_id, username)
    if user is None:
        try:
            return _record(casb.users.create(call.tenant_id, username, role, by=by))
        except ValueError as error:
            raise BadRequest(f"username: {error}") from None
    if user.active:
        _keep_one(casb, user, role)
        casb.users.set_role(call.tenant_id, user.user_id, role, by=by)
    else:
        reinstate(casb.users, casb.identity.api_tokens, user, role, by=by)
    changed = casb.users.get(call.tenant_id, user.user_id)
    assert changed is not None  # noqa: S101 -- users are never deleted
    return _record(changed)


def remove_admin(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Take every right from somebody."""
    _only_with_full_access(casb, call)
    user = casb.users.get(call.tenant_id, call.path["user_id"].replace("\0", ""))
    if user is None or not user.active:
        raise NotFound
    _keep_one(casb, user, None)
    casb.users.deprovision(call.tenant_id, user.user_id, by=call.principal.name)
    return {}


def _only_with_full_access(casb: Casb, call: Call) -> None:
    """Refuse everybody but a person with full access: else rights could be had by giving them (api §2.3)."""
    caller = casb.users.get(call.tenant_id, call.principal.user_id) if call.principal.user_id else None
    if caller is None or not caller.active or caller.role not in FULL_ACCESS:
        raise Forbidden


def _keep_one(casb: Casb, user: User, role: Role | None) -> None:
    """Refuse a change that leaves a tenant nobody with full access."""
    try:
        keep_one(casb.users, user, role)
    except ValueError as error:
        raise BadRequest(f"username: {error}") from None


def _asked_role(call: Call) -> Role:
    given = call.parameters.required_text("permissionType").upper()
    number = NAMES.index(given) if given in NAMES else call.parameters.integer("permissionType")
    if number not in GIVEN:
        allowed = ", ".join(f"{number} {NAMES[number]}" for number in GIVEN)
        raise BadRequest(f"permissionType: {given!r} cannot be given; allowed are {allowed}")
    return GIVEN[number]


def _record(user: User) -> dict[str, Any]:  # JSON
    return {
        "_id": user.user_id,
        "objectId": user.user_id,
        "username": user.upn,
        "displayName": user.display_name,
        "permissionType": _SHOWN.get(user.role, 1),
        "role": user.role.value,
        "created": user.created,
    }


ROUTES: Final = (
    Route("manage_admin_access", "settings.view", {"GET": list_admins}),
    Route("manage_admin_access", "settings.change", {"POST": add_admin}),
    Route("manage_admin_access/<user_id>", "settings.change", {"DELETE": remove_admin}),
)
