"""Read the fields of each shape of Zscaler's feeds into a common set (log-formats §5, ZSCALER)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from opencasb.discovery.formats.aliases import member
from opencasb.discovery.formats.cef_fields import read_fields
from opencasb.discovery.formats.fields import completed
from opencasb.discovery.formats.keyvalue import Field, text, word
from opencasb.discovery.formats.tabbed import read_tabbed
from opencasb.discovery.formats.wrappers import HEADER
from opencasb.discovery.formats.zscaler_csv import csv_fields

_FIELDS: Final = (
    "time", "zone", "user", "source", "other_source", "server", "host", "url", "action", "sent", "received", "total",
    "device", "owner", "protocol", "method", "status", "aggregate", "count", "product", "coded_user", "coded_host",
    "coded_url",
)  # fmt: skip
"""The common fields of all shapes of the feed, as text."""

_TABBED_KEYS: Final[dict[str, Field]] = {
    "time": text("epochtime", "datetime", "time", "event_timestamp"),
    "zone": text("tz", "timezone"),
    "user": word("user", "login", "elogin", "ologin"),
    "source": word("ClientIP", "clientip", "clientIP", "cip", "csip", "client_src_ip", "cltip", "sourceip"),
    "other_source": word("clientpublicIP", "clientpublicip", "cintip", "cltintip", "tsip"),
    "server": word("serverip", "sip", "cdip", "client_dst_ip", "sdip", "server_dst_ip"),
    "host": word("hostname", "host", "ehost", "cltdomain", "cdfqdn"),
    "url": word("url", "eurl"),
    "coded_user": word("b64login"),
    "coded_host": word("b64host"),
    "coded_url": word("b64url"),
    "action": word("action", "actual_action"),
    "sent": word("requestsize", "reqsize", "reqdatasize", "outbytes"),
    "received": word("responsesize", "respsize", "respdatasize", "inbytes"),
    "total": word("transactionsize", "totalsize"),
    "device": word("devicehostname"),
    "owner": word("deviceowner"),
    "protocol": word("protocol", "proto"),
    "method": word("requestmethod", "method", "reqmethod"),
    "status": word("status", "respcode"),
    "aggregate": word("aggregate"),
    "count": word("numsessions"),
}
_CEF_KEYS: Final[dict[str, Field]] = {
    "time": text("rt"),
    "user": text("suser", "suid"),
    "source": word("src"),
    "other_source": word("sourceTranslatedAddress"),
    "server": word("dst"),
    "host": word("dhost"),
    "url": word("request"),
    "action": text("act"),
    "sent": word("out"),
    "received": word("in"),
    "device": text("devicehostname"),
    "owner": text("deviceowner"),
    "protocol": text("app"),
    "method": word("requestMethod"),
    "status": word("outcome"),
    "aggregate": word("aggregate", "cs4"),
    "count": word("numsessions", "cn2"),
}
"""In the firewall's template, ``cs4`` says whether sessions are aggregated, and ``cn2`` how many."""
_SENTINEL_KEYS: Final = _CEF_KEYS | {"time": text("TimeGenerated", "rt"), "received": word("in", "inbytes")}
"""The template for Microsoft Sentinel writes JSON objects with CEF keys."""
_LEEF_KEYS: Final[dict[str, Field]] = {
    "time": text("devTime"),
    "user": text("usrName"),
    "source": word("src"),
    "other_source": word("srcPostNAT"),
    "server": word("dst"),
    "host": word("hostname"),
    "url": word("url"),
    "action": text("cat", "action"),
    "sent": word("srcBytes"),
    "received": word("dstBytes"),
    "total": word("totalsize", "totalBytes"),
    "device": text("devicehostname"),
    "owner": text("deviceowner"),
    "protocol": text("appproto", "proto"),
    "method": word("method", "requestmethod"),
    "status": word("respcode", "httpStatus"),
}

_SENTINEL: Final = r'"(?:DeviceP|p)roduct"\s*:\s*"NSS'
_FEED_OF_OBJECT: Final = r'"sourcetype"\s*:\s*"zscalernss-(\w+)'
_LEADING_TIME: Final = (
    r"^ ?(\d{4}-\d\d-\d\d ?\d\d:\d\d:\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} +\d{1,2} \d\d:\d\d:\d\d \d{4})[\t ]"
)
QUOTED_PAIRS: Final = r'^"[a-z0-9]+=[^"]*","[a-z0-9]+='
_OTHER_PAIRS: Final = r'(?:^|\t)(?:(?:dns_reqtype|dns_req|tunneltype|Recordtype|adminid)=|vendor="?Zscaler)'


