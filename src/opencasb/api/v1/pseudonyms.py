"""Resolve pseudonyms: our own interface, as upstream documents none (portal §2.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast, get_args

from opencasb.api.v1.call import Call
from opencasb.api.v1.callers import person
from opencasb.api.v1.errors import BadRequest, Forbidden
from opencasb.api.v1.routes import Route
from opencasb.governance.pseudonym_resolver import Kind
from opencasb.identity.administrators import may_resolve

if TYPE_CHECKING:
    from opencasb.app import Casb

MOST: Final = 100
LONGEST: Final = 1_000
LONGEST_PSEUDONYM: Final = 6_000
"""Maximum length of the pseudonym of a name of four-byte characters, in base64."""


def resolve(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the names behind ``pseudonyms``, or the pseudonyms of ``names``, in request order.

    Only people may ask: those with full access, or a Cloud Discovery global admin who has been allowed to.
    """
    caller = person(casb, call)
    if caller is None or not may_resolve(caller):
        raise Forbidden
    justification = call.parameters.required_text("justification")
    kind, by = _kind(call), call.principal.name
    pseudonyms, names = _texts(call, "pseudonyms", LONGEST_PSEUDONYM), _texts(call, "names", LONGEST)
    if bool(pseudonyms) == bool(names):
        raise BadRequest("pseudonyms: one of pseudonyms and names is required")
    work = casb.pseudonym_resolver.reveal if pseudonyms else casb.pseudonym_resolver.hide
    found = work(call.tenant_id, kind, pseudonyms or names, justification=justification, by=by)
    return {"data": [{"pseudonym": each.pseudonym, "name": each.name} for each in found]}


def _kind(call: Call) -> Kind:
    given = call.parameters.text("kind") or "user"
    if given not in get_args(Kind):
        raise BadRequest(f"kind: {given!r} has no pseudonyms; allowed: {', '.join(get_args(Kind))}")
    return cast("Kind", given)


def _texts(call: Call, name: str, longest: int) -> list[str]:
    found = call.parameters.texts(name)
    if len(found) > MOST or not all(0 < len(each) <= longest for each in found):
        raise BadRequest(f"{name}: at most {MOST} texts of 1 to {longest} characters are allowed")
    try:
        "".join(found).encode()
    except UnicodeEncodeError:
        raise BadRequest(f"{name}: half of a surrogate pair is not text") from None
    return found


ROUTES: Final = (Route("discovery/resolve_pseudonyms", "discovery.change", {"POST": resolve}),)
