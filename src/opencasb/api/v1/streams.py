"""Streams: the cloud discovery reports on the wire (api §12.2, §12.7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.routes import Route
from opencasb.discovery.removal import remove_stream
from opencasb.model import iso_time
from opencasb.model.source_types import log_type
from opencasb.model.stream import Stream, StreamType, limited_to, sources_of, with_sources

if TYPE_CHECKING:
    from opencasb.app import Casb

SORTING: Final = Sorting(
    {"created": "created", "displayname": "displayName", "lastmodified": "lastModified"}, default="created"
)
TIME_FRAMES: Final = (7, 30, 90)
"""Days for which totals are given."""


def list_streams(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return every report, unpaged and wrapped (api §12.2)."""
    return {"streams": [each for _, each in _visible(casb, call)]}


def list_reports(casb: Casb, call: Call, *, snapshots: bool) -> dict[str, Any]:  # JSON
    """Return a page of the snapshot reports, or of the continuous ones."""
    records = [each for stream, each in _visible(casb, call) if stream.is_snapshot is snapshots]
    return short_list(casb, call, records, SORTING)


def delete_snapshot(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Remove a snapshot report and its usage."""
    return remove(casb, call, StreamType.SNAPSHOT)


def remove(casb: Casb, call: Call, kind: StreamType) -> dict[str, Any]:  # JSON
    """Remove the stream in the path with its usage. Raises :class:`NotFound` if there is none of that kind."""
    stream = casb.streams.get(call.tenant_id, call.segment("stream_id").lower())
    if stream is None or stream.stream_type is not kind:
        raise NotFound
    remove_stream(stream, casb.streams, casb.lake, by=call.principal.name)
    return {}


def _visible(casb: Casb, call: Call) -> list[tuple[Stream, dict[str, Any]]]:  # JSON
    """Return the reports that the caller may see, each with its record; it names no source that the caller may not."""
    every, limit = casb.streams.reports(call.tenant_id), call.principal.stream_ids
    return [(each, record(casb, each, every, limit)) for each in limited_to(limit, every)]


def record(
    casb: Casb, stream: Stream, every: Sequence[Stream], limit: Collection[str] | None = None
) -> dict[str, Any]:  # JSON
    """Return the wire record of a stream; ``every`` are the streams that may feed the global report.

    ``sourceStreams`` holds only those of its sources that are in ``limit``; None means no limit.
    """
    sources, whole = sources_of(stream, every), with_sources(stream, every)
    kind, _, protocol = stream.receiver.partition("-")
    optional = {
        "comment": stream.comment,
        "protocol": protocol if kind == "syslog" else "",
        "snapshotData": stream.is_snapshot,
    }
    return {
        "_id": stream.stream_id,
        "displayName": stream.display_name,
        **{name: value for name, value in optional.items() if value},
        "streamType": int(stream.stream_type),
        "isManual": False,
        "logType": log_type(stream.source),
        "receiverType": kind if kind in {"syslog", "ftps"} else "ftp",
        "created": iso(stream.created),
        "lastModified": iso(stream.last_modified),
        "lastDataReceived": iso(whole.last_data_received),
        "anonymizeUsers": stream.anonymize_users,
        "anonymizeMachines": stream.anonymize_machines,
        "globalAggregated": stream.global_aggregated and not stream.is_snapshot,
        "logFilesHistoryCount": whole.log_files,
        "logFilesFailsCount": whole.failed_log_files,
        "supportedEntityTypes": _entity_types(whole),
        "supportedTrafficTypes": _traffic_types(whole),
        "timeFrames": _time_frames(casb, stream),
        "validTimeFrames": list(TIME_FRAMES),
        "timeFrames2": {},
        "validTimeFrames2": [],
        "readTimeFramesFromSecond": False,
        "timeWithoutLogs": 0,
        "lastAlertProcessingTime": stream.last_modified,
        "currentServicesCollectionName": "discovery_services",
        "sourceStreams": [] if stream in sources else [each.stream_id for each in limited_to(limit, sources)],
        "userTags": [],
    }


def iso(time: int | None) -> str | None:
    """Return a time in ms as ISO 8601 with milliseconds; None stays None."""
    return iso_time.iso(time) if time else None


def _entity_types(stream: Stream) -> list[int]:
    return [number for number, has in ((1, stream.has_users), (2, True), (3, stream.has_devices)) if has]


def _traffic_types(stream: Stream) -> list[int]:
    has = (stream.has_total_bytes, stream.has_downloaded_bytes, stream.has_uploaded_bytes)
    return [number for number, given in enumerate(has, 1) if given]


def _time_frames(casb: Casb, stream: Stream) -> dict[str, Any]:  # JSON
    """Return the totals per time frame; ``{}`` if there are no data (api §19)."""
    found = {days: casb.reports.totals(stream.tenant_id, stream.stream_id, days) for days in TIME_FRAMES}
    names = {"users": "usersCount", "ip_addresses": "ipAddressesCount", "devices": "machinesCount"}
    if not any(any(totals.values()) for totals in found.values()):
        return {}
    return {str(days): {names[name]: count for name, count in totals.items()} for days, totals in found.items()}


ROUTES: Final = (
    Route("discovery/streams", "discovery.view", {"GET": list_streams}),
    Route("discovery/snapshot_reports", "discovery.view", {"GET": partial(list_reports, snapshots=True)}),
    Route("discovery/snapshot_reports/<stream_id>", "discovery.change", {"DELETE": delete_snapshot}),
    Route("discovery/continuous_reports", "discovery.view", {"GET": partial(list_reports, snapshots=False)}),
)
