"""Integrations that read discovered apps from a Graph API, and their findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.admin.parameters import made
from opencasb.api.v1.asgi import json_reply
from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.model.saas import KINDS, Integration
from opencasb.saas import json_records
from opencasb.saas.configuration import LONGEST_SECRET, NAME, Given, record

if TYPE_CHECKING:
    from opencasb.app import Casb

MOST: Final = 1_000
"""Maximum number of runs, apps or changes in one response."""


def list_integrations(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the integrations, by name."""
    return {"integrations": [record(each) for each in casb.saas.integrations.all(call.tenant_id)]}


def add(casb: Casb, call: Call) -> Reply:
    """Add an integration."""
    name = call.parameters.required_text("name", longest=63)
    with explained("integration"):
        return made(record(casb.saas.add(call.tenant_id, name, _given(call), by=call.principal.name)))


def show(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one integration, without its secret."""
    return record(_integration(casb, call))


def change(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Update the given fields."""
    found = _integration(casb, call)
    with explained("integration"):
        return record(casb.saas.change(found, _given(call), by=call.principal.name))


def remove(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove an integration with all the data it has read."""
    casb.saas.integrations.remove(_integration(casb, call), by=call.principal.name)
    return {}


def authorize(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Check whether an integration works."""
    return casb.saas.authorize(_integration(casb, call), by=call.principal.name).record()


def ask(casb: Casb, call: Call) -> Reply:
    """Schedule an integration to run as soon as possible."""
    found = _integration(casb, call)
    if found.state != "ready":
        raise BadRequest(f"integration: {found.state_message or 'it has to be authorised first'}")
    casb.saas.integrations.ask(found, by=call.principal.name)
    return json_reply({}, 202)


def history(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the newest runs, or those before a given number."""
    before = _number(call, "before")
    runs = casb.saas.runs.history(_integration(casb, call), _limit(call), before)
    return {"runs": [json_records.run(each, casb.saas.runs.streams(each)) for each in runs]}


def usage(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the apps found by the last run, of one stream or merged."""
    found, skip = _integration(casb, call), _number(call, "skip") or 0
    stream_id = call.parameters.text("stream", longest=128)
    total, rows = casb.saas.usage.page(found, limit=_limit(call), skip=skip, stream_id=stream_id)
    return {"total": total, "run": found.current_run, "apps": [json_records.app(row) for row in rows]}


def changes(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the changes between runs, the newest first."""
    kinds = call.parameters.texts("kind")
    unknown = [each for each in kinds if each not in KINDS]
    if unknown:
        raise BadRequest(f"kind: {unknown[0][:60]!r} is not one of: {', '.join(KINDS)}")
    run = _number(call, "run")
    found = casb.saas.usage.changes(_integration(casb, call), run=run, kinds=kinds, limit=_limit(call))
    return {"changes": [json_records.change(number, each) for number, each in found]}


def _integration(casb: Casb, call: Call) -> Integration:
    name = call.path["name"]
    return or_not_found(casb.saas.integrations.get(call.tenant_id, name) if NAME.fullmatch(name) else None)


def _given(call: Call) -> Given:
    return Given(
        directory_id=call.parameters.text("directory_id", longest=36),
        client_id=call.parameters.text("client_id", longest=36),
        secret=call.parameters.text("client_secret", longest=LONGEST_SECRET),
        authority=call.parameters.text("authority"),
        graph_url=call.parameters.text("graph_url"),
        ca=_ca(call),
        period_days=call.parameters.integer("period_days"),
        schedule=call.parameters.text("schedule", longest=60),
    )


def _ca(call: Call) -> str | None:
    if call.parameters.flag("usual_ca"):
        return ""
    given = call.parameters.value("ca")
    if given is None:
        return None
    if not isinstance(given, str):
        raise BadRequest("ca: the text of a PEM file is expected")
    return given


def _limit(call: Call) -> int:
    limit = _number(call, "limit") or 100
    if not 1 <= limit <= MOST:
        raise BadRequest(f"limit: {limit} is not between 1 and {MOST}")
    return limit


def _number(call: Call, name: str) -> int | None:
    number = call.parameters.integer(name)
    if number is not None and not 0 <= number < 2**31:
        raise BadRequest(f"{name}: {number} is too large or too small")
    return number


ROUTES: Final = (
    Route("saas-integrations", None, {"GET": list_integrations, "POST": add}),
    Route("saas-integrations/<name>", None, {"GET": show, "PATCH": change, "DELETE": remove}),
    Route("saas-integrations/<name>/authorize", None, {"POST": authorize}, asks_others=True),
    Route("saas-integrations/<name>/run", None, {"POST": ask}),
    Route("saas-integrations/<name>/history", None, {"GET": history}),
    Route("saas-integrations/<name>/usage", None, {"GET": usage}),
    Route("saas-integrations/<name>/changes", None, {"GET": changes}),
)
