"""Cisco ASA, PIX and FWSM: connection, access and URL messages (log-formats §5, CISCO_ASA)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work, nothing
from opencasb.discovery.formats.connections import CONNECTION, OPENED_BY_FIRST, Connections, client_is_first
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.values import by_distinct
from opencasb.discovery.formats.wrappers import HEADER, header_time, unwrap

if TYPE_CHECKING:
    import polars as pl

_START: Final = "%(?:ASA|PIX|FWSM|FTD)-"
_ID: Final = "%(?:ASA|PIX|FWSM|FTD)-(?:[A-Za-z]+-)?[0-7]-([0-9]{6})"
_UNWRAPPED_HEADER: Final = "^([^%]{1,200})%"

_ADDRESS: Final = r"[^/()\[\]<> ]+"
_STRAY: Final = r"[\[<]*"
_PREFIXED: Final = r"(?:[^:/() ]*[g-zG-Z_][^:/() ]*:)?"
"""The rest of an interface's name that has a colon, as in ``v1:outside:10.0.0.1``; no part of an address looks so."""


def _address(group: str) -> str:
    return rf"{_STRAY}(?P<{group}>{_ADDRESS})[\]>]*"


_TAG: Final = r"[0-9]+(?::[^)]*)?"
"""A security group: its number, and its name."""


def _user(group: str) -> str:
    return rf"(?: ?\((?:{_TAG}|(?P<{group}>[^)]*?)(?:, ?{_TAG})?)\))?"


def _endpoint(group: str) -> str:
    address, user = _address(f"{group}_address"), _user(f"{group}_user")
    return rf"(?P<{group}_interface>[^:]+):{_PREFIXED}{address}/(?P<{group}_port>[0-9]+){user}"


def _odd_endpoint(group: str) -> str:
    """Return the pattern of an endpoint whose user stands without parentheses."""
    return _endpoint(group).replace(_user(f"{group}_user"), rf"(?: \(?(?P<{group}_user>[^() ]+)\)?)?")


_SOURCE, _DESTINATION, _NAMED = _address("source"), _address("destination"), _user("user")


