"""Who may see and change what, and what must stay so that a tenant can be administered (identity §11, portal §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opencasb.model.api_token import ApiToken
from opencasb.model.permissions import ROLES, permissions_of
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.model.role_scope import RoleScope
    from opencasb.store.api_tokens import ApiTokens
    from opencasb.store.users import Users

EDITORS: Final = frozenset({Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR})
"""The roles that give and take roles."""

VIEWERS: Final = FULL_ACCESS | {
    Role.COMPLIANCE_ADMINISTRATOR,
    Role.COMPLIANCE_DATA_ADMINISTRATOR,
    Role.SECURITY_OPERATOR,
    Role.SECURITY_READER,
    Role.GLOBAL_READER,
}
"""The roles that see who has access."""


def may_administer(caller: User) -> bool:
    """Tell whether ``caller`` may see and change applications, everybody's API tokens and the audit log."""
    return caller.active and caller.role in FULL_ACCESS


def may_view(caller: User) -> bool:
    """Tell whether ``caller`` may see who has access."""
    return caller.active and caller.role in VIEWERS


def may_edit(caller: User, *roles: Role) -> bool:
    """Tell whether ``caller`` may take and give ``roles``: what is above the own role is out of reach."""
    if not caller.active or caller.role not in EDITORS:
        return False
    return caller.role is Role.GLOBAL_ADMINISTRATOR or Role.GLOBAL_ADMINISTRATOR not in roles


def may_consent_for_others(caller: User) -> bool:
    """Tell whether ``caller`` may grant and take back what applications do for others (identity §9)."""
    return caller.active and caller.role is Role.GLOBAL_ADMINISTRATOR


def may_resolve(caller: User) -> bool:
    """Tell whether ``caller`` may go from pseudonyms to names: full access, or the mark of a discovery admin."""
    if not caller.active:
        return False
    return caller.role in FULL_ACCESS or (
        caller.role is Role.CLOUD_DISCOVERY_GLOBAL_ADMIN
        and caller.scope is not None
        and caller.scope.allowed_anonymization
    )


def may_see_discovery(caller: User) -> bool:
    """Tell whether ``caller`` may see reports of cloud discovery; which ones, ``stream_ids`` of a report admin says."""
    return "discovery.read" in permissions_of(caller)


def may_have_api_tokens(caller: User) -> bool:
    """Tell whether ``caller`` may make API tokens (identity §10.3)."""
    return caller.active and ROLES[caller.role].own_api_tokens


def visible_api_tokens(api_tokens: ApiTokens, caller: User) -> list[ApiToken]:
    """Return the tokens that ``caller`` may see and revoke: the own ones, with full access all of the tenant."""
    return api_tokens.all(caller.tenant_id, None if may_administer(caller) else caller.user_id)


def keep_one(users: Users, user: User, role: Role | None) -> None:
    """Raise ``ValueError`` for a change of ``user`` to ``role`` (None: to nothing) that leaves nobody full access."""
    if user.role not in FULL_ACCESS or role in FULL_ACCESS:
        return
    # A guest may be shut out by another tenant at any time.
    others = [each for each in users.all(user.tenant_id) if each.user_id != user.user_id and not each.is_guest]
    if not any(each.active and each.role in FULL_ACCESS for each in others):
        raise ValueError(f"{user.upn!r} is the last one with full access")


def reinstate(
    users: Users, api_tokens: ApiTokens, user: User, role: Role, *, scope: RoleScope | None = None, by: str
) -> None:
    """Give access to somebody who had it once; the API tokens of that time do not come back with it."""
    for token in api_tokens.all(user.tenant_id, user.user_id):
        api_tokens.revoke(user.tenant_id, token.token_id, by=by)
    users.reinstate(user.tenant_id, user.user_id, role, scope=scope, by=by)
