"""The people who call: some things are for them alone, and some for those with full access."""

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
    """Return the person who calls; None where a program calls for itself."""
    return casb.users.get(call.tenant_id, call.principal.user_id) if call.principal.user_id else None


def administrator(casb: Casb, call: Call) -> User:
    """Return the person who calls, who has full access. Raises :class:`Forbidden`.

    The call has to carry all that the role allows: else a client that was given little by its user could help itself
    to the rest.
    """
    found = person(casb, call)
    if found is None or not may_administer(found) or not set(MDCA.permissions) <= call.principal.permissions:
        raise Forbidden
    return found


def demand_global_administrator(casb: Casb, call: Call, does: str) -> None:
    """Refuse everybody but a global administrator; ``does`` is what nobody else may do, as the refusal puts it."""
    if administrator(casb, call).role is not Role.GLOBAL_ADMINISTRATOR:
        raise Forbidden(f"Only a global administrator {does}.")
