"""Block scripts: the domains of unsanctioned apps in the language of an appliance (api §13)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from opencasb.api.v1.call import Call, Reply
from opencasb.api.v1.errors import BadRequest
from opencasb.api.v1.routes import Route
from opencasb.discovery import block_scripts
from opencasb.governance.blocking import unsanctioned_domains

if TYPE_CHECKING:
    from opencasb.app import Casb

TYPES: Final = ("banned",)


def block_script(casb: Casb, call: Call) -> Reply:
    """Answer the script as plain text; empty when no app is unsanctioned."""
    number = call.parameters.integer("format")
    wanted = call.parameters.text("type") or TYPES[0]
    if number is None or number not in block_scripts.FORMATS:
        allowed = ", ".join(f"{each} ({name})" for each, name in block_scripts.FORMATS.items())
        raise BadRequest(f"format: {'nothing' if number is None else number} is not a format; allowed are {allowed}")
    if wanted not in TYPES:
        raise BadRequest(f"type: {wanted!r} is not a type; allowed is {TYPES[0]}")
    day = datetime.fromtimestamp(casb.clock() / 1000, UTC).date()
    catalog = casb.reports.catalog(call.tenant_id)
    script = block_scripts.render(number, unsanctioned_domains(call.tenant_id, casb.tags, catalog, casb.unlisted_apps))
    disposition = f'attachment; filename="{block_scripts.filename(number, day)}"'
    return Reply(script.encode(), "text/plain; charset=utf-8", headers={"content-disposition": disposition})


ROUTES: Final = tuple(
    Route(path, "discovery.block_script", {"GET": block_script})
    for path in ("discovery_block_scripts", "discovery/discovery_block_scripts", "discovery/block_script")
)
