"""Extract log lines from the JSON objects that collectors wrap them in (Filebeat, Fluent Bit, GELF, Splunk).

The line is returned as a syslog relay would have forwarded it: preceded by its collection time, which serves as the
time of lines that have none.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import msgspec
import polars as pl

from opencasb.discovery.formats.aliases import ALIASES
from opencasb.discovery.formats.common_security_log import COLUMNS, cef_line, is_row
from opencasb.discovery.formats.objects import plain

_OBJECT: Final = r"^(?:\d{4}-\d\d-\d\d[T ][^\t{]*\t[^\t{]*\t|data: )?\s*\{"
"""Fluentd writes time and tag before it, journald a field name (``-o json-sse``)."""

_LINES: Final = (
    "_raw", "rawmsg", "raw_event", "original", "event.original", "original_string", "log.original", "event", "_source",
    "result", "full_message", "full_log", "message", "@message", "MESSAGE", "Message", "short_message", "SyslogMessage",
    "RawData", "log", "textPayload", "jsonPayload", "@rawstring", "line", "body", "raw", "raw_log", "rawLog", "msg",
    "properties", "payload", "value",
)  # fmt: skip
"""Members that hold the line, or an object that does, the most faithful first."""
_TIMES: Final = (
    "@timestamp", "timestamp", "_time", "time", "date", "TimeGenerated", "TimeGenerated [UTC]", "timereported",
    "ISODATE", "__REALTIME_TIMESTAMP", "DATE", "ts",
)  # fmt: skip

LOG_LINE: Final = re.compile(r"^(?:<\d|#)|=|%[A-Z]|[,;]\S+[,;]|\d\.\d+\.\d|[\dA-Fa-f]:[\dA-Fa-f]*:")
"""Sentences for people have no pairs, columns, addresses or clocks."""
_REQUEST: Final = re.compile(r"^[A-Z]+ \S+ HTTP/\d")
"""Found in records of their own, which do not tell the client."""
_ISO: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)(?: UTC)?", re.ASCII)
_PORTAL: Final = re.compile(r"(\d{1,2}/\d{1,2}/\d{4}, \d{1,2}:\d\d:\d\d)(?:\.\d+)? ([AP]M)", re.ASCII)
"""Azure portal's export format: month, day and year."""
_KIBANA: Final = re.compile(r"([A-Z][a-z]{2} \d{1,2}, \d{4}) @ (\d\d:\d\d:\d\d)(?:\.\d+)?", re.ASCII)
"""Its times are in the zone of the browser that exported them."""
_BSD: Final = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?", re.ASCII)
_COLLECTORS: Final = frozenset({"host", "hostname", "domain"})
"""Names of targets that collectors use for the sender."""
TARGETS: Final = frozenset(name for kind in ("url", "authority", "server") for name in ALIASES[kind]) - _COLLECTORS
_DEEPEST: Final = 2
_SECONDS: Final = (10**8, 10**11)
"""Anything below is not an event time; anything above is in ms, µs or ns."""
_FINEST: Final = 10**20
"""More than any event time in ns."""

_BYTES: Final = re.compile(rb"\[\s*\d{1,3}\s*(?:,\s*\d{1,3}\s*)*\]$")
"""How journald writes a message that has control characters or is not UTF-8."""

_Members = dict[str, msgspec.Raw]
_members: Final = msgspec.json.Decoder(_Members)
_value: Final = msgspec.json.Decoder()


def unwrap_json(texts: pl.Series) -> pl.Series:
    """Return texts, replacing each JSON object that is not itself a record with the line it holds."""
    if not texts.str.contains("{", literal=True).any():
        return texts
    at = texts.str.contains(_OBJECT).arg_true()
    if at.is_empty():
        return texts
    return texts.scatter(at, pl.Series([_line(text) for text in texts.gather(at)], dtype=pl.String))


def _line(text: str) -> str:
    before, brace, rest = text.partition("{")
    try:
        found = _found(brace + rest, _DEEPEST)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return text
    if found is None:
        return text
    line, time = found
    time = time or written_time(before.partition("\t")[0])
    return f"{time} - {line}" if time else line


def _found(text: str | msgspec.Raw, deeper: int) -> tuple[str, str] | None:
    """Return the line in an object, and its time or an empty text; None if it has no line or is itself a record.

    What a collector parsed from the line and nested in objects (``"url": {...}``) does not make it a record.
    """
    members = _members.decode(text)
    if is_row(members):
        values = {name: plain(_value.decode(members[name])) for name in COLUMNS if name in members}
        return cef_line(values), _time(members)
    if any(name.lower() in TARGETS and not bytes(value).startswith(b"{") for name, value in members.items()):
        return None
    for name in _LINES:
        held = _held(bytes(members.get(name, b"")), deeper)
        if held is not None:
            return held[0], held[1] or _time(members)
    return None


def _held(raw: bytes, deeper: int) -> tuple[str, str] | None:
    if raw.startswith(b"{") and deeper:
        return _found(msgspec.Raw(raw), deeper - 1)
    if raw.startswith(b'"'):
        text = str(_value.decode(raw))
    elif _BYTES.match(raw):
        text = bytes(_value.decode(raw)).decode("utf-8", "replace")
    else:
        return None
    line = " ".join(text.splitlines()).strip()
    if line.startswith("{") and deeper:  # one collector's object as the line of another
        with suppress(msgspec.DecodeError):
            found = _found(line, deeper - 1)
            if found is not None:
                return found
    return (line, "") if LOG_LINE.search(line) and not _REQUEST.match(line) else None


def _time(members: _Members) -> str:
    """Return the time of the first member that has one."""
    values = (_value.decode(members[name]) for name in _TIMES if name in members)
    return next(filter(None, map(written_time, values)), "")


def written_time(value: object) -> str:
    """Return a time written by a collector in ISO form, or as syslog writes it, without a year; empty if it is none."""
    text = str(value).strip()
    iso = _ISO.fullmatch(text)
    if iso:
        return "T".join(iso.groups())
    if _BSD.fullmatch(text):
        return text
    portal, kibana = _PORTAL.fullmatch(text), _KIBANA.fullmatch(text)
    least, most = _SECONDS
    try:
        if portal:
            return datetime.strptime(f"{portal[1]} {portal[2]} +0000", "%m/%d/%Y, %I:%M:%S %p %z").isoformat()
        if kibana:
            return datetime.strptime(" ".join(kibana.groups()), "%b %d, %Y %H:%M:%S").isoformat()  # noqa: DTZ007
        seconds = float(text)
        while most < seconds < _FINEST:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds") if seconds > least else ""
    except (ValueError, OverflowError, OSError):
        return ""
