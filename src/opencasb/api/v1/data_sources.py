"""Data sources: the appliances whose logs feed continuous reports (api §12.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import sqlalchemy.exc

from opencasb.api.v1 import streams
from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import BadRequest, explained, or_not_found
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.reports import visible_streams
from opencasb.api.v1.routes import Route
from opencasb.model.durations import DAY
from opencasb.model.source_types import named_type
from opencasb.model.stream import Stream, StreamType, checked_source_name

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting({"created": "created", "displayname": "displayName"}, default="created")
PROTOCOLS: Final = {"syslog-udp": "udp", "syslog-tcp": "tcp", "syslog-tls": "tls", "ftp": "", "ftps": ""}
"""Full receiver type → protocol."""

FIRST_PORTS: Final = {"syslog-udp": 514, "syslog-tcp": 601, "syslog-tls": 601}
"""Ports are assigned upwards from here, one per source (portal §2.3)."""

SILENT_AFTER: Final = DAY
"""Ms without data after which a source counts as disconnected (portal §2.3)."""

COLLECTOR: Final = "built-in"
"""Name of the only log collector: this server."""


def list_sources(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a page of data sources, by default the newest first."""
    return short_list(casb, call, [record(casb, each) for each in _sources(casb, call)], SORTING)


def one_source(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one data source."""
    stream_id = call.segment("stream_id").lower()
    found = (record(casb, each) for each in _sources(casb, call) if each.stream_id == stream_id)
    return or_not_found(next(found, None))


def create_source(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Add a data source and return its record."""
    name = _name(call)
    receiver = _receiver(call)
    fields: dict[str, Any] = {
        "source": _source(call),
        "receiver": receiver,
        "port": _port(casb, call, receiver),
        "comment": call.parameters.text("comment") or "",
        "anonymize_users": call.parameters.flag("anonymizeUsers"),
        "anonymize_machines": call.parameters.flag("anonymizeMachines"),
    }
    try:
        made = casb.streams.create(call.tenant_id, name, StreamType.INPUT, by=call.principal.name, **fields)
    except sqlalchemy.exc.IntegrityError:
        raise BadRequest(f"displayName: {name!r} is taken by another data source or report") from None
    return record(casb, made)


def delete_source(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove a data source and its reported usage."""
    return streams.remove(casb, call, StreamType.INPUT)


def record(casb: Casb, stream: Stream) -> dict[str, Any]:  # JSON
    """Return the wire record: the stream's, plus its status and collectors."""
    own = {"status": status(casb, stream), "receiverTypeFull": stream.receiver, "port": stream.port}
    return {**streams.record(casb, stream, [stream]), **own, "logCollectors": collectors(stream)}


def status(casb: Casb, stream: Stream) -> str:
    """Return the status of a source, one of the words of portal §2.3."""
    if stream.last_data_received is None:
        return "Created"
    return "Connected" if casb.clock() - stream.last_data_received <= SILENT_AFTER else "Disconnected"


def collectors(stream: Stream) -> list[str]:
    """Return the collectors of a source: this server, if it has a receiver for it."""
    return [COLLECTOR] if stream.receiver else []


def _sources(casb: Casb, call: Call) -> list[Stream]:
    """Return the data sources that the caller may see."""
    return [each for each in visible_streams(casb, call.principal) if each.stream_type is StreamType.INPUT]


def _name(call: Call) -> str:
    with explained("displayName"):
        return checked_source_name(call.parameters.required_text("displayName"))


def _source(call: Call) -> str:
    """Return the log type as it was named, because clients compare its number."""
    with explained("logType"):
        return named_type(call.parameters.required_text("logType"))


def _receiver(call: Call) -> str:
    """Return the full receiver type, empty for a source fed by uploads only."""
    kind = (call.parameters.text("receiverType") or "").lower()
    full = (call.parameters.text("receiverTypeFull") or "").lower()
    protocol = (call.parameters.text("protocol") or "").lower()
    if not full:
        full = f"syslog-{protocol or 'udp'}" if kind == "syslog" else kind
    if full and full not in PROTOCOLS:
        raise BadRequest(f"receiverTypeFull: {full!r} is not a receiver; allowed: {', '.join(PROTOCOLS)}")
    if kind and kind != full.partition("-")[0]:
        raise BadRequest(f"receiverType: {kind!r} does not go with receiverTypeFull {full!r}")
    if protocol and full and protocol != PROTOCOLS[full]:
        raise BadRequest(f"protocol: {protocol!r} does not go with receiver {full!r}")
    return full


def _port(casb: Casb, call: Call, receiver: str) -> int | None:
    """Return the port of a syslog receiver: the requested one, else the next free one on this server."""
    if receiver not in FIRST_PORTS:
        return None
    taken = {stream.port for stream in casb.streams.listening()}
    asked = call.parameters.integer("port")
    if asked is not None and (not 1 <= asked <= 65535 or asked in taken):
        raise BadRequest(f"port: {asked} must be 1-65535 and used by no other source")
    return asked or next(port for port in range(FIRST_PORTS[receiver], 65536) if port not in taken)


ROUTES: Final = (
    Route("discovery/data_sources", "discovery.view", {"GET": list_sources}),
    Route("discovery/data_sources", "discovery.change", {"POST": create_source}),
    Route("discovery/data_sources/<stream_id>", "discovery.view", {"GET": one_source}),
    Route("discovery/data_sources/<stream_id>", "discovery.change", {"DELETE": delete_source}),
)
