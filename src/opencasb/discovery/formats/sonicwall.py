"""Read SonicWall: connection, web-site and packet messages (log-formats §5, SONICWALL_SYSLOG)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, nothing
from opencasb.discovery.formats.cef import TEXTS, WORDS, Cef
from opencasb.discovery.formats.fields import match
from opencasb.discovery.formats.followed_urls import with_urls
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.wrappers import unwrap

_SERIAL: Final = r"\bsn=[0-9A-Fa-f]{12} "
"""Relays mistake the pair before it for a tag and may drop it."""
_START: Final = rf"\bid=|{_SERIAL}|CEF:"
_CEF_NUMBER: Final = r"CEF: ?\d+\|(?i:SonicWall)\|[^|]*\|[^|]*\|(\d+)\|"
_PAIRS: Final = Pairs(r" ")
_FIELDS: Final = {
    "time": text("time"),
    "src": word("src"),
    "dst": word("dst"),
    "source_v6": word("srcV6"),
    "server_v6": word("dstV6"),
    "sent": word("sent"),
    "received": word("rcvd"),
    "user": text("usr", "user"),
    "name": word("dstname"),
    "result": word("result"),
    "protocol": word("proto"),
    "mac": word("srcMac"),
    "verdict": word("fw_action"),
    "message": text("msg"),
}
_URL_FIELDS: Final = {"path": text("arg")}

_ENDS: Final = ("537", "1153")
_VISITS: Final = ("97",)
_REFUSALS: Final = ("14", "16", "1599", "1600")
_ALLOWED: Final = "access allowed"
"""What message 16 says in releases in which it reports a site that the filter let through."""
_DROPS: Final = ("36", "37", "41", "173", "174", "524")
_KINDS: Final = (
    dict.fromkeys(_ENDS, "end") | dict.fromkeys((*_VISITS, *_REFUSALS), "web") | dict.fromkeys(_DROPS, "drop")
)

_ENDPOINT: Final = r"^(?P<{0}>\[[^\]]*\]|[0-9.]*)(?::(?P<{0}_port>\d*)(?::[^:]*(?::(?P<{0}_name>[^:]*))?)?)?"
_V6: Final = r"^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:"
"""How an IPv6 address begins that is written without brackets in the place of IPv4 ones."""
_WHOLE_V6: Final = r"^\[?([0-9A-Fa-f:.]+)\]?(:\d*:[^:]*[^0-9A-Fa-f:.][^:]*(?::[^:]*)?)$"
"""An IPv6 address followed by what also follows IPv4 ones; a letter tells an interface (``X0``) from a group."""
_ONLY_V6: Final = r"^([0-9A-Fa-f:]+)$"
_GROUP: Final = r" *\([^()]*\)$"
"""How the user was authenticated, after the name."""


class SonicWallCef(Cef):
    """Read the same messages in CEF."""

    words: ClassVar[Mapping[str, Sequence[str]]] = {**WORDS, "protocol": ("proto",)}
    texts: ClassVar[Mapping[str, Sequence[str]]] = {**TEXTS, "user": ("susr", "suser", "duser")}

    def _corrected(self, rows: pl.DataFrame) -> pl.DataFrame:
        service = pl.col("protocol").str.strip_prefix("tcp/")
        user = pl.col("user").str.replace(_GROUP, "")
        return rows.with_columns(user.alias("user"), service.alias("app"))  # its own ``app`` is a number


class SonicWall(Parser):
    """Read messages, and join visits and blocks with their connection by addresses and ports."""

    holders = (Sessions,)

    def __init__(self, context: ParseContext) -> None:
        super().__init__(context)
        self._cef = SonicWallCef(context)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = _PAIRS.read(unwrap(lines, _START), {"m": word("m")}, guarded=False)
        rows = rows.with_columns(pl.coalesce("m", pl.col("text").str.extract(_CEF_NUMBER)).alias("m"))
        rows = rows.with_columns(pl.col("m").replace_strict(_KINDS, default=None, return_dtype=pl.String).alias("kind"))
        kind, is_cef = pl.col("kind"), pl.col("text").str.contains(_CEF_NUMBER)
        parts = [
            finished(rows.filter(pl.col("m").is_null()), rejected="not a SonicWall message"),
            finished(rows.filter(pl.col("m").is_not_null() & kind.is_null()), ignored="not a connection message"),
        ]
        counted = rows.filter(kind.is_not_null() & ~is_cef)
        if counted.height:
            parts.append(with_urls(_transactions, counted, self._context))
        if rows.select((kind.is_not_null() & is_cef).any()).item():
            chosen = rows.filter(kind.is_not_null() & is_cef)
            parsed = self._cef.read(lines.filter(pl.col("line").is_in(chosen["line"].implode())))
            parts.append(_with_session(parsed, chosen.with_columns(_cef_ports())))
        return pl.concat([nothing(), *parts], how="diagonal")


def _transactions(rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    rows = _PAIRS.read(rows, _FIELDS | _URL_FIELDS if context.want_url else _FIELDS)
    for name, column in (("source", "src"), ("server", "dst")):
        rows = match(_bracketed(_with_v6(rows, f"{name}_v6", column), column), column, _ENDPOINT.format(name))
    times = timestamps(rows, pl.col("time"), context)
    rows = rows.with_columns(times.alias("timestamp"), *_values())
    return _with_session(normalise(rows, context), rows)


def _with_v6(rows: pl.DataFrame, name: str, column: str) -> pl.DataFrame:
    """Rewrite IPv6 endpoints with port and interface in the form of the others."""
    if rows[name].null_count() == rows.height:
        return rows
    whole, written = pl.col(name).str.contains(_WHOLE_V6), pl.col(name).str.replace(_WHOLE_V6, "[$1]$2")
    return rows.with_columns(
        pl.when(whole).then(written).otherwise(column).alias(column), pl.when(~whole).then(name).alias(name)
    )


def _bracketed(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Put brackets around IPv6 addresses that stand in the place of IPv4 ones."""
    endpoint = pl.col(column)
    bare = rows.select(endpoint.str.contains(_V6).fill_null(value=False)).to_series()
    if not bare.any():
        return rows
    written = endpoint.str.replace(_WHOLE_V6, "[$1]$2").str.replace(_ONLY_V6, "[$1]")
    return rows.with_columns(pl.when(bare).then(written).otherwise(endpoint).alias(column))


