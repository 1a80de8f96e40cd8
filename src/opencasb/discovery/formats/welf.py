"""Read WebTrends Enhanced Log Format as written by Juniper SRX (log-formats §5, JUNIPER_SRX_WELF_SYSLOG)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext, Parser
from opencasb.discovery.formats.followed_urls import with_urls
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.wrappers import unwrap

_START: Final = r"\bid="
_PAIRS: Final = Pairs(r" ")
_FIELDS: Final = {
    "time": text("time"),
    "source": word("src"),
    "server": word("dst"),
    "authority": word("dstname"),
    "sent": word("sent"),
    "received": word("rcvd"),
    "user": text("user"),
    "result": word("result"),
    "words": text("action"),
    "type": text("type"),
    "message": text("msg"),
}
_URL_FIELDS: Final = {"path": text("arg"), "protocol": word("proto")}
_BLOCK: Final = r"(?i)\b(?:den(?:y|ied)|drop|block|reject)"
_OTHERS: Final = r'\slogtype="|\sslotlevel=|\ssn=.*\sm=\d'
"""Found in records of Stormshield and SonicWall, each of which has its own rules."""
_NAME: Final = r"[A-Za-z].*\.[A-Za-z]|:.*:"
"""Matches a host or an address, but not the name of an object in the firewall's configuration."""


class Welf(Parser):
    """Read records that name a client and a server."""

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        return with_urls(_records, unwrap(lines, _START), self._context)


def _records(lines: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
    rows = _PAIRS.read(lines, _FIELDS | _URL_FIELDS if context.want_url else _FIELDS)
    rows = rows.with_columns(timestamps(rows, pl.col("time"), context).alias("timestamp"))
    if context.want_url:
        rows = rows.with_columns(_scheme())
    return normalise(rows.with_columns(_values()), context)


def _values() -> Iterator[pl.Expr]:
    strange = ~pl.col("text").str.contains(_START) | (pl.col("time").is_null() & pl.col("source").is_null())
    strange |= pl.col("text").str.contains(_OTHERS)
    aimless = pl.col("source").is_null() | (pl.col("server").is_null() & pl.col("authority").is_null())
    yield pl.when(strange).then(pl.lit("not a WELF record")).alias("rejected")
    challenge = pl.when(pl.col("result") == "407").then(pl.lit("authentication challenge"))
    yield (
        pl.when(~strange).then(pl.when(aimless).then(pl.lit("no traffic record")).otherwise(challenge)).alias("ignored")
    )
    words = [pl.col(name).str.contains(_BLOCK).fill_null(value=False) for name in ("words", "type", "message")]
    yield pl.any_horizontal(words).alias("blocked")
    yield pl.when(pl.col("authority").str.contains(_NAME)).then("authority").alias("authority")


def _scheme() -> pl.Expr:
    secure = pl.col("protocol").str.contains(r"(?i)https|ssl|tls|\b443\b").fill_null(value=False)
    return pl.when(secure).then(pl.lit("https")).otherwise(pl.lit("http")).alias("scheme")


FORMATS: Final = (
    Format(
        sources=("JUNIPER_SRX_WELF_SYSLOG",),
        recognise=signature(
            r"^(?!.*(?: sn=| logtype=| slotlevel=| m=\d))(?=.*(?:^|\s)id=firewall\b)(?=.*\b(?:src|fw)=)", "WELF records"
        ),
        open=Welf,
        rank=19,
    ),
)
