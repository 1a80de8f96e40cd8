"""Streams: the reports of cloud discovery, and the data sources that feed them (api §12.2, §12.7)."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import msgspec

GLOBAL_VIEW: Final = "Global View"
"""Display name of the report over all continuous sources; every tenant has exactly one."""

API_UPLOAD: Final = "API upload"
"""Data source of uploads that name none (api §12.1)."""


class StreamType(IntEnum):
    """What kind of report a stream is."""

    INPUT = 1
    VIEW = 3
    SNAPSHOT = 5


class Stream(msgspec.Struct, frozen=True, kw_only=True):
    """A report, and for INPUT streams the data source behind it. Times are ms since the epoch UTC.

    ``source`` is the source type name (``SQUID_NATIVE``), empty for the global report. ``receiver`` is one of
    ``ftp``, ``ftps``, ``syslog-udp``, ``syslog-tcp``, ``syslog-tls``, ``folder`` or empty (uploads only); ``port`` is
    where its syslog listener binds and ``folder`` the directory it watches. ``timezone`` is that of local log times.
    """

    tenant_id: int
    stream_id: str
    display_name: str
    stream_type: StreamType
    created: int
    last_modified: int
    source: str = ""
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
    def is_snapshot(self) -> bool:
        """Whether this is a one-time report."""
        return self.stream_type is StreamType.SNAPSHOT
