"""Recognise fields by their common names where a vendor publishes no field list (log-formats §5).

Reads key=value pairs, JSON objects and columns under a header row; names are case-insensitive.
"""

from __future__ import annotations

import json
import re
from typing import Final

import polars as pl

from opencasb.discovery.formats.commas import cut_columns, places_of
from opencasb.discovery.formats.fields import completed
from opencasb.discovery.formats.header_rows import Columns
from opencasb.discovery.formats.keyvalue import Key, Pairs
from opencasb.discovery.formats.values import present, rewritten, without

ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "time": (
        "rt", "devtime", "start", "end", "eventtime", "event_time", "timestamp", "datetime", "ts", "epoch",
        "proxy_transaction_start_time", "@timestamp",
    ),
    "date": ("date", "log_time"),
    "clock": ("time",),
    "user": (
        "suser", "usrname", "user", "username", "user_name", "login", "loginid", "userid", "email", "duser",
    ),
    "source": (
        "src", "srcip", "src_ip", "source_ip", "source_ip_address", "sourceaddress", "clientip", "client_ip", "c-ip",
        "x-client-ip", "origin_ip", "ip", "src_ipaddr",
    ),
    "device": (
        "shost", "sourcehostname", "srcname", "device", "devicename", "device_name", "devicehostname", "deviceid",
        "computer_name", "comp_name",
    ),
    "url": ("request", "url", "requesturl", "cs-uri", "uri"),
    "path": ("path", "cs-uri-path", "cs-uri-stem", "uri_path", "url_path"),
    "authority": ("dhost", "destinationhostname", "host", "hostname", "domain"),
    "server": ("dst", "dstip", "dst_ip", "destination_ip", "dest_ip", "destinationaddress", "server_ip", "serverip"),
    "action": ("act", "action", "disposition", "pe_action", "result", "cat", "status"),
    "sent": (
        "out", "srcbytes", "bytes_out", "sent", "sentbyte", "bytes_sent", "requestsize", "upload", "uploaded_bytes",
        "upstream_byte_usage",
    ),
    "received": (
        "in", "dstbytes", "bytes_in", "rcvd", "rcvdbyte", "bytes_received", "responsesize", "download",
        "downloaded_bytes", "downstream_byte_usage",
    ),
    "total": ("totalbytes", "bytes", "total", "total_bytes", "transactionsize", "total_byte_usage"),
    "scheme": ("scheme", "protocol", "app", "proto"),
    "method": ("method", "requestmethod", "cs-method", "request_type"),
}  # fmt: skip
"""Meaning → its names in lower case; the first with a value wins."""

_WORDS: Final = frozenset({"source", "authority", "server", "sent", "received", "total", "scheme", "method"})
_MEANT: Final = frozenset(name for names in ALIASES.values() for name in names)
_JOINED: Final = {name.replace("_", ""): name for name in _MEANT}
"""Names as in ``sourceIp`` → names as in ``source_ip``."""
_SPACED: Final = {
    meaning: list(dict.fromkeys(name.replace("_", mark) for mark in ("_", " ", "") for name in names))
    for meaning, names in ALIASES.items()
}

_PAIR_KEY: Final = r"(?:^|[\s,;|])([A-Za-z][\w.-]*)="
_JSON_KEY: Final = r'"(@?[A-Za-z][\w.-]*)"\s*:'
_STYLES: Final = (
    (r"\t", r"\t[A-Za-z][\w.-]*="),
    (r"|", r"\|[A-Za-z][\w.-]*="),
    (",", r'^(?:[^="]*,)?[\w.-]+=(?:"?[^",=]*"?|[^",\s]*,[\w.-]+="?[^",]*"?),[\w.-]+='),
)
"""Pair separators, each with a pattern of the lines that use it; otherwise pairs are separated by blanks."""

_SAMPLED: Final = 2000
"""Lines sampled across a batch to find its keys."""

_MOST_SPELLINGS: Final = 8
"""Spellings of a name read per batch: a visitor to a site could write thousands."""

_SOURCES: Final = "|".join(re.escape(name).replace("_", r"[_\s]*") for name in ALIASES["source"])
LIKELY_HEADER: Final = rf'(?i)(?:^|[,;\t])[\s"]*(?:{_SOURCES})[\s"]*(?:[,;\t]|$)'
"""Matches every header row: it names the client."""

_EMPTY: Final = ("", "-", "null", "NA", "N/A", "None")


