"""Read FortiGate and FortiOS: traffic and web-filter logs as ``key=value`` (log-formats §5, FORTIGATE)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, Work
from opencasb.discovery.formats.followed_urls import with_urls
from opencasb.discovery.formats.fortigate_tables import HEADER_ROW, as_pairs, header_row, recognise_tables
from opencasb.discovery.formats.fortios_4 import renamed
from opencasb.discovery.formats.header_rows import Columns, HeaderRows
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.objects import Members, as_lines, quoted
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.times import epoch, moment
from opencasb.discovery.formats.values import addresses, targets
from opencasb.discovery.formats.wrappers import header_time, unwrap

_PAIRS: Final = Pairs(r" ,\t")
_START: Final = "[a-z_]+="

_FIELDS: Final = {
    "eventtime": word("eventtime"),
    "user": text("user", "unauthuser"),
    "source": word("srcip"),
    "device": text("srcname") + word("mastersrcmac", "srcmac"),
    "server": word("dstip"),
    "authority": word("hostname", "dstname"),
    "action": word("action", "status"),
    "utmaction": word("utmaction"),
    "sent": word("sentdelta", "sentbyte"),
    "received": word("rcvddelta", "rcvdbyte"),
    "sessionid": word("sessionid"),
    "date": word("date"),
    "clock": word("time"),
    "tz": text("tz"),
}
"""``devname`` is the firewall; ``wanout`` and ``lanin`` are the same bytes seen on another interface. FortiOS 5.0 calls
the action ``status``.
"""

_URL_FIELDS: Final = {"url": text("url"), "service": word("service"), "port": word("dstport")}
BLOCKING: Final = ("deny", "block", "blocked", "drop", "dropped", "reset")
_TYPE: Final = "^[a-z][a-z-]+$"
"""Other firewalls write ``type=8`` for a ping and ``type=FWD`` for forwarded traffic."""
_OURS: Final = r"\b(?:log_?id|devid|device_id|devname)="
"""Found in records without a subtype, but not in those of other firewalls that write a type."""
_INTERIM: Final = r'[ ,\t>]logid="?(?:\d*0000)?20\b'
"""The log id of a long session's interim record, which FortiAnalyzer writes without zeros."""

_DIGITS: Final = 10
"""Of an epoch in seconds; a shorter one has been masked."""
_CELL: Final = '"[a-z_]+='
"""How a line of a FortiAnalyzer export begins, where each pair is a quoted cell."""
_SIGNATURE: Final = (
    r'^(?=.*\b(?:devid|logid|eventtime|itime)(?:=|" ?:))'
    r'.*\btype(?:="{0,2}|" ?: ?")(?:traffic|utm|webfilter|app-ctrl|event)\b'
    r"|\bdevice_id=.*\btype=(?:traffic[ ,]subtype=(?:allowed|violation|other)|webfilter|app-ctrl)\b"
)
"""The last alternative is for FortiOS 4."""


class FortiGate(Parser):
    """Read traffic and web-filter records, and join them by session."""

    holders = (Sessions,)

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._heads = HeaderRows(HEADER_ROW, header_row)

    def begin(self, lines: pl.DataFrame) -> Work:
        """Find the header rows of a batch, if it is a table."""
        heads, parts = self._heads.take(lines)
        if heads.is_empty() and all(columns is None for columns, _ in parts):
            return partial(self.read, lines)
        return partial(self._read_table, heads, parts)

    def _read_table(self, heads: pl.DataFrame, parts: Sequence[tuple[Columns | None, pl.DataFrame]]) -> pl.DataFrame:
        pairs = [self.read(rows if columns is None else as_pairs(columns, rows)) for columns, rows in parts]
        return pl.concat([finished(heads, ignored="header row"), *pairs], how="diagonal")

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        lines = as_lines(_without_cells(lines), '"subtype"', _pairs)
        lines = _PAIRS.read(lines, {"type": word("type"), "subtype": word("subtype")}, guarded=False)
        lines = lines.with_columns(pl.when(pl.col("type").str.contains(_TYPE)).then("type").alias("type"))
        lines = renamed(lines)
        lines = lines.with_columns(_record().alias(RECORD))
        used = lines.filter(pl.col(RECORD).is_not_null())
        if used.is_empty():
            return _unused(lines)
        rows = with_urls(_rows, used, self._context)
        return pl.concat([_unused(lines.filter(pl.col(RECORD).is_null())), rows], how="diagonal")


def _without_cells(lines: pl.DataFrame) -> pl.DataFrame:
    """Turn CSV cells, ``"date=2025-11-20","","user=..."``, into comma-separated pairs."""
    text = pl.col("text")
    if not lines.select(text.str.starts_with('"').any()).item():
        return lines
    pairs = text.str.replace_all('","', ",", literal=True).str.replace('^"', "").str.replace('"$', "")
    pairs = pairs.str.replace_all('""', '"', literal=True)
    return lines.with_columns(pl.when(text.str.contains(f"^{_CELL}")).then(pairs).otherwise(text).alias("text"))


def _pairs(members: Members) -> str:
    """Write a JSON object, which FortiOS may log, as pairs."""
    return " ".join(f"{name}={quoted(value)}" for name, value in members.items())


