"""Who may see and change what, and the rule that a tenant always keeps an administrator (identity §11, portal §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opencasb.model.api_token import ApiToken
from opencasb.model.rights import ROLES, permissions_of
from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.model.role_scope import RoleScope
    from opencasb.store.api_tokens import ApiTokens
    from opencasb.store.users import Users

EDITORS: Final = frozenset({Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR})
"""The roles that may assign and remove roles."""

VIEWERS: Final = FULL_ACCESS | {
    Role.COMPLIANCE_ADMINISTRATOR,
    Role.COMPLIANCE_DATA_ADMINISTRATOR,
    Role.SECURITY_OPERATOR,
    Role.SECURITY_READER,
    Role.GLOBAL_READER,
}
"""The roles that may see who has access."""


def may_administer(caller: User) -> bool:
    """Return whether ``caller`` may see and change applications, everybody's API tokens and the audit log."""
    return caller.active and caller.role in FULL_ACCESS


def may_view(caller: User) -> bool:
    """Return whether ``caller`` may see who has access."""
    return caller.active and caller.role in VIEWERS


def may_edit(caller: User, *roles: Role) -> bool:
    """Return whether ``caller`` may assign and remove ``roles``; roles above the caller's own are out of reach."""
    if not caller.active or caller.role not in EDITORS:
        return False
    return caller.role is Role.GLOBAL_ADMINISTRATOR or Role.GLOBAL_ADMINISTRATOR not in roles


def may_consent_for_others(caller: User) -> bool:
    """Return whether ``caller`` may grant and revoke application permissions on behalf of others (identity §9)."""
    return caller.active and caller.role is Role.GLOBAL_ADMINISTRATOR


def may_resolve(caller: User) -> bool:
    """Return whether ``caller`` may resolve pseudonyms: full access, or discovery admin with anonymization allowed."""
    if not caller.active:
        return False
    return caller.role in FULL_ACCESS or (
        caller.role is Role.CLOUD_DISCOVERY_GLOBAL_ADMIN
        and caller.scope is not None
        and caller.scope.allowed_anonymization
    )


def may_see_discovery(caller: User) -> bool:
    """Return whether ``caller`` may see Cloud Discovery reports; ``stream_ids`` may limit a report admin to some."""
    return "discovery.read" in permissions_of(caller)


def may_have_api_tokens(caller: User) -> bool:
    """Return whether ``caller`` may create API tokens (identity §10.3)."""
    return caller.active and ROLES[caller.role].own_api_tokens


def visible_api_tokens(api_tokens: ApiTokens, caller: User) -> list[ApiToken]:
    """Return the tokens that ``caller`` may see and revoke: their own, or with full access all of the tenant's."""
    return api_tokens.all(caller.tenant_id, None if may_administer(caller) else caller.user_id)


def reinstate(
    users: Users, api_tokens: ApiTokens, user: User, role: Role, *, scope: RoleScope | None = None, by: str
) -> None:
    """Restore access to a former user; API tokens from before are revoked, not restored."""
    for token in api_tokens.all(user.tenant_id, user.user_id):
        api_tokens.revoke(user.tenant_id, token.token_id, by=by)
    users.reinstate(user.tenant_id, user.user_id, role, scope=scope, by=by)
