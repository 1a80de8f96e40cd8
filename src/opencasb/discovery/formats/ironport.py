"""Read Cisco IronPort (Secure Web Appliance): access logs, plain and W3C (log-formats §5, CISCO_IRONPORT_PROXY)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser
from opencasb.discovery.formats.elff import FIELDS, Layout
from opencasb.discovery.formats.fields import cut, match
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.times import seconds
from opencasb.discovery.formats.w3c import W3c, share_below_fields
from opencasb.discovery.formats.w3c_fields import GENERIC, Dialect
from opencasb.discovery.formats.wrappers import unwrap

_ACL: Final = (
    r"(?:ALLOW|BLOCK|DROP|MONITOR|PASSTHRU|DECRYPT|REDIRECT|SAAS_AUTH|DEFAULT_CASE|OTHER|NONE|NO|DENY|AMP|ARCHIVESCAN)"
    r"(?:_[A-Z0-9_]+)*"
    r"(?:-[^ ]*)?"
)
_USER: Final = '(?:-|"[^"]*")'
_START: Final = rf"\d{{10}}\.\d{{1,6}} +[\d.]+ +(?:{_USER} )?[0-9A-Fa-f.:]+ (?:\([^ )]*\) )?[A-Z_]+/-?\d{{1,3}} "
_SIGNATURE: Final = (
    rf'{_START}-?\d+ \S+ \S+ (?:"[^"]*"|\S+) \S+ \S+ (?:[A-Z]{{3}}:\S+ |- |[a-z]+/\S+ )*(?:{_ACL}-\S+|&lt;|<)'
)
_FIELDS: Final = (
    r"(?:^|\s)(?P<time>\d{9,10}\.\d+) +[\d.]+ +(?P<source>\S+) +(?:\((?P<device>[^ )]*)\) +)?"
    r"(?P<code>[A-Z_]+/-?\d+) +(?P<received>-?\d+)"
    r' +(?P<method>\S+) +(?P<url>\S+) +(?P<user>"[^"]*"|\S+) +(?P<route>\S+) +(?P<type>\S+) *(?P<rest>.*)$'
)
_USER_FIRST: Final = (
    rf"^(?P<time>\d{{9,10}}\.\d+) +[\d.]+ +(?P<user>{_USER}) +(?P<source>\S+) +(?P<code>[A-Z_]+/-?\d+)"
    r" +(?P<received>-?\d+) +(?P<method>\S+) +(?P<url>\S+) +\S+ +\S+ +(?P<route>\S+) +(?P<type>\S+) +(?P<rest>.*)$"
)
"""A field selection sent without its names: the user before the client, the server after the URL."""
_COLUMNS: Final = ("elapsed", "source", "code", "received", "method", "url", "user", "route", "type", "acl", "more")
_BLOCKING: Final = r"^(?:[A-Z]{3}:\S+ +|- +)*(?:BLOCK|DROP)_"
_CHALLENGE: Final = r"/407$|^TCP_DENIED\w*/401$"
"""A transparent proxy asks clients to sign in as a server would."""
_LEVEL: Final = "Info: "
"""What the appliance writes before a record it sends; without a syslog header it begins the line."""
_OTHER_MESSAGE: Final = r"\b(?:Info|Warning|Critical|Debug|Trace): "


class IronPort(Parser):
    """Read ``epoch.ms elapsed client RESULT/status bytes METHOD url user HIERARCHY/server mime ACLTAG <...>``."""

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        bare = lines.with_columns(pl.col("text").str.strip_prefix(_LEVEL))
        rows = _fields(unwrap(bare, _START)).with_columns(seconds(pl.col("time")).alias("timestamp"))
        unread = pl.col("timestamp").is_null() | pl.col("route").is_null()
        message = pl.col("text").str.contains(_OTHER_MESSAGE).fill_null(value=False)
        done = [
            finished(rows.filter(unread & message), ignored="not an access record"),
            finished(rows.filter(unread & ~message), rejected="not a line of an IronPort access log"),
        ]
        rows = rows.filter(~unread).with_columns(_values())
        return pl.concat([*done, normalise(rows, self._context)])


def _fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Split lines into fields: regular ones by position, those with odd blanks or quoted users by pattern."""
    text = pl.col("text")
    cuts = rows.with_columns(text.str.head(14).alias("time"), text.str.slice(15).alias("rest"))
    cuts = cut(cuts, "rest", " ", _COLUMNS)
    regular = (
        (text.str.slice(14, 1) == " ")
        & pl.col("code").str.contains(r"^[A-Z_]+/\d{3}$")
        & ~pl.col("user").str.starts_with('"')
        & pl.col("acl").str.contains(rf"^{_ACL}$")
    )
    odd = cuts.select(~regular.fill_null(value=False)).to_series()
    cuts = cuts.with_columns(pl.col("acl").alias("rest"))
    if not odd.any():
        return cuts
    rows = rows.filter(odd)
    first = rows.select(text.str.contains(_USER_FIRST).fill_null(value=False)).to_series()
    others = match(rows.filter(~first), "text", _FIELDS)
    return pl.concat([cuts.filter(~odd), others, match(rows.filter(first), "text", _USER_FIRST)], how="diagonal")


