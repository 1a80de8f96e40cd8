"""Read Squid's records as JSON objects written by OPNsense, with Elastic Common Schema names."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import polars as pl

from opencasb.discovery.formats.objects import Members, as_lines, plain, quoted

_MARK: Final = '"squid.access"'
OBJECT: Final = rf"\{{.*{_MARK}"


def with_objects(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``lines`` (``text``) with JSON objects replaced by the pairs that Splunk recommends."""
    return as_lines(lines, _MARK, _pairs)


def _pairs(members: Members) -> str:
    """Write a record; a client without a name has its address in that place. Raises ``ValueError``."""
    time = datetime.fromisoformat(_told(members, "@timestamp")).timestamp()
    client, name = _told(members, "source", "ip"), _told(members, "host", "hostname")
    return (
        f"{time:.3f} logformat=opnsense src_ip={client} src_host={quoted('-' if name == client else name)}"
        f" user={quoted(_told(members, 'user', 'name'))} http_method={_told(members, 'http', 'request', 'method')}"
        f" url={quoted(_told(members, 'url', 'original'))}"
        f" status={_told(members, 'http', 'response', 'body', 'status_code')}"
        f" vendor_action={_told(members, 'labels', 'request_status')}"
        f" dest_status={_told(members, 'labels', 'hierarchy_status')}"
        f" bytes_out={_told(members, 'http', 'response', 'bytes')}"
    )


def _told(members: Members, *path: str) -> str:
    """Return the value at a path of nested objects as text, a dash if there is none."""
    *outer, last = path
    for name in outer:
        inner = members.get(name)
        members = inner if isinstance(inner, dict) else {}
    return plain(members.get(last)).strip() or "-"
