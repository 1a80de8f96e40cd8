"""The endpoints of the authorization server, as plain functions of a call."""

from __future__ import annotations

from opencasb.api.login.exchange import NOT_STORED, PUBLIC, Call, Reply
from opencasb.api.login.pages import formless_page
from opencasb.identity.errors import CODES, Unauthenticated
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.identity.identity import Identity
from opencasb.identity.token_endpoint import find_tenant
from opencasb.model.delegation import Version


def token(identity: Identity, version: Version, call: Call) -> Reply:
    """Issue a token (identity §5 to §7)."""
    return Reply(identity.token_endpoint.answer(_request(version, call)), headers=NOT_STORED)


def device_code(identity: Identity, version: Version, call: Call) -> Reply:
    """Issue a device the code that its user enters (identity §5.2)."""
    return Reply(identity.device_endpoint.answer(_request(version, call)), headers=NOT_STORED)


def _request(version: Version, call: Call) -> TokenRequest:
    return TokenRequest(
        tenant=call.tenant,
        version=version,
        body=call.body,
        content_type=call.headers.get("content-type"),
        authorization=call.headers.get("authorization"),
        origin=call.headers.get("origin"),
        address=call.address,
        user_agent=call.headers.get("user-agent", ""),
        correlation_id=call.correlation_id,
    )


def metadata(identity: Identity, version: Version, call: Call) -> Reply:
    """Return the OpenID configuration of a tenant (identity §2.2)."""
    return Reply(identity.documents_at(_host(call)).metadata(call.tenant, version), headers=PUBLIC)


def keys(identity: Identity, version: Version, call: Call) -> Reply:
    """Return the JWK set of a tenant (identity §2.3)."""
    return Reply(identity.documents_at(_host(call)).keys(call.tenant, version), headers=PUBLIC)


def instance(identity: Identity, call: Call) -> Reply:
    """Tell a client whether an authority is ours (identity §2.1)."""
    return Reply(
        identity.documents_at(_host(call)).instance(call.query.get("authorization_endpoint", "")), headers=PUBLIC
    )


def userrealm(call: Call) -> Reply:
    """Tell a library where a user signs in: always here, which does not reveal who has an account (§5.3)."""
    host = _host(call)
    _, _, domain = call.path.rpartition("/")[2].partition("@")
    realm = {
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain,
        "cloud_instance_name": host,
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }
    return Reply(realm, headers=NOT_STORED)


def user_info(identity: Identity, call: Call) -> Reply:
    """Return the claims of the user that a token is about (identity §2)."""
    try:
        claims = identity.access.user_of(call.headers.get("authorization"))
    except Unauthenticated:
        headers = {**NOT_STORED, "www-authenticate": 'Bearer realm="", error="invalid_token"'}
        return Reply(
            {"error": "invalid_token", "error_description": "The access token is not valid here."}, 401, headers
        )
    return Reply(claims, headers=NOT_STORED)


def landing(identity: Identity, call: Call) -> Reply:
    """Return the empty landing page for native applications with an embedded browser. Raises 90002."""
    find_tenant(identity.tenants, call.tenant)
    return formless_page("done.html.j2", title="Signed in", text="You can close this page.")


def error_page(call: Call) -> Reply:
    """Explain an error number that an application showed to its user."""
    code = call.query.get("code", "")
    known = CODES.get(int(code)) if code.isdecimal() and len(code) < 10 else None
    text = "No such number." if known is None else f"AADSTS{code}: {known[0]}. See docs/oauth.md for its meaning."
    return formless_page("done.html.j2", 200 if known else 404, title="About an error", text=text)


def preflight(call: Call) -> Reply:
    """Answer a CORS preflight of a single-page application (identity §9)."""
    return Reply(
        None,
        204,
        {
            "access-control-allow-origin": "*",
            "access-control-allow-methods": "GET, POST, OPTIONS",
            "access-control-allow-headers": call.headers.get("access-control-request-headers", "content-type"),
            "access-control-max-age": "86400",
        },
    )


def not_found(call: Call) -> Reply:
    """Answer a request for an unknown path."""
    text = f"Nothing is served at this address ({call.method})."
    return Reply({"error": "not_found", "error_description": text}, 404, NOT_STORED)


def _host(call: Call) -> str:
    return call.headers.get("host", "")
