"""API tokens: view and revoke any of the tenant, create them only for oneself (identity §10.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.callers import administrator
from opencasb.api.v1.errors import explained, or_not_found
from opencasb.api.v1.routes import Route

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_tokens(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return everyone's tokens, the oldest first."""
    now = casb.clock()
    return {
        "api_tokens": [
            {
                "id": token.token_id,
                "name": token.name,
                "prefix": token.prefix,
                "user_id": token.user_id,
                "state": token.state(now),
                "created": token.created,
                "last_used": token.last_used,
            }
            for token in casb.identity.api_tokens.all(call.tenant_id)
        ]
    }


def create(casb: Casb, call: Call) -> Reply:
    """Create a token for the caller and return its value, which is shown only once."""
    user = administrator(casb, call)
    with explained("name"):
        new = casb.identity.credentials.new_api_token(
            call.tenant_id, user.user_id, call.parameters.required_text("name", longest=256), by=user.upn
        )
    return made({"id": new.token.token_id, "token": new.value, "name": new.token.name})


def revoke(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Revoke a token, immediately and permanently."""
    token_id = call.segment("token_id")
    or_not_found(casb.identity.api_tokens.revoke(call.tenant_id, token_id, by=call.principal.name))
    return {}


ROUTES: Final = (
    Route("api-tokens", None, {"GET": list_tokens, "POST": create}),
    Route("api-tokens/<token_id>", None, {"DELETE": revoke}),
)
