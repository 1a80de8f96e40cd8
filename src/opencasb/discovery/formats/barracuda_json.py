"""Read the JSON objects that a Barracuda CloudGen firewall streams to collectors (log-formats §5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import polars as pl

from opencasb.discovery.formats.objects import Members, as_lines, plain

_ACTIVITY: Final = '"fwd_bytes"'
_SCAN: Final = '"traffic_type"'
ACTIVITY: Final = rf"\{{.*{_ACTIVITY} ?:"
SCAN: Final = rf"\{{.*{_SCAN} ?: ?\d"
"""Netskope events have words there."""

_ACTIONS: Final = {"End": "Remove", "Begin": "Allow", "Start": "Allow"}
"""Their names in the activity log."""
_KEYS: Final = {
    "srcIP": "src_ip", "srcMAC": "src_mac", "dstIP": "dst_ip", "receivedBytes": "rev_bytes", "sentBytes": "fwd_bytes",
    "user": "user",
}  # fmt: skip
"""Keys of the activity log → members."""


def with_activities(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``lines`` (``text``) with JSON objects replaced by the firewall's activity records."""
    return as_lines(lines, _ACTIVITY, _activity)


def with_scans(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``lines`` (``text``) with JSON objects replaced by the firewall's web log records."""
    return as_lines(lines, _SCAN, _scan)


def _activity(members: Members) -> str:
    written = datetime.fromtimestamp(_seconds(members), UTC).strftime("%Y %m %d %H:%M:%S")
    action = plain(members.get("action"))
    values = "".join(f"|{key}={plain(members.get(name)).replace('|', ' ')}" for key, name in _KEYS.items())
    return f"{written} Info +00:00 box {_ACTIONS.get(action, action)}: type=FWD{values}"


def _scan(members: Members) -> str:
    """Write the default template; the client address stands in for the user if nobody is signed in."""
    source, server, name, size, host, user = (
        plain(members.get(member)).replace(" ", "%20") or "-"
        for member in ("source_ip", "destination_ip", "name", "size", "domain", "user")
    )
    owner = "ANON" if user == source else user
    action = plain(members.get("action"))
    return (
        f"{_seconds(members)} 1 {source} {server} - {source} {name} {size} BYF ALLOWED CLEAN 2 1 0 {action} 0 (-) 0 - 0"
        f" - 0 {host} - [{owner}] {host} - - 0"
    )


def _seconds(members: Members) -> int:
    """Return the time, which activities give in seconds and the web log in ms. Raises ``ValueError``."""
    time = int(plain(members.get("timestamp")))
    if not 0 < time < 10**14:
        raise ValueError(time)
    return time // 1000 if time > 10**11 else time
