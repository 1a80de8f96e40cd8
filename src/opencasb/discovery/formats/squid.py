"""Read Squid's access log: the native and the common layout (log-formats §5, SQUID)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser
from opencasb.discovery.formats.fields import cut, cut_n, match
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.squid_json import OBJECT, with_objects
from opencasb.discovery.formats.squid_tls import MODES, cut_off, name_behind
from opencasb.discovery.formats.times import moment, seconds
from opencasb.discovery.formats.values import map_distinct
from opencasb.discovery.formats.wrappers import header_time, unwrap

_READABLE: Final = (
    r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)| [+-]\d\d:?\d\d)?"
    r"|(?:\d\d[/.-]\d\d[/.-]\d{4}|\d{4}[/.-]\d\d[/.-]\d\d)[ :-]\d\d:\d\d:\d\d"
)
"""Times that administrators log instead of the epoch: ``%tl``, ``%tg`` and a custom one."""
_NATIVE_TIME: Final = rf"(?:\d{{9,10}}\.\d{{1,6}}|\[?(?:{_READABLE})(?:\.\d+)?[\]|]?)"
_MAC: Final = r"(?:[\dA-Fa-f]{2}:){5,7}[\dA-Fa-f]{2}"
_BEFORE_CLIENT: Final = rf"(?:-?\d+\s+)?(?:(?:{_MAC}|-)\s+)?"
"""The time taken, and the client's hardware address, if administrators log it."""
_BEHIND_CLIENT: Final = r"(?:(?:[\dA-Fa-f.:,%]+|-)\s+)?"
"""The client's port, or the addresses that it says it forwards for, if administrators log them."""
_NATIVE_HARDWARE: Final = rf"^(?:\S+\s+){{0,3}}?({_MAC})\s"
_NATIVE_START: Final = rf"(?:{_NATIVE_TIME} +(?:\S+ +){{0,3}}|(?:-?\d+ +)?)\S+ +(?:\d{{1,5}} +)?[A-Z_]+/-?\d{{1,3}} "
_NATIVE_SIGNATURE: Final = (
    rf"(?:^|\s)(?:(?:\d{{9,10}}(?:\.\d{{1,6}})?|\[?(?:{_READABLE})(?:\.\d+)?[\]|]?)\s+)?"
    rf"{_BEFORE_CLIENT}\S+\s+{_BEHIND_CLIENT}[A-Z_]+/-?\d{{1,3}}\s+-?\d+\s+\S+\s.*?\s[A-Z_]+/\S*\s+[^<\s]+"
    r"(?:\s+[^<\"\s]+)*\s*(?:\".*)?$"
)
_NATIVE_FIELDS: Final = (
    rf"(?:^|\s)(?:\[?(?P<time>\d{{9,10}}(?:\.\d+)?|{_READABLE})(?:\.\d+)?[\]|]?\s+)?"
    rf"{_BEFORE_CLIENT}(?P<source>\S+(?:, \S+)*)\s+{_BEHIND_CLIENT}(?P<code>[A-Z_]+/-?\d+)\s+(?P<received>-?\d+)"
    r"(?:\s+(?P<sent>\d+)(?:\s+(?:\d+|-))*)?"
    r"\s+(?P<method>\S+)\s+(?P<url>\S.*?)\s+(?:\d\.\d\s+)?(?P<user>\"[^\"]*\"|\S+)\s+(?P<route>[A-Z_]+/\S*)"
)
"""The size may be followed by those of the request, headers and bodies, and the URL by the HTTP version."""
_NATIVE_COLUMNS: Final = ("", "source", "code", "received", "method", "url", "user", "route", "mime", "more")
_TIMELESS: Final = rf"^{_BEFORE_CLIENT}[\w.:-]+\s+[A-Z_]+/-?\d{{1,3}}\s"
"""How lines begin that have no time."""
_UNREAD: Final = "not a line of Squid's native log"
_DIRECT: Final = ("HIER_DIRECT/", "DIRECT/", "ORIGINAL_DST/", "TIMEOUT_HIER_DIRECT/", "TIMEOUT_DIRECT/")
"""Hierarchy codes that are followed by the origin server; after others comes a parent proxy."""