def read_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with a column per meaning, from ``key=value`` in any of the usual styles."""
    done, text = [], pl.col("text")
    for separator, look in _STYLES:
        fits = rows.select(text.str.contains(look).fill_null(value=False)).to_series()
        if fits.any():
            done.append(_pairs(rows.filter(fits), separator))
            rows = rows.filter(~fits)
    return pl.concat([*done, _pairs(rows, " ")]) if rows.height or not done else pl.concat(done)


def read_objects(rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with a column per meaning, from one JSON object per line."""
    spellings = _spellings(rows, _JSON_KEY)
    columns = []
    for meaning, names in ALIASES.items():
        values = [member(spelling) for name in names for spelling in spellings.get(name, ())]
        columns.append((pl.coalesce(values) if values else pl.lit(None, pl.String)).alias(meaning))
    return rows.with_columns(columns)


def header_of(line: str) -> Columns | None:
    """Return the positions of the meanings in a header row; None if the line is not one."""
    separator = max(",;\t", key=line.count)
    places = places_of(line, _SPACED, separator)
    aimed = {"url", "authority", "server"} & set(places)
    return Columns(places, separator) if "source" in places and aimed else None


def read_columns(rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return ``rows`` (column ``text``) with a column per meaning, from the values below a header row."""
    rows = completed(cut_columns(rows, columns.places, columns.separator), ALIASES)
    return rows.with_columns(without(rows[meaning], _EMPTY) for meaning in columns.places)


def _pairs(rows: pl.DataFrame, separator: str) -> pl.DataFrame:
    rows, strays = _read_pairs(rows, separator, rows.gather_every(max(rows.height // _SAMPLED, 1)))
    if strays.any():  # rare keys were missing from the sample
        again, _ = _read_pairs(rows.filter(strays).drop(ALIASES), separator, rows.filter(strays))
        rows = pl.concat([rows.filter(~strays), again])
    return rows


def _read_pairs(rows: pl.DataFrame, separator: str, sample: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """Return the fields by the keys of a sample, and which rows lack client or target."""
    spellings = _spellings(sample, _PAIR_KEY)
    fields = {
        meaning: tuple(
            Key(spelling, is_word=meaning in _WORDS) for name in names for spelling in spellings.get(name, ())
        )
        for meaning, names in ALIASES.items()
    }
    rows = Pairs(separator).read(rows, fields)
    rows = rows.with_columns(present(rows[meaning].str.strip_chars_end(",;"), _EMPTY) for meaning in ALIASES)
    target = pl.coalesce("url", "authority", "server")
    return rows, rows.select(pl.col("source").is_null() | target.is_null()).to_series()


def _spellings(rows: pl.DataFrame, pattern: str) -> dict[str, list[str]]:
    """Return how known names are spelt in these lines, most frequent spelling first."""
    keys = pl.col("text").str.extract_all(pattern).explode(empty_as_null=True).alias("key")
    found = rows.select(keys).to_series().drop_nulls().value_counts().sort("count", "key", descending=[True, False])
    known: dict[str, list[str]] = {}
    for written in dict.fromkeys(match[1] for text in found["key"] if (match := re.search(pattern, text))):
        name = written.lower()
        meant = name if name in _MEANT else _JOINED.get(name)
        if meant is not None and len(known.get(meant, ())) < _MOST_SPELLINGS:
            known.setdefault(meant, []).append(written)
    return known


def _present(value: pl.Expr) -> pl.Expr:
    return pl.when(~value.is_in(_EMPTY)).then(value)


def member(name: str) -> pl.Expr:
    """Return the value of a name at any depth of the JSON object in ``text``; of a list, the first item.

    Placeholders for a missing value yield null.
    """
    start = rf'"{re.escape(name)}"\s*:\s*\[?\s*'
    quoted = (
        pl.col("text")
        .str.extract(rf'{start}"((?:[^"\\]|\\.)*)"')
        .map_batches(_decoded, return_dtype=pl.String, is_elementwise=True)
    )
    bare = pl.col("text").str.extract(rf'{start}([^"\s,\[\]{{}}]+)')
    return _present(pl.coalesce(quoted, bare))


def _decoded(values: pl.Series) -> pl.Series:
    return rewritten(values, values.str.contains("\\", literal=True), _unescaped)


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"')).encode("utf-8", "replace").decode()
    except ValueError:
        return text