def fields_of(shape: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``line``, ``HEADER`` and the fields of ``rows`` (column ``text``), which all have the same shape."""
    return complete(_SHAPES[shape](rows))


def _tabbed(rows: pl.DataFrame) -> pl.DataFrame:
    """Read tab-separated pairs, or quoted pairs separated by commas."""
    text = pl.col("text")
    quoted = rows.select(text.str.contains(QUOTED_PAIRS)).to_series()
    if quoted.any():
        bare = text.str.strip_chars('"').str.replace_all('","', "\t", literal=True)
        rows = rows.with_columns(pl.when(quoted).then(bare).otherwise(text).alias("text"))
    read = _with_leading_time(read_tabbed(rows, _TABBED_KEYS))
    if not read["source"].null_count():
        return read
    aimless = pl.all_horizontal(pl.col("source", "host", "url").is_null())
    return read.with_columns(pl.when(aimless & text.str.contains(_OTHER_PAIRS)).then(pl.lit("other")).alias("product"))


def _carets(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the template for RSA, whose pairs are separated by carets."""
    text = pl.col("text").str.replace(r"^.*?ZSCALERNSS: *", "").str.replace_all(r"[\t ]*\^\^", "\t")
    return _tabbed(rows.with_columns(text.alias("text")))


def _blanks(rows: pl.DataFrame) -> pl.DataFrame:
    """Read the tabbed feed after its tabs became blanks in transit."""
    rows = rows.with_columns((" " + pl.col("text")).alias("text"))  # a key follows a blank
    rows = _blank_separated(rows, _TABBED_KEYS).with_columns(pl.lit(None, pl.String).alias("product"))
    return _with_leading_time(rows.with_columns(pl.col(*_TABBED_KEYS).str.strip_chars('"')))


def _with_leading_time(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.coalesce(pl.col("text").str.extract(_LEADING_TIME), "time").alias("time"))


def _objects(rows: pl.DataFrame) -> pl.DataFrame:
    """Read JSON, where the source type names the feed."""
    feed = pl.col("text").str.extract(_FEED_OF_OBJECT).replace({"web": "NSSWeb", "fw": "NSSFW"})
    read = _members(rows, _TABBED_KEYS, feed)
    if not read["source"].null_count():
        return read
    named = read["source"].is_null() & read["text"].str.contains(_SENTINEL)
    others = _members(rows.filter(named), _SENTINEL_KEYS, pl.coalesce(member("DeviceProduct"), member("product")))
    return pl.concat([complete(read.filter(~named)), complete(others)])


def _members(rows: pl.DataFrame, fields: Mapping[str, Field], product: pl.Expr) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return rows.with_columns(
        pl.coalesce(nothing, *(member(key.name) for key in field)).str.strip_chars().alias(name)
        for name, field in fields.items()
    ).with_columns(product.alias("product"))


def _cef(rows: pl.DataFrame) -> pl.DataFrame:
    return _blank_separated(rows, _CEF_KEYS)


def _leef(rows: pl.DataFrame) -> pl.DataFrame:
    """Read LEEF, whose tabs may have been lost in transit."""
    has_tabs = rows["text"].str.contains("\t", literal=True)
    cut = pl.col("text").str.splitn("|", 6)
    tabbed = rows.filter(has_tabs).with_columns(cut.struct[2].alias("product"), cut.struct[5].alias("text"))
    parts = [read_tabbed(tabbed, _LEEF_KEYS)] if tabbed.height else []
    if tabbed.height < rows.height:
        parts.append(_blank_separated(rows.filter(~has_tabs), _LEEF_KEYS))
    return pl.concat([complete(part) for part in parts])


def _blank_separated(rows: pl.DataFrame, fields: Mapping[str, Field]) -> pl.DataFrame:
    return read_fields(rows, fields).with_columns(pl.col("text").str.splitn("|", 4).struct[2].alias("product"))


_SHAPES: Final[dict[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "csv": csv_fields,
    "tabbed": _tabbed,
    "blanks": _blanks,
    "carets": _carets,
    "object": _objects,
    "cef": _cef,
    "leef": _leef,
}


def complete(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``line``, ``HEADER`` and the common fields, null where a shape has none."""
    return completed(rows, _FIELDS).select("line", HEADER, *_FIELDS)
