"""Read Palo Alto Networks firewalls: TRAFFIC and THREAT/url records as positional CSV (log-formats §5, PALO_ALTO)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import polars as pl
from msgspec.structs import replace

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work
from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.fields import completed, cut_n, match
from opencasb.discovery.formats.forwarded import forwarded_client
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.palo_alto_json import SIGNATURE, with_columns_of_objects
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import else_of_header, in_zone_of_header
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.wrappers import HEADER, unwrap

_TYPE: Final = r'"?[A-Z-]{3,16}"?,'
_SHORT: Final = rf'"?\d+/\d\d?/\d+ [\d:]{{4,8}}"?,[^,]*,{_TYPE}'
"""A record without its first column, which PAN-OS reserves: some relays and pipelines drop it."""
_START: Final = rf"(?:[^, ]*,[^,]*,[^,]*,{_TYPE}|{_SHORT})"

_PLACES: Final = {
    "received_at": 1, "type": 3, "subtype": 4, "time": 6, "source": 7, "server": 8, "user": 12, "app": 14,
    "session_id": 22, "count": 23, "source_port": 24, "port": 25, "action": 30,
}  # fmt: skip
_TAIL: Final = 31
"""From here on TRAFFIC has bytes, bytes sent and bytes received, THREAT the URL, often quoted and containing commas."""

_TRAFFIC_TAIL: Final = r'^"?(?P<total>[0-9]*)"?,"?(?P<sent>[0-9]*)"?,"?(?P<received>[0-9]*)'
_THREAT_TAIL: Final = r'^("(?:[^"]|"")*"|[^",]*)'

_HAS_PRECISE: Final = r"\dT\d\d:\d\d:\d\d\.\d"
_PRECISE: Final = r",(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:[+-]\d\d:\d\d|Z))(?:,|$)"
"""The high-resolution timestamp, a column near the end from PAN-OS 10 on, which includes the offset. Its position
differs between types and releases: 102 in TRAFFIC, later in THREAT.
"""
_WITH_OFFSET: Final = r"\dT\d\d:.*(?:Z|[+-]\d\d:\d\d)$"
"""How the logging service (Strata, Cortex) writes all times; the first one after it is that of the session's start."""
_QUOTED: Final = r'"(?:[^"]|"")*"'

_NAMES: Final = {
    "received_at": ("receive time", "received time"),
    "type": ("type", "log type"),
    "subtype": ("threat/content type", "subtype", "log subtype"),
    "time": ("generate time", "generated time", "time generated"),
    "precise": ("high res timestamp", "high resolution timestamp"),
    "source": ("source address", "source ip", "source"),
    "server": ("destination address", "destination ip", "destination"),
    "user": ("source user",),
    "app": ("application",),
    "session_id": ("session id",),
    "count": ("repeat count",),
    "source_port": ("source port",),
    "port": ("destination port",),
    "action": ("action",),
    "total": ("bytes",),
    "sent": ("bytes sent",),
    "received": ("bytes received",),
    "url": ("url/filename", "url", "file url", "miscellaneous"),
}
"""The column names in the header row of an export, in lower case."""

_UNFINISHED: Final = ("drop", "deny")
COUNTED: Final = ("end", *_UNFINISHED)
_BLOCKING: Final = (
    "deny", "drop", "drop-icmp", "drop-reset", "reset-client", "reset-server", "reset-both", "block", "block-url",
    "block-ip", "block-continue", "block-override", "override-lockout", "sinkhole",
)  # fmt: skip
_OTHERS: Final = (
    "CONFIG", "SYSTEM", "USERID", "HIPMATCH", "HIP-MATCH", "GLOBALPROTECT", "DECRYPTION", "CORRELATION", "AUTH",
    "AUTHENTICATION", "SCTP", "GTP", "IPTAG", "TUNNEL", "START", "END", "AUDIT", "DNS",
)  # fmt: skip
_RECORDS: Final = signature(
    r',"?(?:TRAFFIC"?,"?(?:end|start|drop|deny)|THREAT"?,"?[a-z-]+)"?,|Receive Time.*Source address'
    rf'|^(?:"?\d*"?,)?"?\d{{4}}/\d\d/\d\d [\d:]{{8}}"?,"?\w+"?,"?(?:{"|".join(_OTHERS)})"?,'
    rf"|{SIGNATURE}",
    "PAN-OS records",
)

