"""Read Common Event Format of any vendor (log-formats §5, GENERIC_CEF)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser
from opencasb.discovery.formats.cef_directions import with_directions
from opencasb.discovery.formats.cef_fields import extension
from opencasb.discovery.formats.cef_fortigate import with_own_keys
from opencasb.discovery.formats.cef_records import BLOCK_REASON, any_known, left, record
from opencasb.discovery.formats.cef_sessions import with_session
from opencasb.discovery.formats.cef_status import challenges
from opencasb.discovery.formats.fields import cut_n
from opencasb.discovery.formats.forwarded import MARK, forwarded_client
from opencasb.discovery.formats.normalise import normalise
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.starts import Starts
from opencasb.discovery.formats.times import moment
from opencasb.discovery.formats.values import NAME, NOT_NEGATED
from opencasb.discovery.formats.wrappers import header_time, unwrap

START: Final = r"CEF: ?\d{1,2}\|"
LOST_PREFIX: Final = r"^\s*\d{1,2}\|[^|=]+\|[^|=]*\|[^|=]*\|(?:[^|]*\|){1,5}\s*[A-Za-z][\w.-]*="
"""Ends in the first key, which tells the header from the columns of other logs."""
WORDS: Final[Mapping[str, Sequence[str]]] = {
    "source": ("src", "sourceAddress", "c6a2"),
    "server": ("dst", "destinationAddress", "c6a3"),
    "authority": ("dhost", "destinationHostName", "destinationDnsDomain"),
    "url": ("request", "requestUrl"),
    "sent": ("out", "bytesOut"),
    "received": ("in", "bytesIn"),
    "total": ("PanOSBytes", "totalBytes"),
    "count": ("cnt",),
}
"""Meaning → its keys, the first with a value wins; ``out`` is upload and ``in`` download."""

TEXTS: Final[Mapping[str, Sequence[str]]] = {
    "user": ("suser", "sourceUserName", "susr", "suid", "duser"),
    "device": ("shost", "sourceHostName", "smac"),
    "time": ("rt", "end", "start", "deviceReceiptTime"),
    "action": ("act", "fw_action", "deviceAction"),
}
_OF_URLS: Final = {"app": ("app",), "port_of_server": ("dpt",), "method": ("requestMethod",)}
_HEADER: Final = ("version", "vendor", "product", "release", "signature", "name", "severity", "extension")
_OWN: Final = r"\|?(?i:(?:Check ?Point|Zscaler|Menlo Security|SonicWall)|(?:Websense|Forcepoint)\|Security)\|"
"""Vendors with their own CEF source type: other vendors' lines mixed in do not make the log generic CEF."""
_HEADER_CHARACTERS: Final = 1024

_BLOCK: Final = (
    rf"(?i)(?:^|_|[^\w\s]|{NOT_NEGATED})"
    r"(?:block|den(?:y|ied)|drop|reject|reset|discard|refuse|prevent|quarantin|sinkhol|forbid)"
)
_ACTION_LABEL: Final = "Label=Action"
_COUNTING: Final = r"(?i)palo alto|check ?point"
"""Vendors whose ``cnt`` counts events; for others it is a message counter."""