def _values() -> list[pl.Expr]:
    code, url, route = pl.col("code"), pl.col("url"), pl.col("route")
    denied = code.str.starts_with("TCP_DENIED") & code.str.ends_with("/403")
    tunnel = (pl.col("method") == "CONNECT") | url.str.starts_with("tunnel://")
    return [
        pl.when(code.str.contains(_CHALLENGE)).then(pl.lit("authentication challenge")).alias("ignored"),
        (denied | pl.col("rest").str.contains(_BLOCKING)).fill_null(value=False).alias("blocked"),
        tunnel.fill_null(value=False).alias("tunnel"),
        url.str.replace("^tunnel://", "").str.replace(r"^([^/:]+:\d+)/$", "$1").alias("url"),
        pl.col("user").str.strip_chars('"').alias("user"),
        pl.when(route.str.contains("^(?:HIER_)?DIRECT/")).then(route.str.replace("^[A-Z_]*/", "")).alias("server"),
    ]


_ASKED: Final = ("s-computername", "s-hostname")
"""The server that was asked, which may be a parent proxy: it names the target only if no URL does."""
_DIALECT: Final = Dialect(
    names={
        **GENERIC.names,
        "url": ("cs-url", "cs-uri", "c-url"),
        "authority": ("cs-host", "cs(host)", *_ASKED),
        "server": ("r-ip", "s-supplier-ip", "x-hierarchy-origin"),
    },
    times=("timestamp", "datetime", "x-timestamp"),
    blocked={
        "x-acltag": "^(?:BLOCK|DROP)_",
        "x-resultcode-httpstatus": r"^TCP_DENIED\w*/403",
        "sc-result-code": "^TCP_DENIED",
    },
    challenges={"sc-http-status": "^407$", "x-resultcode-httpstatus": _CHALLENGE},
    needs_time=True,
)


class IronPortW3c(W3c):
    """Read the W3C form by its header, and plain lines by position where they occur."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(_DIALECT, context)
        self._by_place = IronPort(context)

    def _records(self, rows: pl.DataFrame, layout: Layout | str | None) -> Iterator[pl.DataFrame]:
        if isinstance(layout, str):
            placed = rows.select(pl.col("text").str.contains(f"^{_START}").fill_null(value=False)).to_series()
            yield self._by_place.read(rows.filter(placed).select("line", "text"))
            rows = rows.filter(~placed)
        yield from super()._records(rows, layout)

    def _transactions(self, fields: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
        origin, code = "x-hierarchy-origin", "x-resultcode-httpstatus"
        more = []
        if origin in fields.columns:
            direct = pl.col(origin).str.contains("^(?:HIER_)?DIRECT/")
            more.append(pl.when(direct).then(pl.col(origin).str.replace("^[A-Z_]*/", "")).alias(origin))
        if code in fields.columns and "sc-status" not in fields.columns:
            more.append(pl.col(code).str.extract(r"/(\d+)$").alias("sc-status"))
        urls = [name for name in ("cs-url", "cs-uri") if name in fields.columns]
        more += [pl.col(name).str.replace("^tunnel://([^/]*)/?$", "$1").alias(name) for name in urls]
        unnamed = pl.all_horizontal(pl.lit(value=True), *(pl.col(name).fill_null("-") == "-" for name in urls))
        more += [pl.when(unnamed).then(name).alias(name) for name in _ASKED if name in fields.columns]
        if {"s-hierarchy", "s-ip"} <= set(fields.columns):
            more.append(pl.when(pl.col("s-hierarchy").str.contains("DIRECT$")).then("s-ip").alias("s-ip"))
        return super()._transactions(fields.with_columns(more), context)


_OURS: Final = ("x-resultcode-httpstatus", "x-acltag")
"""Fields that only these appliances have."""


def _recognise_w3c(lines: list[str]) -> tuple[float, str]:
    if any(line.startswith("#Software: AsyncOS") for line in lines):
        return share_below_fields(lines), "#Software: AsyncOS"
    headers = [Layout.of(line).names for line in lines if line.lower().startswith(FIELDS)]
    ours = next((name for names in headers for name in _OURS if name in names), None)
    return (0.0, "no #Fields of AsyncOS") if ours is None else (share_below_fields(lines), f"#Fields with {ours}")


FORMATS: Final = (
    Format(("CISCO_IRONPORT_WSA_II", "CISCO_IRONPORT_WSA_III"), _recognise_w3c, IronPortW3c, rank=9),
    Format(
        ("CISCO_IRONPORT_PROXY", "CISCO_IRONPORT_PROXY_SYSLOG"),
        signature(_SIGNATURE, "records of an IronPort access log"),
        IronPort,
        rank=26,
    ),
)
