"""Used domains that belong to no catalog app, and their promotion to custom apps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.api.admin.parameters import limit_of, made, number
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.model.unlisted_profile import Profile

if TYPE_CHECKING:
    from opencasb.app import Casb

GIVEN_TEXTS: Final = ("name", "category", "vendor", "notes")


def list_unlisted(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return profiles, likeliest cloud apps first; ``total`` counts those with at least the requested confidence."""
    least = number(call, "confidence", 0, 100, 0)
    limit, skip = limit_of(call), number(call, "skip", 0, 1 << 31, 0)
    found = [each for each in casb.unlisted.all(call.tenant_id) if each.confidence >= least]
    return {"unlisted_apps": [_record(each) for each in found[skip : skip + limit]], "total": len(found)}


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one profile."""
    return _record(_found(casb, call))


def promote(casb: Casb, call: Call) -> Reply:
    """Promote a domain to a custom app, and return it."""
    found, given = _found(casb, call), call.parameters
    texts = {name: given.text(name) for name in GIVEN_TEXTS}
    with explained():
        app = casb.promotion.promote(
            call.tenant_id, found, by=call.principal.name, score=given.integer("score"), **texts
        )
    return made(msgspec.to_builtins(app))


def _found(casb: Casb, call: Call) -> Profile:
    return or_not_found(casb.unlisted.find(call.tenant_id, call.path["app_id"]))


def _record(found: Profile) -> dict[str, Any]:  # JSON
    record: dict[str, Any] = msgspec.to_builtins(found)
    return record


ROUTES: Final = (
    Route("unlisted-apps", None, {"GET": list_unlisted}),
    Route("unlisted-apps/<app_id>", None, {"GET": show}),
    Route("unlisted-apps/<app_id>/promote", None, {"POST": promote}),
)