class Cef(Parser):
    """Read CEF lines, even without their ``CEF:``; subclasses decide which keys and records of a vendor count."""

    words: ClassVar[Mapping[str, Sequence[str]]] = WORDS
    texts: ClassVar[Mapping[str, Sequence[str]]] = TEXTS
    vendor: ClassVar[str] = ""
    """Matches ``vendor|product|`` of the lines to read; other lines do not belong to this format."""

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        # Keys are found behind any syslog header, which is examined only for its time, and only if needed.
        reason = "not a CEF line of this vendor" if self.vendor else "not a CEF line"
        rows = self._mapped(lines.with_columns(pl.when(~self._is_ours(lines)).then(pl.lit(reason)).alias("rejected")))
        rows = self._judged(rows)
        parsed = normalise(rows, self._context)
        return parsed.with_columns(rows[RECORD]) if RECORD in rows.columns else parsed

    def _is_ours(self, rows: pl.DataFrame) -> pl.Series:
        """Tell which lines are CEF, and of this vendor if one is set."""
        text = pl.col("text")
        if self.vendor:
            ours = text.str.contains(rf"(?:^|[\s\x{{FEFF}}]|CEF:)\d{{1,2}}\|{self.vendor}")
            return rows.select(ours.fill_null(value=False)).to_series()
        told = rows.select(text.str.contains(START).fill_null(value=False)).to_series()
        if told.all():
            return told
        lost = unwrap(rows.filter(~told).select("line", "text"))["text"].str.contains(LOST_PREFIX)
        return told.scatter((~told).arg_true(), lost.fill_null(value=False))

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add ``ignored``, and prepare values for normalisation."""
        target = pl.coalesce("authority", "server", "url")
        event = pl.col("rejected").is_null() & (pl.col("source").is_null() | target.is_null())
        reason = pl.when(event).then(pl.lit("no traffic record"))
        return rows.with_columns(pl.coalesce(reason, challenges(rows)).alias("ignored"))

    def _mapped(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add the columns to be normalised, without judging them yet."""
        words = {**self.words, **_OF_URLS} if self._context.want_url else self.words
        substitutes = [key for keys in (*words.values(), *self.texts.values()) for key in keys[1:]]
        values = extension(rows, _keys(words), _keys(self.texts), substitutes)
        nothing = pl.lit(None, pl.String)
        first = [
            pl.coalesce(nothing, *(key for key in keys if key in values.columns)).alias(name)
            for name, keys in {**words, **self.texts}.items()
        ]
        rows = rows.hstack(values.get_columns()).with_columns(first)
        rows = rows.with_columns(pl.col("url").str.strip_chars("\"'"), pl.col("user").str.strip_chars('"'))
        return self._timed(_with_verdict(_with_target(self._corrected(rows), self._context)))

    def _corrected(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Correct what a vendor expresses in its own keys."""
        return rows

    def _timed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add the time of the record, otherwise of the syslog header."""
        rows = rows.with_columns(moment(pl.col("time"), self._context).alias("timestamp"))
        untimed = rows["timestamp"].is_null().arg_true()
        if untimed.is_empty():
            return rows
        headed = unwrap(rows.select("line", "text")[untimed], START)
        times = headed.select(header_time(self._context)).to_series()
        return rows.with_columns(rows["timestamp"].scatter(untimed, times))


def _keys(meanings: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the keys to search for."""
    return [key for keys in meanings.values() for key in keys]


def _with_target(rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    """Separate hosts from addresses in ``dst`` and paths from URLs in ``request``, and add what a full URL needs."""
    server, url, authority = pl.col("server"), pl.col("url"), pl.col("authority")
    relative = url.str.starts_with("/") & ~url.str.starts_with("//")
    named = authority.is_null() & (url.is_null() | relative) & server.str.contains(NAME)
    rows = rows.with_columns(
        pl.when(named).then(server).otherwise(authority).alias("authority"),
        pl.when(~relative.fill_null(value=False)).then(url).alias("url"),
        pl.when(relative).then(url).alias("path"),
    )
    if not context.want_url:
        return rows
    secure = pl.col("app").str.contains("(?i)^(?:https|ssl|tls)") | (pl.col("port_of_server") == "443")
    scheme = pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http"))
    return rows.with_columns(
        scheme.alias("scheme"), (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel")
    )


def _labelled_actions() -> Iterator[pl.Expr]:
    """Yield the value of each custom string whose label says that it is the action."""
    text = pl.col("text")
    for number in range(1, 7):
        labelled = text.str.contains(rf"[\s|]cs{number}{_ACTION_LABEL}(?:\s|$)")
        yield pl.when(labelled).then(text.str.extract(rf"[\s|]cs{number}=(.*?)(?:\s+[\w.-]+=|\s*$)"))


def _with_verdict(rows: pl.DataFrame) -> pl.DataFrame:
    """Add ``blocked``, from the action or else the header's words, and clear counts that do not count events."""
    if rows["action"].null_count() and rows["text"].str.contains(_ACTION_LABEL, literal=True).any():
        rows = rows.with_columns(pl.coalesce("action", *_labelled_actions()).alias("action"))
    if not rows["action"].null_count() and rows["count"].null_count() == rows.height:
        return rows.with_columns(pl.col("action").str.contains(_BLOCK).alias("blocked"))
    heads = cut_n(rows.select(pl.col("text").str.head(_HEADER_CHARACTERS)), "text", "|", _HEADER)
    words = pl.coalesce(pl.col("text").str.extract(BLOCK_REASON), heads["signature"] + " " + heads["name"])
    rows = rows.with_columns(heads["vendor"], words.alias("words"))
    return rows.with_columns(
        pl.coalesce("action", "words").str.contains(_BLOCK).fill_null(value=False).alias("blocked"),
        pl.when(pl.col("vendor").str.contains(_COUNTING)).then("count").alias("count"),
    )


class GenericCef(Cef):
    """Read CEF of any vendor; for some vendors, know which records are traffic."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._starts = Starts()
        self._sessions = Sessions()

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch and mark the records of each session."""
        return with_session(super().read(lines), lines)

    def end(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Ignore the starts of connections whose ends are recorded, and join the records of sessions."""
        if SESSION not in rows.columns:
            return self._starts.feed(rows)
        named = rows[SESSION].is_not_null()
        others = self._starts.feed(rows.filter(~named).drop(SESSION))
        return pl.concat([others, self._sessions.feed(rows.filter(named))])

    def finish(self) -> pl.DataFrame:
        """Return the starts of a log without ends, and the requests whose session never arrived."""
        return pl.concat([self._starts.finish(), self._sessions.finish()])

    def _corrected(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = with_directions(with_own_keys(rows))
        return rows.with_columns(forwarded_client()) if rows["user"].str.starts_with(MARK).any() else rows

    def _judged(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = super()._judged(rows)
        if not any_known(rows):
            return rows
        return rows.with_columns(pl.coalesce("ignored", left()).alias("ignored"), record())


FORMATS: Final = (
    Format(
        sources=("GENERIC_CEF", "GENERIC_CEF_SYSLOG"),
        recognise=signature(rf"{START}(?!{_OWN})|(?!\s*\d{{1,2}}\|{_OWN}){LOST_PREFIX}", "CEF"),
        open=GenericCef,
        rank=50,  # after every vendor with its own source type for CEF
    ),
)
