"""Read Clavister NetWall: connections, requests and drops (log-formats §5, CLAVISTER_SYSLOG)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser
from opencasb.discovery.formats.keyvalue import Field, Pairs, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.wrappers import header_time, unwrap
from opencasb.model.transaction import COLUMNS

_TIME: Final = r"\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\]"
_START: Final = rf"(?:{_TIME} (?:\w+: )*(?:prio=\d+ )?)?id=\d+ (?:rev=\d+ )?event="
_HEAD: Final = r"\bid=\d+ (?:rev=\d+ )?event=\w+(?: action=\w+)?"
_ACTION: Final = r"\bevent=\w+ action=\w+"
_CLOSES: Final = ("conn_close", "conn_close_natsat")
"""The second is for a connection with translated addresses."""

_DROP: Final = r"(?i)^(?:drop|reject|block|deny)"
_CONNECTION: Final = "][conn ["
_MOST: Final = 200_000
"""Ended connections, and ended applications without one, that are remembered; beyond that the oldest are forgotten."""

_UNUSED: Final = "not a connection or request event"
_COUNTED_ELSEWHERE: Final = "counted with its connection"
_PAIRS: Final = Pairs(r" \[\]")
_ENDS: Final = {"source": "srcip", "server": "destip", "source_port": "srcport", "server_port": "destport",
                "protocol": "ipproto"}  # fmt: skip
"""Field → key of a packet that belongs to no connection; a connection's keys begin with ``conn``."""

_IN_CONNECTION: Final = {name: word(f"conn{key}") for name, key in _ENDS.items()}
_ANYWHERE: Final = {name: word(f"conn{key}", key) for name, key in _ENDS.items()}

_UNITS: Final = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


class Clavister(Parser):
    """Read events; an application's end counts only if the end of its connection is not logged."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._sessions = Sessions()
        self._closed: pl.DataFrame | None = None
        self._waiting: pl.DataFrame | None = None

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = unwrap(lines, _START)
        rows = rows.with_columns(_head(rows["text"]))
        event = pl.col("event")
        dropped = pl.col("verdict").str.contains(_DROP).fill_null(value=False)
        dropped = dropped | event.is_in(["ruleset_drop_packet", "no_new_conn_for_this_packet"])
        counted = event.is_not_null() & (event.is_in([*_CLOSES, "request_url", "application_end"]) | dropped)
        done = [
            finished(rows.filter(event.is_null()), rejected="not a Clavister event"),
            finished(rows.filter(event.is_not_null() & ~counted), ignored=_UNUSED),
        ]
        rows = _fields(rows.filter(counted).with_columns(dropped.alias("blocked")))
        rows = rows.with_columns(_timestamps(rows, self._context).alias("timestamp"))
        parsed = normalise(rows, self._context).with_columns(rows[RECORD], rows["application"])
        key = pl.struct(rows["source"], rows["source_port"], rows["server"], rows["server_port"], rows["protocol"])
        known = rows["source_port"].is_not_null() & parsed["ignored"].is_null() & parsed["rejected"].is_null()
        parsed = parsed.with_columns(pl.when(known).then(rows.select(key.hash()).to_series()).alias(SESSION))
        return pl.concat([*done, parsed], how="diagonal")

    def end(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Join requests with their connections, and ignore the ends of applications whose connections ended."""
        if "application" not in rows.columns:
            return rows
        closed = rows.filter((pl.col(RECORD) == "end") & pl.col(SESSION).is_not_null()).select(SESSION)
        known = closed if self._closed is None else pl.concat([self._closed, closed])
        self._closed = known.unique(SESSION, keep="last", maintain_order=True).tail(_MOST)
        is_ending = rows.select(
            (pl.col("application") & pl.col(SESSION).is_not_null()).fill_null(value=False)
        ).to_series()
        waiting = (
            rows.filter(is_ending)
            if self._waiting is None
            else pl.concat([self._waiting, rows.filter(is_ending)], how="diagonal")
        )
        told = waiting.join(self._closed, on=SESSION, how="semi").with_columns(ignored=pl.lit(_COUNTED_ELSEWHERE))
        waiting = waiting.join(self._closed, on=SESSION, how="anti", maintain_order="left")
        excess = max(waiting.height - _MOST, 0)
        self._waiting = waiting.slice(excess)
        done = [told.select(COLUMNS), waiting.head(excess).select(COLUMNS)]
        return pl.concat([self._sessions.feed(rows.filter(~is_ending).drop("application")), *done])

    def finish(self) -> pl.DataFrame:
        """Return the requests and applications whose connection never ended."""
        rest, self._waiting = self._waiting, None
        return pl.concat([self._sessions.finish(), *([] if rest is None else [rest.select(COLUMNS)])])