_KEYED_START: Final = r"\d{9,10}\.\d{1,6} [a-z]+="
_KEYED_FIELDS: Final = {
    "source": word("src_ip"),
    "peer": word("dest_ip"),
    "device": word("src_host"),
    "user": text("user"),
    "method": word("http_method"),
    "url": text("url"),
    "status": word("status"),
    "result": word("vendor_action"),
    "hierarchy": word("dest_status"),
    "total": word("bytes"),
    "sent": word("bytes_in"),
    "received": word("bytes_out"),
    "authority": word("sni"),
}
"""What Splunk recommends logging, as pairs after the time."""

_COMMON_START: Final = (
    r'[^\s"<>]+ (?:[^\s"]+|"[^"]*") (?:(?:[\dA-Fa-f]{2}:){5,7}[\dA-Fa-f]{2} )?(?:[^\s"]+|"[^"]*") \[\d[^\]"]*\] "'
)
_COMMON_SIGNATURE: Final = (
    r'(?:^| )[^\s"]+ (?:[^\s"]+|"[^"]*") (?:[^"\[]+|"[^"]*") \[\d[^\]"]*\] "[A-Z_-]+ [^/*\s"][^"]*" (?:\d{1,3}|-) '
)
"""Requests with only a path are those to a web server."""
_QUOTED_USER: Final = r'^(\S+) "([^"]*)" (\S+) \['
"""Cisco's appliances write the user in Apache's style in place of the identity."""
_QUOTED_LOGIN: Final = r'^(\S+ \S+) "([^"]*)" \['
_ADDRESS: Final = r"^(?:\d+\.\d+\.\d+\.\d+|[\dA-Fa-f:]*:[\dA-Fa-f:]*:[\dA-Fa-f:.]*)$"
_HARDWARE: Final = rf"^({_MAC}|-) \S"
_POLICY: Final = r"^ \S+ \S+ [A-Z_]+:\S+ \d+ (?:BLOCK|DROP)_"
"""The decision of Cisco's appliances follows the time taken."""
_COMMON_REQUEST: Final = r"^(?P<method>[A-Za-z_-]+) +(?P<url>\S.*?)(?: +[A-Z]+/[\d.]+)? *$"


class Native(Parser):
    """Read the native layout: ``epoch.ms elapsed client RESULT/status size METHOD url user HIERARCHY/peer mime``.

    Also reads lines with the same content as pairs or as a JSON object.
    """

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = _native_fields(unwrap(lines, f"{_NATIVE_START}|{_KEYED_START}|{OBJECT}"), self._context)
        code = pl.col("code")
        rows = rows.with_columns(
            _ignored(code).alias("ignored"),
            _of_status(code, code, "/403").str.contains("DENIED", literal=True).fill_null(value=False).alias("blocked"),
            (pl.col("method") == "CONNECT").alias("tunnel"),
            # e2guardian repeats the client
            pl.when(~pl.col("user").is_in(MODES) & (pl.col("user") != pl.col("source")))
            .then(pl.col("user").str.strip_chars('"'))
            .alias("user"),
        )
        return normalise(rows, self._context, encoded_users=True, named_clients=True)


class Common(Parser):
    """Read the common layout: ``client ident user [date] "METHOD url HTTP/1.1" status size [RESULT:HIERARCHY]``."""

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = _common_fields(unwrap(lines, _COMMON_START))
        tail = pl.col("tail")
        denied = (pl.col("status") == "403") & tail.str.contains("TCP_DENIED", literal=True)
        unread = pl.col("time").is_null() | pl.col("url").is_null()
        rows = rows.with_columns(
            moment(pl.col("time"), self._context).alias("timestamp"),
            _ignored("/" + pl.col("status")).alias("ignored"),
            pl.when(unread).then(pl.lit("not a line of Squid's common log")).alias("rejected"),
            (denied | tail.str.contains(_POLICY)).alias("blocked"),
            (pl.col("method") == "CONNECT").alias("tunnel"),
        )
        return normalise(rows, self._context, encoded_users=True, named_clients=True)


