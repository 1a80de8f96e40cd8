"""Catalog corrections: attested facts, domains, names, categories and notes, and their review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import limit_of, made
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.governance.statements import Given
from opencasb.model.correction import Correction, Kind, State

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_corrections(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return up to ``limit`` corrections, the oldest first, after the correction ``after``."""
    given = call.parameters
    limit = limit_of(call)
    after = given.text("after", longest=24)
    chosen: dict[str, Any] = {"states": _states(call), "kind": _kind(call), "app_id": given.integer("app_id")}
    found = casb.corrections.page(call.tenant_id, limit + 1, after=after, **chosen)
    if found is None:
        raise BadRequest(f"after: {after!r} is not the id of a correction")
    records = [casb.catalog_corrections.record(call.tenant_id, each) for each in found[:limit]]
    return {
        "corrections": records,
        "next": records[-1]["id"] if len(found) > limit else None,
        "review": casb.catalog_corrections.review,
    }


def create(casb: Casb, call: Call) -> Reply | dict[str, Any]:  # JSON
    """Record a correction to an app; one that already exists is returned unchanged."""
    given, by = call.parameters, call.principal.name
    said = Given(
        kind=given.required_text("kind"),
        app_id=given.integer("app_id"),
        key=given.text("key") or "",
        value=given.value("value"),
        link=given.text("link", longest=2000) or "",
        remark=given.text("remark", longest=2000) or "",
        attested_by=given.text("attested_by") or "",
        attested_on=given.text("attested_on") or "",
        expires=given.text("expires"),
    )
    with explained():
        kept = casb.catalog_corrections.put(call.tenant_id, said, by=by)
    record = casb.catalog_corrections.record(call.tenant_id, kept.correction)
    return made(record) if kept.new else record


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one correction."""
    return _record(casb, call, casb.corrections.get(call.tenant_id, call.path["correction_id"]))


def withdraw(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Withdraw a correction."""
    number, reason = call.path["correction_id"], call.parameters.text("reason") or ""
    with explained():
        found = casb.corrections.withdraw(call.tenant_id, number, reason, by=call.principal.name)
    return _record(casb, call, found)


def review(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Accept or reject someone else's correction."""
    given, number, by = call.parameters, call.path["correction_id"], call.principal.name
    if given.value("accept") is None:
        raise BadRequest("accept: this parameter is required")
    with explained():
        if given.flag("accept"):
            found = casb.corrections.accept(call.tenant_id, number, by=by)
        else:
            found = casb.corrections.reject(call.tenant_id, number, given.required_text("reason"), by=by)
    return _record(casb, call, found)


def _record(casb: Casb, call: Call, found: Correction | None) -> dict[str, Any]:  # JSON
    return casb.catalog_corrections.record(call.tenant_id, or_not_found(found))


def _states(call: Call) -> list[State]:
    with explained("state"):
        return [State(text) for text in call.parameters.texts("state")]


def _kind(call: Call) -> Kind | None:
    given = call.parameters.text("kind")
    with explained("kind"):
        return Kind(given) if given else None


ROUTES: Final = (
    Route("catalog/corrections", None, {"GET": list_corrections, "POST": create}),
    Route("catalog/corrections/<correction_id>", None, {"GET": show, "DELETE": withdraw}),
    Route("catalog/corrections/<correction_id>/review", None, {"POST": review}),
)