@dataclass(frozen=True, slots=True)
class Message:
    """Messages that are transactions by themselves.

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
        rf"Deny (?P<protocol>(?:protocol )?\S+) src [^:]+:{_PREFIXED}{_SOURCE}(?:/\w+)?{_NAMED} dst [^:]+:{_PREFIXED}"
        rf"{_DESTINATION}",
    ),
    Message(
        ("106100",),
        rf"access-list \S+ (?P<verdict>\S+) (?P<protocol>\S+) [^/ ]+/{_SOURCE}\([^)]*\){_NAMED} *-> *"
        rf"[^/ ]+/{_DESTINATION}\([^)]*\).*? hit-cnt (?P<count>[0-9]+)",
    ),
    Message(("710003",), rf"access denied by ACL from {_SOURCE}/\w+{_NAMED} to [^:]+:{_DESTINATION}/"),
    Message(
        ("338",),
        rf"dropped \S+ (?P<protocol>\w+) traffic from [^: ]+:{_SOURCE}/\w+.*? to "
        rf"[^: ]+:{_DESTINATION}/\w+(?:.*, destination \S+ resolved from \S+ list: (?P<host>[^,/ ]+)(?:,|$))?",
    ),
    Message(
        ("304001",),
        rf": (?:(?P<owner>.*)@)?{_SOURCE}{_NAMED} Accessed (?:JAVA )?URL "
        r"(?P<destination>[^/ ]+?):(?P<url>(?:[A-Za-z]+:/)?/.*)$",
        blocked=False,
    ),
    Message(("304002",), rf"Access denied URL (?P<url>\S.*) SRC {_SOURCE}{_NAMED} DEST {_DESTINATION}"),
)
"""Of the many 338nnn those are transactions that say that something was dropped."""

_BUILT: Final = ("302013", "302015")
_BUILT_PATTERN: Final = (
    rf"Built (?P<way>in|out)bound \w+ connection (?P<number>[0-9]+) for [^:]+:{_address('first_address')}/"
    r"(?P<first_port>[0-9]+)"
)
_ENDED: Final = ("302014", "302016")


def _ended_pattern(first: str, second: str) -> str:
    return (
        rf"Teardown \w+ connection (?P<number>[0-9]+) for {first} to {second}"
        r" duration [0-9:]+ bytes (?P<total>[0-9]+)(?:[^(]*\((?P<owner>[^()]*)\))?"
    )


_ENDED_PATTERN: Final = _ended_pattern(_endpoint("first"), _endpoint("second"))
_ODDLY_ENDED_PATTERN: Final = _ended_pattern(_odd_endpoint("first"), _odd_endpoint("second"))

_NUMERIC: Final = r"^[0-9.]+$|:"
_ICMP: Final = r"^(?i:icmp6?|1|58|protocol (?:1|58))$"


class CiscoAsa(Parser):
    """Reads the messages; remembers the directions of open connections."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._connections = Connections()

    def begin(self, lines: pl.DataFrame) -> Work:
        """Parse a batch here and now: what ends a connection needs what opened it."""
        rows = self.read(lines)
        return lambda: rows

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        import polars as pl

        rows = unwrap(lines, _START)
        rows = rows.with_columns(pl.col("text").str.extract(_ID).alias("id"))
        rows = rows.with_columns(_kind().alias("kind"))
        kinds = {kind: part.drop("kind") for (kind,), part in rows.partition_by("kind", as_dict=True).items()}
        parts = [self._built(kinds.pop("built"))] if "built" in kinds else []
        for kind, part in kinds.items():
            parts.append(_unused(str(kind), part) if kind in _REASONS else self._transactions(str(kind), part))
        return pl.concat(parts) if parts else nothing()

    def _built(self, rows: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        built = rows.select("text", pl.col("text").str.extract_groups(_BUILT_PATTERN).struct.unnest())
        by_first = (pl.col("way") == "in") | _is_fwsm()
        self._connections.opened(built.select(_connection(), by_first.alias(OPENED_BY_FIRST)))
        return finished(rows, ignored="connection start")

    def _transactions(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        rows = self._ended(rows) if kind == "ended" else _fields(rows, MESSAGES[int(kind)])
        times = by_distinct(_headers(rows), lambda texts: texts.to_frame(HEADER).select(header_time(self._context)))
        return normalise(rows.with_columns(times.to_series().alias("timestamp")), self._context)

    def _ended(self, rows: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        rows = _of_either(rows, _ENDED_PATTERN, _ODDLY_ENDED_PATTERN)
        rows = self._connections.closed(rows.with_columns(_connection()))
        rows = rows.with_columns(pl.col("first_port", "second_port").cast(pl.Int64, strict=False))
        rows = rows.with_columns(client_is_first(first_endpoint_opens=_is_fwsm()).alias("forth"))
        ends = {
            "source": _either("first_address", "second_address"),
            "destination": _either("second_address", "first_address"),
            "user": pl.coalesce(_either("first_user", "second_user"), "owner"),
        }
        return rows.with_columns(**ends).with_columns(*_destination(), _unreadable())


def _of_either(rows: pl.DataFrame, usual: str, odd: str) -> pl.DataFrame:
    """Add the groups of the usual pattern, in lines that do not fit it those of the odd one, which has the same."""
    import polars as pl

    found = rows.select(pl.col("text").str.extract_groups(usual).struct.unnest())
    unread = found["number"].is_null()
    if unread.any():
        others = rows.filter(unread).select(pl.col("text").str.extract_groups(odd).struct.unnest())
        at = unread.arg_true()
        found = found.with_columns(found[name].scatter(at, others[name]) for name in found.columns)
    return rows.hstack(found.get_columns())


def _kind() -> pl.Expr:
    """Return the key of the rule for a message: a reason to leave it, ``built``, ``ended``, or a place in MESSAGES."""
    import polars as pl

    kinds = dict.fromkeys(_BUILT, "built") | dict.fromkeys(_ENDED, "ended")
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
    """Return what stands before the message; EMBLEM lines begin with a colon, which no other wrapper does."""
    import polars as pl

    if not rows[HEADER].null_count():
        return rows[HEADER]
    return rows.select(pl.coalesce(HEADER, pl.col("text").str.extract(_UNWRAPPED_HEADER))).to_series()


def _fields(rows: pl.DataFrame, message: Message) -> pl.DataFrame:
    """Return RAW columns of messages of one kind, and why one is left."""
    import polars as pl

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
    """Return why a message of a counted kind is no transaction."""
    import polars as pl

    left = pl.lit(None, pl.String)
    if "verdict" in columns:
        left = pl.when(pl.col("verdict") != "denied").then(pl.lit("permitted")).otherwise(left)
    if "protocol" in columns:
        left = pl.when(pl.col("protocol").str.contains(_ICMP)).then(pl.lit("ICMP")).otherwise(left)
    return left


def _destination() -> tuple[pl.Expr, pl.Expr]:
    """Return the destination as ``server``, or as ``authority`` where the device writes a name for the address."""
    import polars as pl

    destination = pl.col("destination")
    is_address = destination.str.contains(_NUMERIC)
    return pl.when(is_address).then(destination).alias("server"), pl.when(~is_address).then(destination).alias(
        "authority"
    )


def _unreadable() -> pl.Expr:
    import polars as pl

    return pl.when(pl.col("source").is_null()).then(pl.lit("message in an unknown form")).alias("rejected")


def _connection() -> pl.Expr:
    """Return the key of a connection: the first endpoint keeps devices apart that count from the same number."""
    import polars as pl

    return pl.struct("number", "first_address", "first_port").hash().alias(CONNECTION)


def _is_fwsm() -> pl.Expr:
    import polars as pl

    return pl.col("text").str.starts_with("%FWSM")


def _either(forth: str, back: str) -> pl.Expr:
    import polars as pl

    return pl.when("forth").then(forth).otherwise(back)


def _with_events(context: ParseContext) -> Parser:
    """Return a parser that also reads the connection events of FTD devices, which write to the same collectors."""
    from opencasb.discovery.formats.cisco_firepower import Firepower

    return Firepower(context)


FORMATS: Final = (
    Format(("CISCO_FWSM", "CISCO_FWSM_SYSLOG"), signature(r"%FWSM-\d-\d{6}", "FWSM messages"), CiscoAsa, rank=3),
    Format(
        ("CISCO_ASA", "CISCO_ASA_SYSLOG"),
        signature(r"%(?:ASA|PIX)-(?:\w+-)?\d-\d{6}", "ASA messages"),
        _with_events,
        rank=4,
    ),
)
