"""Personal API tokens: our own interface, since upstream only has a page for them (api §2.1, end of §15)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import person
from opencasb.api.v1.errors import Forbidden, NotFound, explained
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.routes import Route
from opencasb.identity.administrators import may_have_api_tokens, visible_api_tokens
from opencasb.model.api_token import ApiToken
from opencasb.model.permissions import MDCA
from opencasb.model.rights import permissions_of
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"created": "created", "name": "name"}, default="created")


def list_tokens(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the caller's tokens; with full access, those of everyone in the tenant."""
    found = visible_api_tokens(casb.identity.api_tokens, _caller(casb, call))
    owners = {each.user_id: each.upn for each in casb.users.all(call.tenant_id)}
    records = [_record(each, owners.get(each.user_id, ""), casb.clock()) for each in found]
    return short_list(casb, call, records, SORTING)


def create_token(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Create a token for the caller and return its value, which is shown only once."""
    user = _caller(casb, call, whole_role=True)
    name = call.parameters.required_text("name")
    with explained("name"):
        made = casb.identity.credentials.new_api_token(call.tenant_id, user.user_id, name, by=user.upn)
    return {"_id": made.token.token_id, "token": made.value, "name": made.token.name}


def revoke_token(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Revoke a token that the caller can see."""
    user, token_id = _caller(casb, call, whole_role=True), call.path["token_id"]
    tokens = casb.identity.api_tokens
    if token_id not in {each.token_id for each in visible_api_tokens(tokens, user)}:
        raise NotFound
    tokens.revoke(call.tenant_id, token_id, by=user.upn)
    return {}


def _caller(casb: Casb, call: Call, *, whole_role: bool = False) -> User:
    """Return the calling person, whose role must allow tokens. Raises :class:`Forbidden`.

    ``whole_role``: the call must carry every permission of the role, because a token does; otherwise a client to which
    its user delegated little could obtain the rest.
    """
    user = person(casb, call)
    if user is None or not may_have_api_tokens(user):
        raise Forbidden
    if whole_role and not permissions_of(user) & set(MDCA.permissions) <= call.principal.permissions:
        raise Forbidden
    return user


def _record(token: ApiToken, owner: str, now: int) -> dict[str, Any]:  # JSON
    return {
        "_id": token.token_id,
        "name": token.name,
        "prefix": token.prefix,
        "owner": owner,
        "status": token.state(now),
        "created": token.created,
        "lastUsed": token.last_used,
    }


ROUTES: Final = (
    Route("api_tokens", None, {"GET": list_tokens, "POST": create_token}),
    Route("api_tokens/<token_id>", None, {"DELETE": revoke_token}),
)
