"""Log collectors: just this server, once a data source has a receiver (api §12.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from opencasb.api.v1 import data_sources, streams
from opencasb.api.v1.call import Call
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.reports import visible_streams
from opencasb.api.v1.routes import Route

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.stream import Stream

BUILT_IN_ID: Final = "000000010000000000000000"


def list_collectors(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the built-in collector with its sources."""
    sources = [each for each in visible_streams(casb, call.principal) if data_sources.collectors(each)]
    records = [_built_in(casb, call, sources)] if sources else []
    return short_list(casb, call, records, Sorting({"name": "name"}, default="name"))


def _built_in(casb: Casb, call: Call, sources: list[Stream]) -> dict[str, Any]:  # JSON
    states = {data_sources.status(casb, source) for source in sources}
    return {
        "_id": BUILT_IN_ID,
        "name": data_sources.COLLECTOR,
        "hostAddress": urlsplit(call.base_url).hostname,
        "status": next(word for word in ("Connected", "Disconnected", "Created") if word in states),
        "lastDataReceived": streams.iso(max(source.last_data_received or 0 for source in sources)),
        "dataSources": [source.display_name for source in sources],
    }


ROUTES: Final = (Route("discovery/log_collectors", "discovery.view", {"GET": list_collectors}),)