def _head(texts: pl.Series) -> pl.DataFrame:
    """Return ``event``, null if there is none, and ``verdict``, which usually follows it directly."""
    found = texts.str.extract(_HEAD, 0).str.splitn("event=", 2).struct[1].str.splitn(" action=", 2).struct.unnest()
    verdict = found["field_1"]
    elsewhere = verdict.is_null().arg_true()
    if not elsewhere.is_empty():
        other = texts.gather(elsewhere).str.extract(_ACTION, 0).str.splitn("=", 3).struct[2]
        verdict = verdict.scatter(elsewhere, other)
    return pl.DataFrame({"event": found["field_0"], "verdict": verdict})


def _fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Return RAW columns, reading only a connection's keys where it ends the line, in two thirds of the time."""
    # Everything a visitor can write precedes the last group of the connection.
    rows = rows.with_columns(pl.col("text").str.split(_CONNECTION).list.last().alias("connection"))
    has_group = rows["text"].str.contains(_CONNECTION, literal=True)
    connected = has_group & rows["connection"].str.contains("connsrcip=", literal=True)
    parts = [
        _fields_of(rows.filter(connected), _IN_CONNECTION),
        _fields_of(rows.filter(~connected), _ANYWHERE, guarded=True),
    ]
    return pl.concat(parts)


def _fields_of(rows: pl.DataFrame, keys: Mapping[str, Field], *, guarded: bool = False) -> pl.DataFrame:
    text = pl.col("text")
    event, blocked = pl.col("event"), pl.col("blocked")
    is_end = event.is_in(_CLOSES)
    sizes = pl.when(event.is_in([*_CLOSES, "application_end"]) & ~blocked)
    url = pl.coalesce(text.str.extract(f" url={form}") for form in ('"([^"]*)"', '([^" ][^ ]*)'))
    ends = _PAIRS.read(rows.select(pl.col("connection").alias("text")), keys, guarded=guarded)
    rows = rows.hstack(ends.select(*_ENDS))
    secure = pl.col("server_port") == "443"
    aimless = pl.col("source").is_null() | pl.col("server").is_null()
    return rows.with_columns(
        _users(rows).alias("user"),
        sizes.then(_size("origsent")).alias("sent"),
        sizes.then(_size("termsent")).alias("received"),
        pl.when(event == "request_url").then(url).alias("url"),
        pl.when(secure.fill_null(value=False)).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme"),
        (event == "application_end").alias("application"),
        pl.when(is_end)
        .then(pl.lit("end"))
        .when(event.is_in(["request_url", "application_end"]))
        .then(pl.lit("web"))
        .alias(RECORD),
        pl.when(blocked & aimless).then(pl.lit(_UNUSED)).alias("ignored"),
    )


def _timestamps(rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Return ms: the syslog header's time, else the one that the firewall writes before the event."""
    times = rows.select(header_time(context)).to_series()
    if times.null_count():
        written = pl.col("text").str.extract(f"^{_TIME}", 0).str.strip_chars("[]")
        times = times.fill_null(rows.select(moment(written, context)).to_series())
    return times


def _users(rows: pl.DataFrame) -> pl.Series:
    keys = [key for key in ("username", "connsrcuser") if rows["text"].str.contains(f"{key}=", literal=True).any()]
    found = [pl.col("text").str.extract(rf'[ \[]{key}=("[^"]+"|[^ "\]]+)').str.strip_chars('"') for key in keys]
    return rows.with_columns(pl.coalesce(pl.lit(None, pl.String), *found).alias("user"))["user"]


def _size(key: str) -> pl.Expr:
    """Return ``59``, ``59.0`` or ``4.52 K`` as text of whole bytes."""
    # Extracting the whole match takes half the time of extracting its groups.
    found = pl.col("connection").str.extract(rf"[ \[]{key}=\d+(?:\.\d+)?(?: [KMGT]\b)?", 0)
    parts = found.str.splitn("=", 2).struct[1].str.splitn(" ", 2).struct
    factor = parts[1].replace_strict(_UNITS, default=1, return_dtype=pl.Int64).fill_null(1)
    return (parts[0].cast(pl.Float64, strict=False) * factor).round().cast(pl.Int64, strict=False).cast(pl.String)


FORMATS: Final = (
    Format(
        ("CLAVISTER_SYSLOG",),
        signature(
            r"\bid=\d+ event=\w+ .*(?:\[conn |\[rules |\[message=)|\bid=\d+ event=\w+ \["
            r"|\bprio=\d+ id=\d+ rev=\d+ event=\w",
            "Clavister events",
        ),
        Clavister,
        rank=23,
    ),
)