def _native_fields(rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    """Split lines into fields: regular ones by position, those with odd blanks or times by regular expression.

    Only the latter are searched for pairs.
    """
    text, time = pl.col("text"), pl.col("time")
    fields = rows.with_columns(seconds(text.str.head(14)).alias("timestamp"), text.str.slice(14).alias("rest"))
    timed = fields.select(pl.col("timestamp").is_not_null() & pl.col("rest").str.starts_with(" ")).to_series()
    fields = fields if timed.all() else fields.filter(timed)
    fields = cut(fields.with_columns(pl.col("rest").str.strip_chars_start(" ")), "rest", " ", _NATIVE_COLUMNS)
    fields = fields.with_columns(map_distinct(fields["route"], _servers))
    fields = fields.with_columns(name_behind(fields).alias("authority"))
    usual = fields["read"] & (fields["received"] != "")
    if usual.all() and fields.height == rows.height:
        return fields
    fields = fields.filter(usual)
    others = with_objects(rows.join(fields.select("line"), on="line", how="anti"))
    keyed = others["text"].str.contains(f"^{_KEYED_START}").fill_null(value=False)
    odd = match(others.filter(~keyed), "text", _NATIVE_FIELDS)
    odd = odd.with_columns(
        *_servers(odd["route"]),
        *cut_off(odd["url"]),
        odd["text"].str.extract(_NATIVE_HARDWARE).alias("device"),
        pl.coalesce(seconds(time), moment(time, context), header_time(context)).alias("timestamp"),
    )
    unread = pl.col("timestamp").is_null() & ~text.str.contains(_TIMELESS)
    odd = odd.with_columns(pl.when(unread | odd["code"].is_null()).then(pl.lit(_UNREAD)).alias("rejected"))
    return pl.concat([fields, odd, _keyed_fields(others.filter(keyed))], how="diagonal")


def _keyed_fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the fields of pairs; the peer is the server only if it was contacted directly."""
    rows = Pairs(" ").read(rows, _KEYED_FIELDS)
    asked = (pl.col("hierarchy") + "/").is_in(_DIRECT)
    return rows.with_columns(
        seconds(pl.col("text").str.extract(r"^(\d+\.\d+) ")).alias("timestamp"),
        (pl.col("result") + "/" + pl.col("status")).alias("code"),
        pl.when(asked).then("peer").alias("server"),
        pl.when(pl.col("device") != "-").then("device").alias("device"),
        pl.when(pl.col("authority") != "-").then("authority").alias("authority"),
    ).with_columns(pl.when(pl.col("timestamp").is_null()).then(pl.lit(_UNREAD)).alias("rejected"))


def _servers(routes: pl.Series) -> pl.DataFrame:
    """Return what follows a hierarchy code that means the origin server, and whether each text has a hierarchy code."""
    route = pl.col("route")
    server = pl.coalesce(pl.when(route.str.starts_with(code)).then(route.str.strip_prefix(code)) for code in _DIRECT)
    read = route.str.contains("^[A-Z_]+/").fill_null(value=False)
    return routes.to_frame("route").select(server.alias("server"), read.alias("read"))


def _common_fields(rows: pl.DataFrame) -> pl.DataFrame:
    """Split lines at their quotes, brackets and blanks; read requests with odd blanks by regular expression."""
    parts = _common_parts(rows)
    fields = cut(parts, "request", " ", ("method", "url", "version", "more"))
    regular = pl.col("version").str.starts_with("HTTP/") & pl.col("more").is_null()
    odd = fields.select(~regular.fill_null(value=False)).to_series()
    if not odd.any():
        return fields
    return pl.concat([fields.filter(~odd), match(parts.filter(odd), "request", _COMMON_REQUEST)], how="diagonal")


def _common_parts(rows: pl.DataFrame) -> pl.DataFrame:
    """Split lines into the part before the request, the request and its answer; retry those with quoted users."""
    parts = _cut_common(rows)
    unread = parts["time"].is_null()
    if not unread.any():
        return parts
    moved = pl.col("text").str.replace(_QUOTED_USER, "$1 $3 $2 [").str.replace(_QUOTED_LOGIN, "$1 $2 [")
    others = _cut_common(rows.filter(unread).with_columns(moved))
    return pl.concat([parts.filter(~unread), others], how="diagonal")


def _cut_common(rows: pl.DataFrame) -> pl.DataFrame:
    rows = cut_n(rows, "text", '"', ("head", "request", "tail"))
    rows = cut_n(rows, "head", " ", ("source", "ident", "login"))
    rows = _from_the_client(cut_n(rows, "login", " [", ("user", "time")))
    rows = cut(rows, "tail", " ", ("blank", "status", "received"))
    return rows.with_columns(pl.col("time").str.strip_chars("] "))


def _from_the_client(rows: pl.DataFrame) -> pl.DataFrame:
    """Strip what precedes the user: the name of the server that was asked, or the client's hardware address.

    Apache may write the former first, so that the client is second; OPNsense writes the latter, or a dash in its place.
    """
    ident, user = pl.col("ident"), pl.col("user")
    blank = rows.select(user.str.contains(" ", literal=True).fill_null(value=False)).to_series()
    if not blank.any():
        return rows
    second = pl.lit(blank) & ident.str.contains(_ADDRESS) & ~pl.col("source").str.ends_with(",")
    device = pl.when(pl.lit(blank) & ~second).then(user.str.extract(_HARDWARE))
    return rows.with_columns(
        pl.when(second).then("ident").otherwise("source").alias("source"),
        pl.when(device.str.contains("[1-9A-Fa-f]")).then(device).alias("device"),
        pl.when(second | device.is_not_null()).then(user.str.replace(r"^\S+ ", "")).otherwise(user).alias("user"),
    )


def _ignored(code: pl.Expr) -> pl.Expr:
    """Return why a line is not a transaction; ``code`` is ``RESULT/status`` or just ``/status``.

    ``UDP_`` results are queries from other caches, which log their clients' requests themselves.
    """
    url = pl.col("url")
    relative = ~_of_status(url, code, "/400").str.contains("://", literal=True) & (pl.col("method") != "CONNECT")
    none = (code == "NONE/000") | (code == "NONE_NONE/000")
    return (
        pl.when(code.str.ends_with("/407"))
        .then(pl.lit("authentication challenge"))
        .when(url.str.starts_with("error:") | none | code.str.starts_with("UDP_"))
        .then(pl.lit("no request"))
        .when(relative)
        .then(pl.lit("invalid request"))
    )


def _of_status(texts: pl.Expr, code: pl.Expr, status: str) -> pl.Expr:
    """Return the texts of lines with this status, null for others, so that few are searched."""
    return pl.when(code.str.ends_with(status)).then(texts)


FORMATS: Final = (
    Format(
        sources=("SQUID_NATIVE", "SQUID_NATIVE_SYSLOG"),
        recognise=signature(
            rf"{_NATIVE_SIGNATURE}|(?:^|\s){_KEYED_START}.* vendor_action=[A-Z_]+ |{OBJECT}", "in Squid's native layout"
        ),
        open=Native,
        rank=27,
    ),
    Format(
        sources=("SQUID",),
        recognise=signature(_COMMON_SIGNATURE, "in Squid's common layout"),
        open=Common,
        rank=28,
    ),
)
