"""Trusted issuers: the external directories whose tokens the tenant accepts (identity §7.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import demand_global_administrator
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.identity.trust.configuration import Given, record
from opencasb.model.trusted_issuer import TrustedIssuer

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_issuers(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the trusted issuers, the oldest first."""
    return {"trusted_issuers": [record(each) for each in casb.identity.trust.all(call.tenant_id)]}


def put(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Trust an issuer, or replace its whole configuration."""
    _only_who_may_trust(casb, call)
    given = Given(
        issuer=call.parameters.required_text("issuer", longest=36),
        authority=call.parameters.text("authority", longest=256) or "",
        audiences=call.parameters.texts("audiences"),
        graph_audiences=call.parameters.texts("graph_audiences"),
        directory_roles=call.parameters.flag("directory_roles"),
        vendor_audience=call.parameters.flag("vendor_audience"),
        role_mapping=call.parameters.texts("role_mapping"),
        keys=_keys(call),
    )
    with explained("trusted issuer"):
        made = casb.identity.trust.put(call.tenant_id, given, by=call.principal.name)
    return record(_issuer(casb, call, made.issuer))


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one trusted issuer."""
    return record(_issuer(casb, call, call.path["issuer"]))


def remove(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Stop trusting an issuer."""
    _only_who_may_trust(casb, call)
    found = _issuer(casb, call, call.path["issuer"])
    casb.identity.trust.remove(found.tenant_id, found.issuer, by=call.principal.name)
    return {}


def _only_who_may_trust(casb: Casb, call: Call) -> None:
    # Whoever signs for an issuer can claim any mapped role, even the most privileged.
    demand_global_administrator(casb, call, "decides whom the tenant trusts")


def _issuer(casb: Casb, call: Call, text: str) -> TrustedIssuer:
    return or_not_found(casb.identity.trust.get(call.tenant_id, text))


def _keys(call: Call) -> str:
    given = call.parameters.structure("keys")
    if given is None:
        return ""
    if not isinstance(given, dict):
        raise BadRequest("keys: a JWK set is expected, an object with keys")
    return msgspec.json.encode(given).decode()


ROUTES: Final = (
    Route("trusted-issuers", None, {"GET": list_issuers, "POST": put}),
    Route("trusted-issuers/<issuer>", None, {"GET": show, "DELETE": remove}),
)