def _with_session(parsed: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Add the connection's key and the record's role in it, from ``kind`` and the ports of ``rows``."""
    key = pl.struct(parsed["source_ip"], rows["source_port"], parsed["destination_ip"], rows["server_port"]).hash()
    counted = parsed["ignored"].is_null() & parsed["rejected"].is_null() & rows["source_port"].is_not_null()
    record = pl.when(rows["kind"] != "drop").then(rows["kind"])
    return parsed.with_columns(pl.when(counted).then(key).alias(SESSION), record.alias(RECORD))


def _cef_ports() -> Iterator[pl.Expr]:
    for name, key in (("source_port", "spt"), ("server_port", "dpt")):
        yield pl.col("text").str.extract(rf" {key}= ?(\d+)").alias(name)


def _values() -> Iterator[pl.Expr]:
    dropped = (pl.col("verdict") == "drop").fill_null(value=False)
    web, port = pl.col("protocol").str.extract("(?i)(https?)").str.to_lowercase(), pl.col("server_port")
    secure = pl.coalesce(web == "https", port == "443").fill_null(value=False)
    yield pl.coalesce("source_v6", pl.when(pl.col("source") != "").then("source")).alias("source")
    yield pl.coalesce("server_v6", pl.when(pl.col("server") != "").then("server")).alias("server")
    yield pl.coalesce(pl.when(pl.col("source_name") != "").then("source_name"), "mac").alias("device")
    yield pl.col("user").str.replace(_GROUP, "").alias("user")
    allowed = pl.col("message").str.contains(_ALLOWED, literal=True).fill_null(value=False)
    yield ((pl.col("m").is_in([*_REFUSALS, *_DROPS]) & ~allowed) | dropped).alias("blocked")
    host = pl.when(pl.col("server_name").str.contains(".", literal=True)).then("server_name")
    yield pl.when(pl.col("kind") != "drop").then(pl.coalesce("name", host)).alias("authority")
    yield pl.when(pl.col("result") == "407").then(pl.lit("authentication challenge")).alias("ignored")
    yield pl.when(pl.col("kind") != "drop").then(pl.col("sent", "received"))
    yield pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")
    yield pl.col("server_port").alias("port")


FORMATS: Final = (
    Format(
        sources=("SONICWALL_SYSLOG",),
        recognise=signature(
            rf"^(?=.*(?:(?:^|\s)id=\S+ +(?:\S+=\"[^\"]*\" +)*sn=|{_SERIAL}))(?=.*\bfw=)(?=.* m=\d)"
            r"|CEF: ?\d+\|(?i:SonicWall)\|",
            "SonicWall messages",
        ),
        open=SonicWall,
        rank=17,
    ),
)