_HEADER_ROW: Final = "(?:Receive|Generate)d? Time|Time Generated"
_MOST_ABOVE: Final = 50
"""Lines searched for a header row."""
_NEEDED: Final = frozenset({"type", "subtype", "source", "server"})


class PaloAlto(Parser):
    """Read records as sent over syslog, or by the header row of an export, and join them by session."""

    holders = (Sessions,)

    def __init__(self, context: ParseContext) -> None:
        super().__init__(replace(context, day_first=False))  # 9/10/19 is 10 September
        self._heads = HeaderRows(_HEADER_ROW, _header_row)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the header rows of a batch, which give the column positions of the records below."""
        return partial(self._read, *self._heads.take(unwrap(with_columns_of_objects(lines), _START)))

    def _read(self, heads: pl.DataFrame, parts: Sequence[tuple[Columns | None, pl.DataFrame]]) -> pl.DataFrame:
        done = [finished(heads, ignored="header row")]
        rows = [_fields(part, columns) for columns, part in parts]
        return pl.concat([*done, *self._parsed(pl.concat(rows))], how="diagonal") if rows else done[0]

    def _parsed(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        rows = rows.with_columns(_record().alias(RECORD))
        kind, left = pl.col("type"), pl.col(RECORD).is_null()
        is_session, is_other = kind == "TRAFFIC", kind.is_in(["THREAT", *_OTHERS])
        yield finished(rows.filter(left & ~(is_session | is_other).fill_null(value=False)), rejected=_NOT_OURS)
        yield finished(rows.filter(left & is_session & (pl.col("subtype") == "start")), ignored="session start")
        yield finished(rows.filter(left & is_session & pl.col("subtype").ne_missing("start")), ignored="no session end")
        yield finished(rows.filter(left & is_other), ignored="not a traffic or URL record")
        used = rows.filter(~left)
        if used.height:
            yield self._transactions(used.sort("line"))

    def _transactions(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = rows.with_columns(_timestamps(rows, self._context).alias("timestamp"), *_values())
        parsed = normalise(rows, self._context)
        counted = parsed["rejected"].is_null() & rows["session_id"].is_in(["", "0"]).not_().fill_null(value=False)
        key = pl.struct(rows["session_id"], parsed["source_ip"], rows["source_port"]).hash()
        return parsed.with_columns(rows[RECORD], pl.when(counted).then(key).alias(SESSION))


_NOT_OURS: Final = "not a PAN-OS record"


def _header_row(text: str) -> Columns | None:
    places = places_of(text, _NAMES)
    return Columns(places, ",") if _NEEDED.issubset(places) else None


def _fields(rows: pl.DataFrame, columns: Columns | None) -> pl.DataFrame:
    """Return ``line``, ``header`` and the columns of ``_NAMES``, by the syslog positions if there is no header row."""
    if columns:
        return completed(cut_columns(rows, columns.places), _NAMES).select("line", HEADER, *_NAMES)
    rows = _with_first_column(rows)
    names = {place: name for name, place in _PLACES.items()}
    cut = cut_n(rows, "text", ",", [names.get(place, f"_{place}") for place in range(_TAIL)] + ["tail"])
    quote, end = pl.col("text").str.find('"', literal=True), pl.col("text").str.len_bytes()
    early = cut.select((quote < end - pl.col("tail").str.len_bytes().fill_null(0)).fill_null(value=False)).to_series()
    if not early.any():
        return _with_tail(cut)
    quoted = cut_columns(rows.filter(early), _PLACES | {"tail": _TAIL, "sent": _TAIL + 1, "received": _TAIL + 2})
    numbers = quoted.with_columns(
        pl.col("tail").alias("total"), pl.col("tail").alias("url"), _precise(quoted["text"]).alias("precise")
    )
    return pl.concat([_with_tail(cut.filter(~early)), _by_type(numbers)])


def _with_first_column(rows: pl.DataFrame) -> pl.DataFrame:
    is_short = rows["text"].str.contains(f"^{_SHORT}")
    return rows.with_columns(rows["text"].zip_with(~is_short, "," + rows["text"])) if is_short.any() else rows


def _with_tail(rows: pl.DataFrame) -> pl.DataFrame:
    url = pl.col("tail").str.extract(_THREAT_TAIL)
    bare = url.str.strip_prefix('"').str.strip_suffix('"').str.replace_all('""', '"', literal=True)
    precise = _precise(rows["tail"]).alias("precise")
    return _by_type(match(rows, "tail", _TRAFFIC_TAIL).with_columns(bare.alias("url"), precise))


def _precise(texts: pl.Series) -> pl.Series:
    """Return the column with the time's offset, null if there is none; text from visitors is quoted."""
    found = pl.Series([None], dtype=pl.String).new_from_index(0, len(texts))
    at = texts.str.contains(_HAS_PRECISE).fill_null(value=False).arg_true()
    if at.is_empty():
        return found
    return found.scatter(at, texts.gather(at).str.replace_all(_QUOTED, "").str.extract(_PRECISE))


