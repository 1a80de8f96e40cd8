"""The person behind a call, for operations reserved for people or for administrators with full access."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import Forbidden
from opencasb.identity.administrators import may_administer
from opencasb.model.permissions import MDCA
from opencasb.model.roles import Role
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.app import Casb


def person(casb: Casb, call: Call) -> User | None:
    """Return the calling person; None if an application calls on its own behalf."""
    return casb.users.get(call.tenant_id, call.principal.user_id) if call.principal.user_id else None


def administrator(casb: Casb, call: Call) -> User:
    """Return the calling person, who must have full access. Raises :class:`Forbidden`.

    The call must carry every permission of the role: otherwise a client to which its user delegated little could obtain
    the rest.
    """
    found = person(casb, call)
    if found is None or not may_administer(found) or not set(MDCA.permissions) <= call.principal.permissions:
        raise Forbidden
    return found


def demand_global_administrator(casb: Casb, call: Call, does: str) -> None:
    """Refuse everyone but a global administrator; ``does`` completes the refusal "Only a global administrator …"."""
    if administrator(casb, call).role is not Role.GLOBAL_ADMINISTRATOR:
        raise Forbidden(f"Only a global administrator {does}.")
