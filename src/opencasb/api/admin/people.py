"""Users and roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.asked import caller, explained, given_flag, made, user_of
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, Forbidden
from opencasb.api.v1.routes import Route
from opencasb.identity.administrators import keep_one, may_edit, reinstate
from opencasb.model.permissions import ROLES
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_roles(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer the roles and what they allow at most."""
    del casb, call
    return {
        "roles": [
            {
                "name": role.value,
                "full_access": role in FULL_ACCESS,
                "permissions": sorted(ROLES[role].permissions),
                "own_api_tokens": ROLES[role].own_api_tokens,
            }
            for role in Role
        ]
    }


def list_users(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer every user by name, the inactive too."""
    return {"users": [_record(user) for user in casb.users.all(call.tenant_id)]}


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer one user."""
    return _record(user_of(casb, call, call.path["user_id"]))


def create(casb: Casb, call: Call) -> Reply:
    """Add a user, with a password where one is given."""
    role = _role(call.parameters.required_text("role"))
    _only_who_may_edit(casb, call, role)
    with explained("name"):
        user = casb.users.create(
            call.tenant_id,
            call.parameters.required_text("name", longest=256),
            role,
            display_name=call.parameters.text("display_name", longest=256) or "",
            stream_ids=_reports(casb, call, role),
            password_hash=_password_hash(call),
            by=call.principal.name,
        )
    return made(_record(user))


def change(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Change a user's role, password or access; what is not given stays."""
    user = user_of(casb, call, call.path["user_id"])
    given = call.parameters.text("role")
    role = _role(given) if given else user.role
    _only_who_may_edit(casb, call, user.role, role)
    active = given_flag(call, "active")
    digest, reports = _password_hash(call), _reports(casb, call, role)
    _change_access(casb, call, user, role, active=user.active if active is None else active)
    if role is not user.role or reports is not None:
        key = (user.tenant_id, user.user_id, role)
        casb.users.set_role(*key, stream_ids=reports, by=call.principal.name)
    if digest is not None:
        casb.users.set_password(user.tenant_id, user.user_id, digest, by=call.principal.name)
    return _record(user_of(casb, call, user.user_id))


def _change_access(casb: Casb, call: Call, user: User, role: Role, *, active: bool) -> None:
    by = call.principal.name
    if user.active:
        with explained("active" if not active else "role"):
            keep_one(casb.users, user, role if active else None)
    if user.active and not active:
        casb.users.deprovision(user.tenant_id, user.user_id, by=by)
    if active and not user.active:
        reinstate(casb.users, casb.identity.api_tokens, user, role, by=by)


def _only_who_may_edit(casb: Casb, call: Call, *roles: Role) -> None:
    if not may_edit(caller(casb, call), *roles):
        raise Forbidden


def _role(text: str) -> Role:
    with explained("role"):
        return Role.parse(text)


def _reports(casb: Casb, call: Call, role: Role) -> list[str] | None:
    """Return the reports that a report admin may see, None where the call does not say."""
    if call.parameters.value("reports") is None:
        return None
    if role is not Role.CLOUD_DISCOVERY_REPORT_ADMIN:
        raise BadRequest(f"reports: only the role {Role.CLOUD_DISCOVERY_REPORT_ADMIN.value!r} is limited to reports")
    given = call.parameters.texts("reports")
    known = {stream.stream_id for stream in casb.streams.all(call.tenant_id)}
    if unknown := sorted(set(given) - known):
        raise BadRequest(f"reports: {unknown[0][:100]!r} is not a report")
    return given


def _password_hash(call: Call) -> str | None:
    from opencasb.identity.passwords import hash_password

    given = call.parameters.value("password")
    if given is None:
        return None
    if not isinstance(given, str):
        raise BadRequest("password: text is expected")
    with explained("password"):
        return hash_password(given)


def _record(user: User) -> dict[str, Any]:  # JSON
    return {
        "id": user.user_id,
        "name": user.upn,
        "display_name": user.display_name,
        "role": user.role.value,
        "active": user.active,
        "created": user.created,
        "reports": None if user.stream_ids is None else sorted(user.stream_ids),
    }


ROUTES: Final = (
    Route("roles", None, {"GET": list_roles}),
    Route("users", None, {"GET": list_users, "POST": create}),
    Route("users/<user_id>", None, {"GET": show, "PATCH": change}),
)