def _rows(lines: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    rows = _PAIRS.read(lines, _FIELDS | _URL_FIELDS if context.want_url else _FIELDS)
    if not context.want_url and (rows["authority"].is_null() & (rows[RECORD] == "web")).any():
        rows = _PAIRS.read(rows, {"url": text("url")})  # its host is wanted
    rows = rows.with_columns(timestamp=_timestamp(rows, context), ignored=_ignored(), blocked=_blocked())
    if context.want_url:
        rows = rows.with_columns(_scheme(), _path())
    parsed = normalise(rows, context)
    return parsed.with_columns(_session(rows, parsed), _ending(rows))


def _record() -> pl.Expr:
    """Tell session records (``end``) from web-filter and application-control ones (``web``); null for others."""
    kind, subtype = pl.col("type"), pl.col("subtype")
    web = kind.is_in(["webfilter", "app-ctrl"]) | ((kind == "utm") & subtype.is_in(["webfilter", "app-ctrl"]))
    forward = (kind == "traffic") & (subtype.is_null() | (subtype == "forward"))  # an export may omit columns
    return pl.when(forward).then(pl.lit("end")).when(web).then(pl.lit("web"))


def _unused(lines: pl.DataFrame) -> pl.DataFrame:
    kind = pl.col("type")
    dns = (kind == "dns") | ((kind == "utm") & pl.col("subtype").eq_missing(pl.lit("dns")))
    strange = lines["type"].is_null()
    if lines["subtype"].null_count():
        strange |= lines["subtype"].is_null() & ~lines["text"].str.contains(_OURS)
    ours = lines.filter(~strange)
    return pl.concat(
        [
            finished(lines.filter(strange), rejected="not a FortiGate record"),
            finished(ours.filter(kind == "traffic"), ignored="traffic that is not forwarded"),
            finished(ours.filter((kind != "traffic") & ~dns), ignored="not a traffic or web-filter record"),
            _answers(ours.filter(dns)),
        ]
    )


def _answers(lines: pl.DataFrame) -> pl.DataFrame:
    """Return what DNS records say: not traffic, but the name of the first address of the answer."""
    rows = _PAIRS.read(lines, {"qname": text("qname"), "ipaddr": text("ipaddr")})
    first = rows.select(pl.col("ipaddr").str.split(",").list.first().str.strip_chars()).to_series()
    return finished(lines, ignored="DNS record").with_columns(
        targets(rows["qname"])["host"].alias("destination_host"), addresses(first).alias("destination_ip")
    )


def _ignored() -> pl.Expr:
    started = (pl.col(RECORD) == "end") & (pl.col("action") == "start")
    application = (pl.col("type") == "app-ctrl") | (pl.col("subtype") == "app-ctrl")
    nameless = (pl.col(RECORD) == "web") & application & pl.col("authority").is_null()
    return pl.when(started).then(pl.lit("session start")).when(nameless).then(pl.lit("application without a host"))


def _blocked() -> pl.Expr:
    verbs = list(BLOCKING)
    words = [pl.col(name).str.to_lowercase().is_in(verbs).fill_null(value=False) for name in ("action", "utmaction")]
    return pl.any_horizontal(words)


def _timestamp(rows: pl.DataFrame, context: ParseContext) -> pl.Series:
    """Return ms: the epoch if logged, else date and time with their zone, else the syslog header's time."""
    whole = pl.col("eventtime").str.len_bytes() >= _DIGITS
    times = rows.select(epoch(pl.when(whole).then("eventtime"))).to_series()
    if times.null_count():
        written = pl.col("date") + " " + pl.col("clock") + (" " + pl.col("tz")).fill_null("")
        times = times.fill_null(rows.select(moment(written, context)).to_series())
    if times.null_count():
        times = times.fill_null(unwrap(rows, _START).select(header_time(context)).to_series())
    return times


def _scheme() -> pl.Expr:
    service = pl.col("service").str.to_lowercase()
    secure = (service == "https") | (service.ne_missing("http") & pl.col("port").is_in(["443", "8443"]))
    return pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")


def _path() -> pl.Expr:
    return pl.when(pl.col("url").str.starts_with("/")).then("url").alias("path")


def _session(rows: pl.DataFrame, parsed: pl.DataFrame) -> pl.Series:
    """Return the session's key, which includes the client since several firewalls may write one file."""
    counted = parsed["ignored"].is_null() & parsed["rejected"].is_null()
    named = rows["sessionid"].is_not_null() & (rows["sessionid"] != "0")
    key = pl.struct(rows["sessionid"], parsed["source_ip"]).hash()
    return pl.select(pl.when(counted & named).then(key).alias(SESSION)).to_series()


def _ending(rows: pl.DataFrame) -> pl.Series:
    interim = (pl.col(RECORD) == "end") & pl.col("text").str.contains(_INTERIM)
    return rows.select(pl.when(interim).then(pl.lit("interim")).otherwise(RECORD).alias(RECORD)).to_series()


_LINES: Final = signature(_SIGNATURE, "FortiGate records")


def _recognise(lines: list[str]) -> tuple[float, str]:
    return max(_LINES(lines), recognise_tables(lines))


FORMATS: Final = (
    Format(
        sources=("FORTIGATE", "FORTIGATE_SYSLOG", "FORTIOS_SYSLOG"),
        recognise=_recognise,
        open=FortiGate,
        rank=13,
    ),
)
