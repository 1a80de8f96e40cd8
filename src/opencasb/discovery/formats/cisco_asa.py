"""Read Cisco ASA, PIX and FWSM: connection, access and URL messages (log-formats §5, CISCO_ASA)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from opencasb.discovery.formats.asa_connections import ENDS, STARTS, ended, started
from opencasb.discovery.formats.asa_endpoints import PREFIXED, address, user
from opencasb.discovery.formats.base import Format, ParseContext, Parser, nothing
from opencasb.discovery.formats.connections import CONNECTION, OPENED_BY_FIRST, Connections
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.values import map_distinct
from opencasb.discovery.formats.wrappers import HEADER, header_time, unwrap
from opencasb.model.transaction import COLUMNS

_START: Final = "%(?:ASA|PIX|FWSM|FTD)-"
_ID: Final = "%(?:ASA|PIX|FWSM|FTD)-(?:[A-Za-z]+-)?[0-7]-([0-9]{6})"
_UNWRAPPED_HEADER: Final = "^([^%]{1,200})%"

_SOURCE, _DESTINATION, _NAMED = address("source"), address("destination"), user("user")


@dataclass(frozen=True, slots=True)
class Message:
    """Messages that are transactions on their own.

    The groups of ``pattern`` are ``source``, ``destination`` and any of ``user``, ``url``, ``count``, ``protocol``,
    ``verdict``, and ``host``, the name by which the destination was known.
    """

    ids: tuple[str, ...]
    pattern: str
    blocked: bool = True


MESSAGES: Final = (
    Message(("106001", "106006", "106007"), rf"from {_SOURCE}/\w+{_NAMED} to {_DESTINATION}/\w+"),
    Message(
        ("106023",),
        rf"Deny (?P<protocol>(?:protocol )?\S+) src [^:]+:{PREFIXED} ?{_SOURCE}(?:/\w+)?{_NAMED} dst [^:]+:{PREFIXED}"
        rf" ?{_DESTINATION}",
    ),
    Message(
        ("106100",),
        rf"access-list \S+ (?P<verdict>\S+) (?P<protocol>\S+) [^/ ]+/{_SOURCE}\([^)]*\){_NAMED} *-> *"
        rf"[^/ ]+/{_DESTINATION}\([^)]*\).*? hit-cnt (?P<count>[0-9]+)",
    ),
    Message(("710003",), rf"access denied by ACL from {_SOURCE}/\w+{_NAMED} to [^:]+:{_DESTINATION}/"),
    Message(
        ("338",),
        rf"dropped (?:\S+ ){{1,2}}(?P<protocol>\w+) traffic from [^: ]+:{_SOURCE}/\w+.*? to "
        rf"[^: ]+:{_DESTINATION}/\w+"
        r"(?:.*, destination (?:\S+ ){1,3}resolved from \S+ list: (?P<host>[^,/ ]+)(?:,|$))?",
    ),
    Message(
        ("304001",),
        rf": (?:(?P<owner>.*)@)?{_SOURCE}{_NAMED} Accessed (?:JAVA )?URL "
        r"(?P<destination>[^/ ]+?):(?P<url>(?:[A-Za-z]+:/)?/.*?) *$",
        blocked=False,
    ),
    Message(("304002",), rf"Access denied URL (?P<url>\S.*) SRC {_SOURCE}{_NAMED} DEST {_DESTINATION}"),
)
"""Of the many 338nnn messages, only those reporting a drop are transactions."""

_NUMERIC: Final = r"^[0-9.]+$|:"
_ICMP: Final = r"^(?i:icmp6?|1|58|protocol (?:1|58))$"
_ASSUMED: Final = "assumed"


class CiscoAsa(Parser):
    """Read the messages; remember the direction of open connections."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._connections = Connections()

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch, deciding who opened a connection by the rules, as if its start had not been seen.

        Starts and ends have CONNECTION and OPENED_BY_FIRST; ends also have the text they were read from.
        """
        rows = unwrap(lines, _START)
        rows = rows.with_columns(pl.col("text").str.extract(_ID).alias("id"))
        rows = rows.with_columns(_kind().alias("kind"))
        kinds = rows.partition_by("kind", as_dict=True, include_key=False)
        parts = [self._of_kind(str(kind), part) for (kind,), part in kinds.items()]
        return pl.concat(parts, how="diagonal") if parts else nothing()

    def end(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Remember the starts, and reread the ends whose start named the other endpoint as the client."""
        if CONNECTION not in rows.columns:
            return rows
        told = rows.filter(pl.col(CONNECTION).is_not_null())
        is_end = told["text"].is_not_null()
        self._connections.opened(told.filter(~is_end).select(CONNECTION, OPENED_BY_FIRST))
        ends = told.filter(is_end).select("line", "text", HEADER, CONNECTION, pl.col(OPENED_BY_FIRST).alias(_ASSUMED))
        known = self._connections.closed(ends)
        turned = known.filter(pl.col(OPENED_BY_FIRST) != pl.col(_ASSUMED))
        if turned.is_empty():
            return rows.select(COLUMNS)
        again = self._ended(turned.select("line", "text", HEADER, OPENED_BY_FIRST))
        return pl.concat([rows.join(again, on="line", how="anti"), again], how="diagonal").select(COLUMNS)

    def _of_kind(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        if kind in _REASONS:
            return _unused(kind, rows)
        if kind == "start":
            return started(rows)
        return self._ended(rows) if kind == "end" else self._transactions(_fields(rows, MESSAGES[int(kind)]))

    def _ended(self, rows: pl.DataFrame) -> pl.DataFrame:
        ends = ended(rows).with_columns(*_destination(), _unreadable())
        return self._transactions(ends).hstack(ends.select("text", HEADER, CONNECTION, OPENED_BY_FIRST).get_columns())

    def _transactions(self, rows: pl.DataFrame) -> pl.DataFrame:
        times = map_distinct(_headers(rows), lambda texts: texts.to_frame(HEADER).select(header_time(self._context)))
        rows = rows.with_columns(times.to_series().alias("timestamp"))
        return normalise(rows, self._context, named_clients=True)


def _kind() -> pl.Expr:
    """Return the rule for a message: a reason to skip it, ``start``, ``end``, or an index into MESSAGES."""
    kinds = dict.fromkeys(STARTS, "start") | dict.fromkeys(ENDS, "end")
    kinds |= {number: str(place) for place, message in enumerate(MESSAGES) for number in message.ids}
    number = pl.col("id")
    filtered = number.str.starts_with("338") & pl.col("text").str.contains(" dropped ", literal=True)
    known = pl.when(filtered).then(pl.lit("338")).otherwise(number).replace_strict(kinds, default="other")
    return pl.when(number.is_null()).then(pl.lit("none")).otherwise(known)


_REASONS: Final = {"none": "not an ASA message", "other": "not a connection message"}


def _unused(kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    if kind == "none":
        return finished(rows, rejected=_REASONS[kind])
    return finished(rows, ignored=_REASONS[kind])


def _headers(rows: pl.DataFrame) -> pl.Series:
    """Return what precedes the message; EMBLEM lines begin with a colon, as no other wrapper does."""
    if not rows[HEADER].null_count():
        return rows[HEADER]
    return rows.select(pl.coalesce(HEADER, pl.col("text").str.extract(_UNWRAPPED_HEADER))).to_series()


def _fields(rows: pl.DataFrame, message: Message) -> pl.DataFrame:
    """Return RAW columns of messages of one kind, and why any is skipped."""
    rows = rows.with_columns(pl.col("text").str.extract_groups(message.pattern).struct.unnest())
    rows = rows.with_columns(*_destination(), _unreadable(), blocked=pl.lit(message.blocked))
    if "host" in rows.columns:
        rows = rows.with_columns(pl.coalesce("host", "authority").alias("authority"))
    if "owner" in rows.columns:
        rows = rows.with_columns(pl.coalesce("user", "owner").alias("user"))
    if "url" in rows.columns:
        is_path = pl.col("url").str.starts_with("/")
        rows = rows.with_columns(
            pl.when(is_path).then("url").alias("path"),
            pl.when(is_path).then("destination").alias("authority"),
            pl.when(~is_path).then("url").alias("url"),
        )
    return rows.with_columns(_left(rows.columns).alias("ignored"))


def _left(columns: list[str]) -> pl.Expr:
    """Return why a message of a counted kind is not a transaction."""
    left = pl.lit(None, pl.String)
    if "verdict" in columns:
        left = pl.when(pl.col("verdict") != "denied").then(pl.lit("permitted")).otherwise(left)
    if "protocol" in columns:
        left = pl.when(pl.col("protocol").str.contains(_ICMP)).then(pl.lit("ICMP")).otherwise(left)
    return left


def _destination() -> tuple[pl.Expr, pl.Expr]:
    """Return the destination as ``server``, or as ``authority`` if the device writes a name for the address."""
    destination = pl.col("destination")
    is_address = destination.str.contains(_NUMERIC)
    return pl.when(is_address).then(destination).alias("server"), pl.when(~is_address).then(destination).alias(
        "authority"
    )


def _unreadable() -> pl.Expr:
    return pl.when(pl.col("source").is_null()).then(pl.lit("message in an unknown form")).alias("rejected")


def _with_events(context: ParseContext) -> Parser:
    """Return a parser that also reads the connection events of FTD devices, which write to the same collectors."""
    from opencasb.discovery.formats.cisco_firepower import Firepower

    return Firepower(context)


FORMATS: Final = (
    Format(("CISCO_FWSM", "CISCO_FWSM_SYSLOG"), signature(r"%FWSM-\d-\d{6}", "FWSM messages"), _with_events, rank=3),
    Format(
        ("CISCO_ASA", "CISCO_ASA_SYSLOG"),
        signature(r"%(?:ASA|PIX)-(?:\w+-)?\d-\d{6}", "ASA messages"),
        _with_events,
        rank=4,
    ),
)
