"""Read the pairs of McAfee's various templates into the names of one of them (log-formats §5, MCAFEE_SWG)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.fields import completed
from opencasb.discovery.formats.keyvalue import Pairs, text, word

_PIPED: Final = "McAfeeWG|"
"""How the template for McAfee's own SIEM begins, whose pairs are separated by pipes."""
_PIPED_NAMES: Final = {
    "auth_user": "username", "src_ip": "source_ip", "server_ip": "destination_ip", "host": "destination_host",
    "status_code": "http_status_code", "bytes_from_client": "source_bytes", "bytes_to_client": "destination_bytes",
    "method": "mtd", "block_res": "block_id", "time_stamp": "date",
}  # fmt: skip
"""Its field names → those of other templates."""
_RENAMED: Final = "bytes_to_client="
_OTHER_NAMES: Final = {
    "datetime": "date", "src": "source_ip", "dest": "destination_ip", "bytes_from_client": "source_bytes",
    "bytes_to_client": "destination_bytes", "http_method": "mtd", "action": "result", "time_stamp": "date",
    "auth_user": "username", "src_ip": "source_ip", "server_ip": "destination_ip", "status_code": "http_status_code",
    "req_line": "http_request_first_line", "block_res": "block_id",
}  # fmt: skip
"""The same for Splunk's template, and for one with the access log's names, by a name that both have."""
_WITH_BLANKS: Final = (r"\b(time_stamp)=\[([^\]]*)\]", r"\b(req_line)=(\S+ \S+ HTTP/\S+)")
"""What the latter writes without quotes."""

_PAIRS: Final = Pairs(r" ")
_FIELDS: Final = {
    "user": text("user", "username"),
    "egress": word("srcip", "source_ip"),
    "server": word("destip", "dstip", "destination_ip"),
    "authority": word("dhost", "destination_host", "requested_host"),
    "method": word("mtd", "http_action"),
    "bytes": word("bytes"),
    "status": word("status", "http_status_code"),
    "rule": word("rule"),
}
_MORE_FIELDS: Final = {
    "client": word("client_ip"),
    "device": text("client_system_name"),
    "path": word("requested_path"),
    "scheme": word("uri_scheme"),
    "first_line": text("http_request_first_line"),
    "uploaded": word("source_bytes", "client_to_server_bytes"),
    "downloaded": word("destination_bytes", "server_to_client_bytes"),
    "block_id": word("block_id"),
    "result": word("result"),
    "time": text("date"),
    "epoch": word("request_timestamp_epoch"),
}
_MORE: Final = [f"{key.name}=" for keys in _MORE_FIELDS.values() for key in keys]
"""Keys that the gateways' default template never has."""
_URL_FIELDS: Final = {"url": text("url")}
FIELDS: Final = (*_FIELDS, *_MORE_FIELDS, *_URL_FIELDS)
"""What :func:`paired` adds to rows."""
_UNQUOTED: Final = r"(?:^|[ ]){0}=([^=\x22]*?) *(?: [a-z_]+=|$)"
"""A value with blanks but without quotes, as the cloud writes it."""

_KEYS: Final = sorted({key.name for keys in {**_FIELDS, **_MORE_FIELDS, **_URL_FIELDS}.values() for key in keys})
ANY_KEY: Final = rf"\b(?:user_id|{'|'.join([*_KEYS, *_OTHER_NAMES])})="
"""How a record may begin: administrators choose the order of a template's pairs."""


def _without_pipes(rows: pl.DataFrame) -> pl.DataFrame:
    """Rewrite pipe-separated pairs as those of other templates."""
    text = pl.col("text")
    piped = text.str.starts_with(_PIPED)
    if not rows.select(piped.any()).item():
        return rows
    pairs = text.str.replace_all('"', "'", literal=True).str.replace_all(r"\|([a-z_]+)=\[?([^|]*)", ' $1="$2"')
    for written, name in _PIPED_NAMES.items():
        pairs = pairs.str.replace(f" {written}=", f" {name}=", literal=True)
    return rows.with_columns(pl.when(piped).then(pairs).otherwise(text).alias("text"))


def _renamed(rows: pl.DataFrame) -> pl.DataFrame:
    """Rename pairs with Splunk's or the access log's names to those of other templates."""
    text = pl.col("text")
    ours = text.str.contains(_RENAMED, literal=True)
    if not rows.select(ours.any()).item():
        return rows
    pairs = text
    for value in _WITH_BLANKS:
        pairs = pairs.str.replace(value, '$1="$2"')
    for written, name in _OTHER_NAMES.items():
        pairs = pairs.str.replace(rf'(^| ){written}=("?)\[?', f"${{1}}{name}=$2")
    return rows.with_columns(pl.when(ours).then(pairs).otherwise(text).alias("text"))


def paired(rows: pl.DataFrame, *, want_url: bool) -> pl.DataFrame:
    """Add FIELDS from the pairs of any template; the URL only if it is wanted, or is all that names the host."""
    rows = _with_pairs(_renamed(_without_pipes(rows)), want_url=want_url)
    names = [pl.col("text").str.extract(_UNQUOTED.format(key)) for key in ("username", "client_system_name")]
    return rows.with_columns(
        pl.coalesce(names[0], "user").alias("user"), pl.coalesce(names[1], "device").alias("device")
    )


def _with_pairs(rows: pl.DataFrame, *, want_url: bool) -> pl.DataFrame:
    """Add the fields of the templates that occur."""
    more = rows.select(pl.col("text").str.contains_any(_MORE).any()).item()
    wanted = {**_FIELDS, **(_MORE_FIELDS if more else {}), **(_URL_FIELDS if want_url else {})}
    rows = _PAIRS.read(rows, wanted)
    if not want_url and rows["authority"].null_count():  # only the URL has the host
        rows = _PAIRS.read(rows, _URL_FIELDS)
    return completed(rows, FIELDS)
