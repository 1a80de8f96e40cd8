"""Read connection events of FTD, NGIPS and ASA with FirePOWER (log-formats §5, CISCO_FIREPOWER_V6_SYSLOG).

All other messages of these devices are those of an ASA.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.arranged import Writing, read_unquoted
from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.formats.cisco_asa import CiscoAsa
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.stand_ins import CONNECTION, STANDS_IN, StandIns
from opencasb.discovery.formats.wrappers import unwrap
from opencasb.model.transaction import COLUMNS

_BARE: Final = r"(?:EventPriority: [A-Z][a-z]+, )?DeviceUUID: [0-9a-f-]{1,36}, "
"""How an event begins if a relay mistook its number for a tag and dropped it."""
_EVENT: Final = rf"%(?:FTD|NGIPS)-(?:[A-Za-z]+-)?\d-43000\d\b|\bSFIMS(?:\[\d+\])?:|\b{_BARE}"
_MARKS: Final = ("-43000", "SFIMS", "DeviceUUID: ")
"""Literals, which are cheaper to search for; every event contains one of them."""
_START: Final = rf"%(?:FTD|NGIPS)-|SFIMS|{_BARE}"
_ENDED: Final = ", ConnectionDuration: "
"""Occurs only in ends."""

_WORDS: Final = {
    "source": ("SrcIP",),
    "client": ("OriginalClientIP",),
    "server": ("DstIP",),
    "source_port": ("SrcPort",),
    "server_port": ("DstPort",),
    "sent": ("InitiatorBytes", "Initiator Bytes"),
    "received": ("ResponderBytes", "Responder Bytes"),
    "kind": ("ConnectType",),
    "first": ("FirstPacketSecond",),
}
_ACTIONS: Final = ("AccessControlRuleAction", "Access Control Rule Action", "Firewall Rule Action")
"""The keys of the device, of a management centre, and of Sourcefire."""
_TEXTS: Final = {
    "action": _ACTIONS,
    "user": ("UserName", "User"),
    "host": ("ReferencedHost", "SSLServerName"),
    "url": ("URL",),
}
_WRITING: Final = Writing(",:", ": ", is_quoted=False, key=" [A-Z][A-Za-z_ ]+")
"""The first pair follows a colon."""

_OLD_KIND: Final = r"[ \]]Connection Type: (\w+)"
"""In a management centre's wording it is the first pair, after the policy in brackets."""
_ARROW: Final = r"\{\w+\} (?P<from>[0-9A-Fa-f:.]+?)(?::\d+)? -> (?P<to>[0-9A-Fa-f:.]+?)(?::\d+)?\s*$"
_BLOCK: Final = r"^(?:<br/>)?\s*(?:Block|Drop|Reset|Interactive Block)"
_ASKING: Final = r"^\s*Interactive Block"
"""The action that lets the user go on, of which both start and end may be logged; other blocks are logged once."""
_NO_URL: Final = "Unknown"
_ENDS: Final = r" for [^ ]*?:([^/ ]+)/(\d+).*? to [^ ]*?:([^/ ]+)/(\d+)"
_EVENT_OF: Final = "event_of"
"""UInt64, the connection of an event that reports its bytes or that it was blocked."""
_ASKS: Final = "asks"
"""Whether an event is the start of a connection about which the user is asked."""
_NO_CLIENT: Final = ("::", "0.0.0.0")  # noqa: S104 - an address in a log


