"""The external OpenID provider through which the tenant's users may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import demand_global_administrator
from opencasb.api.v1.errors import NotFound, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.identity.external.configuration import GivenProvider, record

if TYPE_CHECKING:
    from opencasb.app import Casb


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the provider, without its secret."""
    flow, tenant = casb.identity.external_sign_in, casb.tenants.get(call.tenant_id)
    found = flow.get(call.tenant_id)
    if found is None or tenant is None:
        raise NotFound
    return record(found, flow.redirect_uri(tenant))


def put(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Configure the provider, replacing any previous one."""
    _only_who_may_decide(casb, call)
    given = GivenProvider(
        issuer=call.parameters.required_text("issuer"),
        client_id=call.parameters.required_text("client_id"),
        client_secret=call.parameters.exact_text("client_secret") or "",
        label=call.parameters.text("label") or "",
        name_claim=call.parameters.text("name_claim") or "",
        links=call.parameters.texts("links"),
    )
    with explained("external sign-in"):
        casb.identity.external_sign_in.put(call.tenant_id, given, by=call.principal.name)
    return show(casb, call)


def remove(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove the provider."""
    _only_who_may_decide(casb, call)
    or_not_found(casb.identity.external_sign_in.remove(call.tenant_id, by=call.principal.name))
    return {}


def _only_who_may_decide(casb: Casb, call: Call) -> None:
    # Whoever runs the provider can impersonate any user, even the most privileged.
    demand_global_administrator(casb, call, "decides where people sign in")


ROUTES: Final = (Route("external-sign-in", None, {"GET": show, "POST": put, "DELETE": remove}),)
