"""Users and roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import given_flag, made, user_of
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.callers import administrator
from opencasb.api.v1.errors import BadRequest, Forbidden, explained
from opencasb.api.v1.routes import Route
from opencasb.identity.refusals import InvalidValue, NotAllowed
from opencasb.identity.role_scopes import ROLES_WITH, role_scope
from opencasb.identity.user_record import user_record
from opencasb.model.rights import ROLES
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_roles(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the roles and the most each one permits."""
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
    """Return every user by name, including inactive ones."""
    return {"users": [user_record(user) for user in casb.users.all(call.tenant_id)]}


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one user."""
    return user_record(user_of(casb, call, call.path["user_id"]))


def create(casb: Casb, call: Call) -> Reply:
    """Add a user, with a password if given, or invite a guest."""
    role = _role(call.parameters.required_text("role"))
    name = call.parameters.required_text("name", longest=256)
    chief = administrator(casb, call)
    access, password = casb.identity.admin_access, call.parameters.exact_text("password")
    display_name = call.parameters.text("display_name", longest=256) or ""
    with _as_http_errors():
        scope = _scope(casb, call, role)
        limits: dict[str, Any] = {"reports": _reports(call), "scope": scope, "by": call.principal.name}
        if not call.parameters.flag("guest"):
            user = access.add(chief, name, role, display_name=display_name, password=password, **limits)
        elif password is None:
            user = access.invite(chief, name, role, **limits)
        else:
            raise BadRequest("password: a guest signs in at home and has no password here")
    return made(user_record(user))


def change(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Change a user's role, password or access; omitted fields stay as they are."""
    user = user_of(casb, call, call.path["user_id"])
    given = call.parameters.text("role")
    role = _role(given) if given else None
    chief = administrator(casb, call)
    with _as_http_errors():
        casb.identity.admin_access.change(
            chief,
            user,
            role=role,
            active=given_flag(call, "active"),
            password=call.parameters.exact_text("password"),
            reports=_reports(call),
            scope=_scope(casb, call, role or user.role, user),
            by=call.principal.name,
        )
        if call.parameters.flag("password_expired"):
            casb.identity.admin_access.expire_password(chief, user, by=call.principal.name)
    return user_record(user_of(casb, call, user.user_id))


@contextmanager
def _as_http_errors() -> Iterator[None]:
    try:
        yield
    except InvalidValue as error:
        raise BadRequest(f"{error.field}: {error}") from None
    except NotAllowed:
        raise Forbidden from None


def _role(text: str) -> Role:
    with explained("role"):
        return Role.parse(text)


def _reports(call: Call) -> list[str] | None:
    """Return the reports that a report admin may see, None if not given."""
    return None if call.parameters.value("reports") is None else call.parameters.texts("reports")


def _scope(casb: Casb, call: Call, role: Role, user: User | None = None) -> RoleScope | None:
    """Return the limits of a role other than reports, None if none are given.

    If the user's role stays the same, omitted limits keep their values.
    """
    parts = call.parameters
    if all(parts.value(name) is None for name in ROLES_WITH):
        return None
    before = user.scope if user is not None and user.scope is not None and user.role is role else RoleScope()
    return role_scope(
        casb.user_groups,
        call.tenant_id,
        role,
        apps=[str(app) for app in before.apps] if parts.value("apps") is None else parts.texts("apps"),
        groups=before.groups if parts.value("groups") is None else parts.texts("groups"),
        read_only=parts.flag("read_only", usual=before.read_only),
        allowed_anonymization=parts.flag("allowed_anonymization", usual=before.allowed_anonymization),
    )


ROUTES: Final = (
    Route("roles", None, {"GET": list_roles}),
    Route("users", None, {"GET": list_users, "POST": create}),
    Route("users/<user_id>", None, {"GET": show, "PATCH": change}),
)
