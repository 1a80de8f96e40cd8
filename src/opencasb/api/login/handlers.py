"""What each endpoint of the authorization server does: plain functions of a call."""

from __future__ import annotations

from typing import Literal

from opencasb.api.login.exchange import NOT_STORED, PUBLIC, Call, Reply
from opencasb.identity.grants.exchange import TokenRequest
from opencasb.identity.identity import Identity

Version = Literal[1, 2]


def token(identity: Identity, version: Version, call: Call) -> Reply:
    """Issue a token (identity §5 to §7)."""
    return Reply(identity.token_endpoint.answer(_request(version, call)), headers=NOT_STORED)


def device_code(identity: Identity, version: Version, call: Call) -> Reply:
    """Give a device the code that its user types (identity §5.2)."""
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
    """Show the OpenID configuration of a tenant (identity §2.2)."""
    return Reply(identity.documents.metadata(call.tenant, version), headers=PUBLIC)


def keys(identity: Identity, version: Version, call: Call) -> Reply:
    """Show the JWK set of a tenant (identity §2.3)."""
    return Reply(identity.documents.keys(call.tenant, version), headers=PUBLIC)


def instance(identity: Identity, call: Call) -> Reply:
    """Tell a client whether an authority is ours (identity §2.1)."""
    return Reply(identity.documents.instance(call.query.get("authorization_endpoint", "")), headers=PUBLIC)


def not_found(call: Call) -> Reply:
    """Answer a path that nobody owns."""
    text = f"Nothing is served at this address ({call.method})."
    return Reply({"error": "not_found", "error_description": text}, 404, NOT_STORED)