class Firepower(CiscoAsa):
    """Read connection events, and all other messages as those of an ASA.

    A device may log a connection both as an event and as a message; the message is then not counted.
    """

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._messages, self._questions = StandIns(), StandIns()
        self._has_events = self._has_messages = self._has_questions = False

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        text = pl.col("text")
        if not lines.select(text.str.contains_any(_MARKS).any()).item():
            return super().read(lines)
        event = lines.select(text.str.contains(_EVENT).fill_null(value=False)).to_series()
        others = super().read(lines.filter(~event))
        return pl.concat([others, self._events(lines.filter(event))], how="diagonal")

    def end(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Once both kinds have been seen, hold back connection ends that an event may also report."""
        self._has_events = self._has_events or _EVENT_OF in rows.columns
        self._has_messages = self._has_messages or "text" in rows.columns
        ready = super().end(rows.drop(_EVENT_OF, _ASKS, strict=False))
        return self._answered(rows, self._without_messages(rows, ready).select(COLUMNS))

    def _without_messages(self, rows: pl.DataFrame, ready: pl.DataFrame) -> pl.DataFrame:
        if not (self._has_events and self._has_messages):
            return ready
        nothing = pl.lit(None, pl.UInt64)
        event = pl.col(_EVENT_OF) if _EVENT_OF in rows.columns else nothing
        message = _connection_of_message(pl.col("text")) if "text" in rows.columns else nothing
        connection, stands_in = pl.coalesce(event, message).alias(CONNECTION), message.is_not_null().alias(STANDS_IN)
        return self._messages.feed(ready.join(rows.select("line", connection, stands_in), on="line", how="left"))

    def _answered(self, rows: pl.DataFrame, ready: pl.DataFrame) -> pl.DataFrame:
        """Hold back the starts about which users are asked, once there is one, until their end or that of the log."""
        self._has_questions = self._has_questions or (_ASKS in rows.columns and bool(rows[_ASKS].any()))
        if not self._has_questions or _ASKS not in rows.columns:
            return ready
        told = rows.select("line", pl.col(_EVENT_OF).alias(CONNECTION), pl.col(_ASKS).alias(STANDS_IN))
        return self._questions.feed(ready.join(told, on="line", how="left")).select(COLUMNS)

    def finish(self) -> pl.DataFrame:
        """Return the connection ends that no event reported, and the starts without an end."""
        return pl.concat([super().finish(), self._messages.finish(), self._questions.finish()])

    def _events(self, lines: pl.DataFrame) -> pl.DataFrame:
        rows = unwrap(lines, _START)
        rows = rows.with_columns(
            pl.col("text").str.extract(r"-43000(\d)").alias("id"),
            pl.col("text").str.contains_any(list(_ACTIONS)).alias("is_connection"),
        )
        counted = pl.col("is_connection") & (pl.col("id").is_null() | pl.col("id").is_in(["2", "3"]))
        left = finished(rows.filter(~counted), ignored="not a connection event")
        rows = _fields(rows.filter(counted)).with_columns(_connection_of_event()).with_columns(_values())
        times = timestamps(rows, pl.col("first"), self._context)
        parsed = normalise(rows.with_columns(times.alias("timestamp")), self._context)
        counts = parsed["ignored"].is_null() & parsed["rejected"].is_null()
        parsed = parsed.with_columns(pl.when(counts).then(rows[_EVENT_OF]), rows[_ASKS])
        return pl.concat([left, parsed], how="diagonal")


def _connection_of_event() -> pl.Expr:
    ends = [pl.col(end) + "/" + pl.col(f"{end}_port") for end in ("source", "server")]
    return _between(*ends).alias(_EVENT_OF)


def _connection_of_message(text: pl.Expr) -> pl.Expr:
    ends = text.str.extract_groups(_ENDS).struct
    return _between(ends[0] + "/" + ends[1], ends[2] + "/" + ends[3])


def _between(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    """Return the same number for both directions."""
    key = pl.struct(pl.min_horizontal(first, second), pl.max_horizontal(first, second).alias("other")).hash()
    return pl.when(first.is_not_null() & second.is_not_null()).then(key)


def _fields(rows: pl.DataFrame) -> pl.DataFrame:
    keys = [f" {key}" for keys in (*_WORDS.values(), *_TEXTS.values()) for key in keys]
    read, others = read_unquoted(rows, keys, _WRITING)
    words = [pl.coalesce(_first_word(read[f" {key}"]) for key in keys).alias(name) for name, keys in _WORDS.items()]
    texts = [pl.coalesce(f" {key}" for key in keys).alias(name) for name, keys in _TEXTS.items()]
    found = read.select(*rows.columns, *words, *texts)
    found = pl.concat([found, _searched(others)]) if others.height else found
    return _old_wording(found.with_columns(pl.col("url").str.strip_chars_end()))  # it ends the line


def _first_word(values: pl.Series) -> pl.Series:
    together = values.str.join()  # searching one text takes a tenth of the time of searching many
    return values.str.extract("^[^ ]*", 0) if together.str.contains(" ", literal=True).any() else values


def _searched(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the fields of lines in any arrangement."""
    text = pl.col("text")
    every = [key for keys in (*_WORDS.values(), *_TEXTS.values()) for key in keys]
    known = rows.select(text.str.contains(f" {key}: ", literal=True).any().alias(key) for key in every).row(
        0, named=True
    )
    ends = [(_WORDS, "([^ ,]+)"), (_TEXTS, "(.*?)(?:, [A-Z][A-Za-z_ ]+: |$)")]
    return rows.with_columns(
        pl.coalesce(
            pl.lit(None, pl.String), *(text.str.extract(rf"[:,] {key}: {value}") for key in keys if known[key])
        ).alias(name)
        for fields, value in ends
        for name, keys in fields.items()
    )


def _old_wording(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``old_kind``, and the addresses if they follow the pairs; clear a URL given as unknown."""
    text = pl.col("text")
    if not rows["source"].null_count():
        return rows.with_columns(pl.lit(None, pl.String).alias("old_kind"))
    arrow = text.str.extract_groups(_ARROW).struct
    return rows.with_columns(
        text.str.extract(_OLD_KIND).alias("old_kind"),
        pl.coalesce("source", arrow.field("from")).alias("source"),
        pl.coalesce("server", arrow.field("to")).alias("server"),
        pl.when(pl.col("url") != _NO_URL).then("url").alias("url"),
    )


def _values() -> list[pl.Expr]:
    blocked = pl.col("action").str.contains(_BLOCK).fill_null(value=False)
    bare = pl.col("text").str.contains(f"^{_BARE}") & ~pl.col("text").str.contains(_ENDED, literal=True)
    start = (pl.col("id") == "2") | (pl.coalesce("kind", "old_kind") == "Start") | bare
    known = pl.when(~pl.col("client").is_in(_NO_CLIENT)).then("client")
    whole = pl.col("url").str.contains("://", literal=True)
    return [
        pl.when(start.fill_null(value=False) & ~blocked).then(pl.lit("connection start")).alias("ignored"),
        blocked.alias("blocked"),
        (start & pl.col("action").str.contains(_ASKING)).fill_null(value=False).alias(_ASKS),
        pl.coalesce(known, "source").alias("source"),
        pl.when(whole)
        .then(None)
        .otherwise(pl.coalesce("host", pl.col("url").str.extract(r"^([^/]+)")))
        .alias("authority"),
    ]


FORMATS: Final = (
    Format(
        ("CISCO_FIREPOWER_V6_SYSLOG",),
        signature(rf"%(?:FTD|NGIPS)-(?:\w+-)?\d-\d{{6}}|^{_BARE}", "Firepower messages"),
        Firepower,
        rank=1,
    ),
    Format(("CISCO_ASA_FIREPOWER_SYSLOG",), signature(r"\bSFIMS(?:\[\d+\])?:", "SFIMS messages"), Firepower, rank=2),
)
