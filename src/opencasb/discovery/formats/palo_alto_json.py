"""Read PAN-OS records as JSON objects, as the logging service (Strata, Cortex) forwards them (log-formats §5)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.objects import Members, as_lines, plain

_MARK: Final = '"LogType"'
SIGNATURE: Final = rf'\{{.*{_MARK} ?: ?"(?:TRAFFIC|THREAT)"'

_MEMBERS: Final = (
    "", "TimeReceived", "DeviceSN", "LogType", "Subtype", "", "TimeGenerated", "SourceAddress", "DestinationAddress",
    "", "", "", "SourceUser", "", "Application", "", "", "", "", "", "", "", "SessionID", "RepeatCount", "SourcePort",
    "DestinationPort", "", "", "", "", "Action",
)  # fmt: skip
"""In column order."""
_SPELLINGS: Final = {
    "Subtype": ("Subtype", "SubType", "LogSubtype"), "RepeatCount": ("RepeatCount", "CountOfRepeats"),
}  # fmt: skip
_TAILS: Final = {"TRAFFIC": ("Bytes", "BytesSent", "BytesReceived"), "THREAT": ("URL",)}


def with_columns_of_objects(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``lines`` (``text``) with JSON objects replaced by the columns that a firewall writes."""
    return as_lines(lines, _MARK, _columns)


def _columns(members: Members) -> str:
    names = _MEMBERS + _TAILS.get(plain(members.get("LogType")), ())
    return "1" + ",".join(_cell(plain(_member(members, name))) for name in names)


def _member(members: Members, name: str) -> object:
    return next((members[each] for each in _SPELLINGS.get(name, (name,)) if each in members), None)


def _cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if "," in value or '"' in value else value
