"""Read Juniper SRX's structured records as JSON objects, as collectors write them that parse RFC 5424.

The pairs are beside the parts of the header or an object ``syslog`` with these, in an object named after the structured
data, or written as in the record.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.json_wrappers import written_time
from opencasb.discovery.formats.objects import Members, as_lines, plain, quoted

_MARK: Final = '"msgid"'
OBJECT: Final = rf'^[^{{]*\{{(?=.*{_MARK}).*"(?:(?:RT_FLOW|APPTRACK)_SESSION|WEBFILTER_URL)_[A-Z_]+"'
_TIMES: Final = ("timestamp", "@timestamp", "time")
_WRITTEN: Final = ("extradata", "structured-data", "structured_data")


def with_objects(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``lines`` (``text``) with JSON objects replaced by the structured records that they came from."""
    return as_lines(lines, _MARK, _structured)


def _structured(members: Members) -> str:
    beside = members.get("syslog")
    header: Members = beside if isinstance(beside, dict) else members
    time = next(filter(None, (written_time(header.get(name, "")) for name in _TIMES)), "")
    record = f"RT_FLOW - {plain(header.get('msgid'))} {_data(members)}"
    return f"{time} - {record}" if time else record


def _data(members: Members) -> str:
    written = next(filter(None, (plain(members.get(name)) for name in _WRITTEN)), "")
    if written.startswith("["):
        return written
    named = (value for name, value in members.items() if "@" in name and isinstance(value, dict))
    return f"[junos@2636 {' '.join(f'{name}={quoted(value)}' for name, value in next(named, members).items())}]"