def _by_type(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep the sizes of TRAFFIC and the URLs of THREAT."""
    is_session = pl.col("type") == "TRAFFIC"
    sizes, url = pl.when(is_session).then(pl.col("total", "sent", "received")), pl.when(~is_session).then("url")
    return rows.with_columns(sizes, url.alias("url")).select("line", HEADER, *_NAMES)


def _record() -> pl.Expr:
    kind, subtype = pl.col("type"), pl.col("subtype")
    end = (kind == "TRAFFIC") & subtype.is_in(COUNTED)
    return pl.when(end).then(pl.lit("end")).when((kind == "THREAT") & (subtype == "url")).then(pl.lit("web"))


def _timestamps(rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Return ms: the time with its offset if logged, else the device's local time, else the syslog header's."""
    with_offset = pl.when(pl.col("time").str.contains(_WITH_OFFSET)).then("time")
    times = rows.select(moment(pl.coalesce(with_offset, "precise"), context)).to_series()
    if times.null_count():
        logged = rows.select(pl.coalesce(pl.when(pl.col("time") != "").then("time"), "received_at")).to_series()
        times = times.fill_null(in_zone_of_header(rows, logged, context))
    return else_of_header(times, rows, context)


def _values() -> Iterator[pl.Expr]:
    plain_text = (pl.col("app") == "web-browsing") & (pl.col("port") == "80")
    yield from forwarded_client()
    yield pl.when(plain_text).then(pl.lit("http")).otherwise(pl.lit("https")).alias("scheme")
    yield (blocking(pl.col("action")) | pl.col("subtype").is_in(_UNFINISHED)).alias("blocked")


def blocking(action: pl.Expr) -> pl.Expr:
    """Tell which actions block; releases write ``reset-both`` or ``reset both``, ``drop-icmp`` or ``drop ICMP``."""
    written = action.str.to_lowercase().str.replace_all(" ", "-", literal=True)
    return written.is_in(_BLOCKING).fill_null(value=False)


def _recognise(lines: list[str]) -> tuple[float, str]:
    """Count the lines that are records on their own, or those below a header row with a record type."""
    share, why = _RECORDS(lines)
    for place, line in enumerate(lines[:_MOST_ABOVE] if share < 1 else []):
        columns = _header_row(line) if re.search(_HEADER_ROW, line) else None
        if columns is not None:
            below = pl.DataFrame({"text": lines[place + 1 :]}, schema={"text": pl.String})
            types = cut_columns(below, {"type": columns.places["type"]})["type"]
            hits = 1 + int(types.is_in(["TRAFFIC", "THREAT", *_OTHERS]).sum())
            return max((hits / len(lines), f"{hits} of {len(lines)} lines are an export of PAN-OS"), (share, why))
    return share, why


FORMATS: Final = (
    Format(
        sources=("PALO_ALTO", "PALO_ALTO_SYSLOG"),
        recognise=_recognise,
        open=PaloAlto,
        rank=14,
    ),
)
