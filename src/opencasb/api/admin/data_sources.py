"""The health of data sources: what was received, what was dropped, and format change warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import NotFound, or_not_found
from opencasb.api.v1.routes import Route
from opencasb.discovery.source_state import source_state, warning_record
from opencasb.model.stream import Stream, StreamType

if TYPE_CHECKING:
    from opencasb.app import Casb


def list_sources(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the state of every data source, the oldest first."""
    found = [stream for stream in casb.streams.all(call.tenant_id) if stream.stream_type is StreamType.INPUT]
    return {"data_sources": [source_state(casb, stream) for stream in found]}


def get_source(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the state of one data source."""
    return source_state(casb, _source(casb, call))


def list_warnings(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the warnings of a data source, the newest first, including resolved ones."""
    stream = _source(casb, call)
    found = casb.source_shapes.warnings(call.tenant_id, stream.stream_id, resolved=True)
    return {"warnings": [warning_record(each) for each in found]}


def resolve_warning(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Mark a warning as resolved."""
    or_not_found(casb.source_shapes.resolve(call.tenant_id, call.segment("warning_id"), call.principal.name))
    return {}


def _source(casb: Casb, call: Call) -> Stream:
    found = casb.streams.get(call.tenant_id, call.segment("stream_id"))
    if found is None or found.stream_type is not StreamType.INPUT:
        raise NotFound
    return found


ROUTES: Final = (
    Route("data-sources", None, {"GET": list_sources}),
    Route("data-sources/<stream_id>", None, {"GET": get_source}),
    Route("data-sources/<stream_id>/warnings", None, {"GET": list_warnings}),
    Route("source-warnings/<warning_id>/resolve", None, {"POST": resolve_warning}),
)
