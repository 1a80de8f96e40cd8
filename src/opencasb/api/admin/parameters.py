"""Parameter checks shared by the handlers of the administration API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.asgi import json_reply
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, or_not_found
from opencasb.model.application import Application
from opencasb.model.id_forms import is_guid
from opencasb.model.user import User

if TYPE_CHECKING:
    from opencasb.app import Casb

USUAL_LIMIT: Final = 100
LARGEST_LIMIT: Final = 1_000


def application_of(casb: Casb, call: Call) -> Application:
    """Return the application in the path. Raises :class:`NotFound`."""
    client_id = call.path["client_id"].lower()
    found = casb.identity.applications.get(call.tenant_id, client_id) if is_guid(client_id) else None
    return or_not_found(found)


def user_of(casb: Casb, call: Call, user_id: str) -> User:
    """Return a user of the caller's tenant. Raises :class:`NotFound`."""
    found = casb.users.get(call.tenant_id, user_id.lower()) if is_guid(user_id.lower()) else None
    return or_not_found(found)


def made(record: dict[str, Any]) -> Reply:  # JSON
    """Return the response to a call that created something."""
    return json_reply(record, 201)


def given_flag(call: Call, name: str) -> bool | None:
    """Return a flag, or None if not given. Raises :class:`BadRequest`."""
    return None if call.parameters.value(name) is None else call.parameters.flag(name)


def number(call: Call, name: str, least: int, most: int, usual: int) -> int:
    """Return a number within bounds, by default ``usual``. Raises :class:`BadRequest`."""
    given = call.parameters.integer(name)
    if given is None:
        return usual
    if not least <= given <= most:
        raise BadRequest(f"{name}: {given} is not allowed; allowed: {least} to {most}")
    return given


def limit_of(call: Call) -> int:
    """Return the requested number of list entries. Raises :class:`BadRequest`."""
    return number(call, "limit", 1, LARGEST_LIMIT, USUAL_LIMIT)
