"""Who may change whose rights, and what must stay so that a tenant can be administered (identity §11, portal §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from opencasb.model.roles import FULL_ACCESS, Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.store.api_tokens import ApiTokens
    from opencasb.store.users import Users

EDITORS: Final = frozenset({Role.GLOBAL_ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR})
"""The roles that give and take roles."""


def may_edit(caller: User, *roles: Role) -> bool:
    """Tell whether ``caller`` may take and give ``roles``: what is above the own role is out of reach."""
    if not caller.active or caller.role not in EDITORS:
        return False
    return caller.role is Role.GLOBAL_ADMINISTRATOR or Role.GLOBAL_ADMINISTRATOR not in roles


def keep_one(users: Users, user: User, role: Role | None) -> None:
    """Raise ``ValueError`` for a change of ``user`` to ``role`` (None: to nothing) that leaves nobody full access."""
    if user.role not in FULL_ACCESS or role in FULL_ACCESS:
        return
    others = [each for each in users.all(user.tenant_id) if each.user_id != user.user_id]
    if not any(each.active and each.role in FULL_ACCESS for each in others):
        raise ValueError(f"{user.upn!r} is the last one with full access")


def reinstate(users: Users, api_tokens: ApiTokens, user: User, role: Role, *, by: str) -> None:
    """Give access to somebody who had it once; the API tokens of that time do not come back with it."""
    for token in api_tokens.all(user.tenant_id, user.user_id):
        api_tokens.revoke(user.tenant_id, token.token_id, by=by)
    users.reinstate(user.tenant_id, user.user_id, role, by=by)
