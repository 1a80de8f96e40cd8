"""The keys that sign tokens; all tenants of the server share them (identity §7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import demand_global_administrator
from opencasb.api.v1.errors import Forbidden
from opencasb.api.v1.routes import Route
from opencasb.identity.signing_key_record import signing_key_records

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_keys(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the published keys, in signing order."""
    del call
    return {"signing_keys": signing_key_records(casb.identity.keyring)}


def rotate(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Switch to the next key as soon as every client can know it."""
    _only_who_owns_the_server(casb, call)
    casb.identity.keyring.rotate(by=call.principal.name)
    return list_keys(casb, call)


def emergency(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Replace all keys at once, which invalidates every token issued so far."""
    _only_who_owns_the_server(casb, call)
    casb.identity.keyring.emergency(by=call.principal.name)
    return list_keys(casb, call)


def _only_who_owns_the_server(casb: Casb, call: Call) -> None:
    """Refuse if the server has several tenants, as the keys belong to all of them."""
    demand_global_administrator(casb, call, "changes signing keys")
    if len(casb.tenants.all()) > 1:
        raise Forbidden("Several tenants share the signing keys: change them with the command opencasb keys.")


ROUTES: Final = (
    Route("signing-keys", None, {"GET": list_keys}),
    Route("signing-keys/rotate", None, {"POST": rotate}),
    Route("signing-keys/emergency", None, {"POST": emergency}),
)
