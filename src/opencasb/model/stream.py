"""Streams: the reports of Cloud Discovery, and the data sources that feed them (api §12.2, §12.7)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum
from typing import Final

import msgspec

GLOBAL_VIEW: Final = "Global View"
"""Display name of the report over all continuous sources; every tenant has exactly one."""

API_UPLOAD: Final = "API upload"
"""The data source of uploads that name none (api §12.1)."""

_SOURCE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class StreamType(IntEnum):
    """The kind of report."""

    INPUT = 1
    VIEW = 3
    SNAPSHOT = 5


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A report, and for INPUT streams the data source behind it. Times are ms since the epoch UTC.

    ``source`` is the source type name (``SQUID_NATIVE``), empty for the global report. ``parser`` is the name of the
    custom parser that replaces that type's parser, or empty. ``receiver`` is one of ``ftp``, ``ftps``, ``syslog-udp``,
    ``syslog-tcp``, ``syslog-tls``, ``folder`` or empty (uploads only); ``port`` is where its syslog listener binds and
    ``folder`` the directory it watches. ``timezone`` applies to local log times.
    """

    tenant_id: int
    stream_id: str
    display_name: str
    stream_type: StreamType
    created: int
    last_modified: int
    source: str = ""
    parser: str = ""
    comment: str = ""
    receiver: str = ""
    port: int | None = None
    folder: str = ""
    timezone: str = "UTC"
    anonymize_users: bool = False
    anonymize_machines: bool = False
    global_aggregated: bool = True
    last_data_received: int | None = None
    log_files: int = 0
    failed_log_files: int = 0
    has_users: bool = False
    has_devices: bool = False
    has_total_bytes: bool = False
    has_uploaded_bytes: bool = False
    has_downloaded_bytes: bool = False

    @property
    def feeds_global_view(self) -> bool:
        """Whether this report feeds into the global report."""
        return self.stream_type is StreamType.INPUT and self.global_aggregated

    @property
    def is_snapshot(self) -> bool:
        """Whether this is a one-time report."""
        return self.stream_type is StreamType.SNAPSHOT


def is_global_view(name: str) -> bool:
    """Return whether ``name`` reads as that of the global report, ignoring case and white space."""
    return " ".join(name.split()).casefold() == GLOBAL_VIEW.casefold()


def checked_source_name(name: str) -> str:
    """Return the display name of a data source (api §12.7). Raises ``ValueError`` that says what is allowed."""
    if not _SOURCE_NAME.fullmatch(name):
        raise ValueError(f"{name[:100]!r} must be 1-64 letters, digits, - and _")
    return name


def limited_to(stream_ids: Collection[str] | None, streams: Iterable[Stream]) -> list[Stream]:
    """Return the streams that a role limited to ``stream_ids`` may see; None means no limit (api §2.3)."""
    return [stream for stream in streams if stream_ids is None or stream.stream_id in stream_ids]


ATTRIBUTES: Final = ("has_users", "has_devices", "has_total_bytes", "has_uploaded_bytes", "has_downloaded_bytes")
"""Fields of a stream that tell which data its logs contain."""


def sources_of(stream: Stream, every: Sequence[Stream]) -> list[Stream]:
    """Return the sources of a report among ``every``: for the global one all that feed it, else itself."""
    return [each for each in every if each.feeds_global_view] if stream.stream_type is StreamType.VIEW else [stream]


def with_sources(stream: Stream, every: Sequence[Stream]) -> Stream:
    """Return a report with counts, latest data and attributes aggregated from its sources among ``every``."""
    sources = sources_of(stream, every)
    return msgspec.structs.replace(
        stream,
        last_data_received=max((each.last_data_received or 0 for each in sources), default=0) or None,
        log_files=sum(each.log_files for each in sources),
        failed_log_files=sum(each.failed_log_files for each in sources),
        **{name: any(getattr(each, name) for each in sources) for name in ATTRIBUTES},
    )
