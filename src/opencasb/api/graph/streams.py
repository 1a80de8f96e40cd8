"""The service document, the path down to the streams, and the streams themselves (graph §1, rows 1 to 5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from opencasb.api.graph.columns import stream_frame
from opencasb.api.graph.csdl import SINGLETONS
from opencasb.api.graph.entities import REPORT, ROOT, SECURITY, STREAM
from opencasb.api.graph.errors import NotFound, quoted
from opencasb.api.graph.options import PAGE_SIZE
from opencasb.api.graph.path import Kind
from opencasb.api.graph.query import Query, annotated, collection, selected
from opencasb.api.graph.rows import Record, Rows
from opencasb.api.graph.selection import expand, select
from opencasb.model.principal import Principal
from opencasb.model.stream import Stream, StreamType, limited_to, with_sources

if TYPE_CHECKING:
    from opencasb.app import Casb

_CONTEXT: Final = "security/dataDiscovery"


def visible(casb: Casb, principal: Principal) -> list[Stream]:
    """Return the streams that the caller may see, in listing order (saas §3).

    The global stream, with the totals of its sources, is included only if configured, because consumers sum over
    streams.
    """
    every = casb.streams.all(principal.tenant_id)
    found = limited_to(principal.stream_ids, every)
    if principal.stream_ids is None and not casb.settings.graph_global_view:
        found = [each for each in found if each.stream_type is not StreamType.VIEW]
    return [_whole(each, every) for each in sorted(found, key=_place)]


def _place(stream: Stream) -> tuple[object, ...]:
    """Return the sort key of a stream: endpoint streams first, then by name; the global one and snapshots last."""
    kinds = (stream.is_snapshot, stream.stream_type is StreamType.VIEW, not stream.has_devices)
    return *kinds, stream.display_name.casefold(), stream.stream_id


def stream_of(casb: Casb, query: Query) -> Stream:
    """Return the stream in the path. Raises NotFound, also if the caller may not see it."""
    principal, stream_id = query.principal, query.target.stream_id
    every = casb.streams.all(principal.tenant_id)
    found = next((each for each in limited_to(principal.stream_ids, every) if each.stream_id == stream_id), None)
    if found is None:
        raise NotFound(f"There is no stream with the id {quoted(stream_id)}.")
    return _whole(found, every)


def _whole(stream: Stream, every: Sequence[Stream]) -> Stream:
    # Devices mark an endpoint stream (graph §3.3), which the global one is not.
    return msgspec.structs.replace(with_sources(stream, every), has_devices=stream.has_devices)


def answer(casb: Casb, query: Query) -> Record | int:
    """Return the body for a path above the apps. Raises GraphError."""
    match query.target.kind:
        case Kind.SERVICE:
            return _service(query)
        case Kind.SECURITY:
            return _security(query)
        case Kind.ROOT:
            return _root(casb, query)
        case Kind.REPORT:
            selection = selected(query, REPORT)
            return annotated(
                query, f"{_CONTEXT}/cloudAppDiscovery", selection, _report(casb, query, query.options.expand)
            )
        case Kind.STREAMS:
            expand(query.options.expand, (), "the streams")
            rows = _rows(visible(casb, query.principal))
            return collection(query, rows, f"{_CONTEXT}/cloudAppDiscovery/uploadedStreams")
    selection = selected(query, STREAM)
    expand(query.options.expand, (), "a stream")
    (record,) = _rows([stream_of(casb, query)]).records(selection, query.form)
    return annotated(query, f"{_CONTEXT}/cloudAppDiscovery/uploadedStreams/$entity", selection, record)


def _service(query: Query) -> Record:
    """Return the service document, the entry point for OData clients (OData JSON 4.0 §5)."""
    query.options.allow(frozenset(), "the service document")
    context = {"@odata.context": query.links.metadata} if query.form.annotated else {}
    return {**context, "value": [{"name": name, "kind": "Singleton", "url": name} for name in SINGLETONS]}


def _security(query: Query) -> Record:
    selection = selected(query, SECURITY)
    record = _singleton(query, SECURITY.full_name, "security")
    if expand(query.options.expand, ("dataDiscovery",), "security"):
        record["dataDiscovery"] = _singleton(query, ROOT.full_name, "dataDiscovery")
    return annotated(query, "security", selection, record)


def _root(casb: Casb, query: Query) -> Record:
    selection = selected(query, ROOT)
    record = _singleton(query, ROOT.full_name, "dataDiscovery")
    if expand(query.options.expand, ("cloudAppDiscovery",), "the root"):
        record["cloudAppDiscovery"] = _report(casb, query, "")
    return annotated(query, _CONTEXT, selection, record)


def _report(casb: Casb, query: Query, expansion: str) -> Record:
    record = _singleton(query, REPORT.full_name, "cloudAppDiscovery")
    expanded = expand(expansion, ("uploadedStreams",), "the report")
    if expanded:
        rows = _rows(visible(casb, query.principal))
        chosen = expanded["uploadedStreams"]
        selection = select(STREAM, chosen)
        record["uploadedStreams"] = rows.ordered("").page(0, PAGE_SIZE).records(selection, query.form)
        if rows.frame.height > PAGE_SIZE:
            record["uploadedStreams@odata.nextLink"] = query.links.related(
                "uploadedStreams", selection=selection if chosen else ()
            )
    return record


def _singleton(query: Query, name: str, id_: str) -> Record:
    return {**({"@odata.type": f"#{name}"} if query.form.annotated else {}), "id": id_}


def _rows(streams: list[Stream]) -> Rows:
    columns = {name: pl.col(name) for name in STREAM.properties}
    return Rows(STREAM, stream_frame(streams).with_row_index("position"), columns, ("position",))
