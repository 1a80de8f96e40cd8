"""Read Stormshield Network Security: connections, plugins, web and filter (log-formats §5, STORMSHIELD_SYSLOG)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser, nothing
from opencasb.discovery.formats.followed_urls import with_urls
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.sessions import RECORD, SESSION, Sessions
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.stand_ins import CONNECTION, STANDS_IN, StandIns
from opencasb.discovery.formats.wrappers import unwrap

_START: Final = r"\b(?:id=firewall|time=)"
_PAIRS: Final = Pairs(r" ")
_FIELDS: Final = {
    "zone": word("tz"),
    "user": text("user"),
    "source": word("src"),
    "device": word("srcname"),
    "mac": word("srcmac"),
    "server": word("dst"),
    "name": word("dstname"),
    "port": word("dstport"),
    "source_port": word("srcport"),
    "sent": word("sent"),
    "received": word("rcvd"),
    "action": word("action"),
    "result": word("result"),
}
_URL_FIELDS: Final = {"arg": text("arg"), "protocol": word("proto")}
_TIME: Final = r'(?:^|[ >])time="?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)'

_RECORDS: Final = {"connection": "end", "plugin": "end", "web": "web", "ssl": "web"}
_WEB: Final = ("plugin", "web")
_COUNTED: Final = ("connection", "plugin", "web", "ssl", "filter")
_LEFT_ENCRYPTED: Final = r'(?i)[ "]action="?block\b|[ "]msg="[^"]*\bnot deciphered\b'
"""Says of a connection through the SSL proxy that its requests are not in the web log."""
_HOST_NAME: Final = r"^[^_ ]+\.[A-Za-z][A-Za-z0-9-]+$"
_NO_MAC: Final = "00:00:00:00:00:00"
_OBJECT: Final = r"^(?:host|net)_"
"""What the firewall calls an address for which it has no object."""


class Stormshield(Parser):
    """Read records and join those of a connection; passes of the filter count only if the connection is not logged."""

    holders = (StandIns, Sessions)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        kind, used = pl.col("kind"), pl.col("kind").is_in(_COUNTED).fill_null(value=False)
        rows = _PAIRS.read(unwrap(lines, _START), {"kind": word("logtype")}).with_columns(_kind())
        rows = _without_deciphered(rows)
        parts = [
            nothing(),
            finished(rows.filter(kind.is_null()), rejected="not a Stormshield record"),
            finished(rows.filter(kind.is_not_null() & ~used), ignored="not a connection record"),
        ]
        rows = rows.filter(used)
        if rows.height:
            parts.append(with_urls(_transactions, rows, self._context))
        return pl.concat(parts, how="diagonal")


def _kind() -> pl.Expr:
    """Return the type of a record; in the firewall's own files it is missing, since the file name gives it."""
    text = pl.col("text")
    request = text.str.contains(" op=", literal=True)
    told = pl.when(request).then(pl.lit("plugin")).otherwise(pl.lit("connection"))
    return pl.coalesce("kind", pl.when(text.str.contains(" slotlevel=", literal=True)).then(told)).alias("kind")


def _without_deciphered(rows: pl.DataFrame) -> pl.DataFrame:
    """Rename the type of the records whose requests are in the web log."""
    ssl = pl.col("kind") == "ssl"
    if not rows.select(ssl.any()).item():
        return rows
    deciphered = ssl & ~pl.col("text").str.contains(_LEFT_ENCRYPTED)
    return rows.with_columns(pl.when(deciphered).then(pl.lit("deciphered")).otherwise("kind").alias("kind"))


def _transactions(rows: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    rows = _PAIRS.read(rows, _FIELDS | _URL_FIELDS if context.want_url else _FIELDS)
    written = pl.col("text").str.extract(_TIME) + (" " + pl.col("zone")).fill_null("")
    rows = rows.with_columns(timestamps(rows, written, context).alias("timestamp"), *_values())
    if context.want_url:
        rows = rows.with_columns(_scheme(), _path())
    parsed = normalise(rows, context)
    key = pl.struct(parsed["source_ip"], rows["source_port"], rows["server"], rows["port"]).hash()
    counted = parsed["rejected"].is_null() & parsed["ignored"].is_null() & rows["source_port"].is_not_null()
    passed = (rows["kind"] == "filter") & ~rows["blocked"]
    record = rows["kind"].replace_strict(_RECORDS, default=None, return_dtype=pl.String)
    return parsed.with_columns(
        record.alias(RECORD),
        pl.when(counted).then(key).alias(SESSION),
        pl.when(counted & (passed | record.is_not_null())).then(key).alias(CONNECTION),
        passed.alias(STANDS_IN),
    )


def _values() -> Iterator[pl.Expr]:
    name, device = pl.col("name"), pl.col("device")
    yield (pl.col("action") == "block").fill_null(value=False).alias("blocked")
    yield pl.when(name.str.contains(_HOST_NAME) & ~name.str.contains(_OBJECT)).then(name).alias("authority")
    mac = pl.when(pl.col("mac") != _NO_MAC).then("mac")
    yield pl.coalesce(pl.when(~device.str.contains(_OBJECT)).then(device), mac).alias("device")
    challenge = pl.col("kind").is_in(_WEB) & (pl.col("result") == "407")
    yield pl.when(challenge).then(pl.lit("authentication challenge")).alias("ignored")


def _scheme() -> pl.Expr:
    secure = (pl.col("port") == "443") | pl.col("protocol").is_in(["https", "ssl"])
    return pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")


def _path() -> pl.Expr:
    named = pl.col("authority").is_not_null() & pl.col("kind").is_in(_WEB)
    return pl.when(named).then("arg").alias("path")


FORMATS: Final = (
    Format(
        sources=("STORMSHIELD_SYSLOG",),
        recognise=signature(
            r'^(?=.*\b(?:startime|fw)=)(?=.*(?:\blogtype="?[a-z]+|\bslotlevel=))(?!.* sn=)', "Stormshield records"
        ),
        open=Stormshield,
        rank=18,
    ),
)
