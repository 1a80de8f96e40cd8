"""Block scripts: the domains of unsanctioned apps in an appliance's configuration language (api §13)."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.discovered_apps import app_object_id
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.routes import Route
from opencasb.discovery import block_scripts
from opencasb.filters.errors import shown
from opencasb.filters.values import Unfit, integer
from opencasb.governance.blocking import TaggedApp, domains_of, tagged_apps
from opencasb.model.host_name import host_name
from opencasb.store.tags import SANCTIONED, UNSANCTIONED

if TYPE_CHECKING:
    from opencasb.app import Casb

TYPES: Final = {"banned": UNSANCTIONED, "allowed": SANCTIONED}
"""Requested type → the tag of the apps it selects."""

PLAIN: Final = 120
"""The only format that is a plain list of domains and does not block them."""

SORTING: Final = Sorting({"appid": "appId", "name": "name"}, default="appId", ascending=True)


def block_script(casb: Casb, call: Call) -> Reply | dict[str, Any]:  # JSON
    """Return the script as plain text, empty if no app is unsanctioned.

    A client that names no format pages through the apps and their domains with ``limit`` and ``skip`` instead.
    """
    as_page = call.parameters.value("format") is None and call.parameters.value("limit") is not None
    number = None if as_page else _format(call)
    wanted = call.parameters.text("type") or "banned"
    if wanted not in TYPES:
        raise BadRequest(f"type: {wanted!r} is not a type; allowed: {', '.join(TYPES)}")
    if TYPES[wanted] != UNSANCTIONED and number not in {None, PLAIN}:
        raise BadRequest(f"type: {wanted!r} is allowed for format {PLAIN} only, for the others block what they list")
    catalog = casb.reports.catalog(call.tenant_id)
    apps = tagged_apps(call.tenant_id, TYPES[wanted], casb.tags, catalog, casb.unlisted_apps)
    if number is None:
        return short_list(casb, call, [_record(app) for app in apps], SORTING)
    return _script(casb, number, apps)


def _format(call: Call) -> int:
    """Return the requested format. Raises :class:`BadRequest` with every format there is."""
    given = call.parameters.value("format")
    with suppress(Unfit):
        if (number := integer(given)) in block_scripts.formats():
            return number
    said = "this parameter is required" if given is None else f"{shown(given)} is not a format"
    allowed = ", ".join(f"{each} ({name})" for each, name in block_scripts.formats().items())
    raise BadRequest(f"format: {said}; allowed: {allowed}")


def _record(app: TaggedApp) -> dict[str, Any]:  # JSON
    """Return an app with the domains that a script would contain."""
    names = {name for domain in app.domains if (name := host_name(domain)) is not None}
    return {"_id": app_object_id(app.app_id), "appId": app.app_id, "name": app.name, "domainList": sorted(names)}


def _script(casb: Casb, number: int, apps: list[TaggedApp]) -> Reply:
    day = datetime.fromtimestamp(casb.clock() / 1000, UTC).date()
    disposition = f'attachment; filename="{block_scripts.filename(number, day)}"'
    script = block_scripts.render(number, domains_of(apps))
    return Reply(script.encode(), "text/plain; charset=utf-8", headers={"content-disposition": disposition})


ROUTES: Final = tuple(
    Route(path, "discovery.block_script", {"GET": block_script})
    for path in ("discovery_block_scripts", "discovery/discovery_block_scripts", "discovery/block_script")
)
