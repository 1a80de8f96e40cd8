"""Read Sophos SG (UTM 9): web proxy and packet filter records (log-formats §5, SOPHOS_SG)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, Parser, nothing
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.stand_ins import CONNECTION, STANDS_IN, StandIns
from opencasb.discovery.formats.values import NO_USER
from opencasb.discovery.formats.wrappers import unwrap

_START: Final = r"\d{4}:\d\d:\d\d-\d\d:\d\d:\d\d |\bid=\""
_PAIRS: Final = Pairs(r" ")
_KIND_FIELDS: Final = {"sys": word("sys")}
_FIELDS: Final = {
    "action": word("action"),
    "method": word("method"),
    "source": word("srcip"),
    "device": word("srcmac"),
    "server": word("dstip"),
    "login": text("user"),
    "domain": text("ad_domain"),
    "status": word("statuscode"),
    "size": word("size"),
    "url": word("url"),
}
_TIME: Final = r"^(\d{4}:\d\d:\d\d-\d\d:\d\d:\d\d) "
_PROGRAM: Final = _TIME + r"\S+ [\w./-]+(?:\[\d+\])?: "
"""The logs of the appliance's other programs have no ``sys``."""
_FILTERED: Final = ("accept", "drop", "reject")
_PACKET: Final = ' sub="packetfilter"'
_REFUSED: Final = 'id="0002"'
_BLOCKING: Final = ("block", "drop", "reject")


class SophosSg(Parser):
    """Read the web proxy's records; packet filter records count only if the file has none of the proxy."""

    holders = (StandIns,)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = _PAIRS.read(unwrap(lines, _START), _KIND_FIELDS, guarded=False)
        packet = (pl.col("sys") == "SecureNet") & pl.col("text").str.contains(_PACKET, literal=True)
        used = ((pl.col("sys") == "SecureWeb") | packet).fill_null(value=False)
        strange = pl.col("sys").is_null() & ~pl.col("text").str.contains(_PROGRAM).fill_null(value=False)
        return pl.concat(
            [
                nothing(),
                finished(rows.filter(strange), rejected="not a Sophos UTM record"),
                finished(rows.filter(~used & ~strange), ignored="not a web or packet filter record"),
                *self._transactions(rows.filter(used)),
            ],
            how="diagonal",
        )

    def _transactions(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if rows.is_empty():
            return
        rows = _PAIRS.read(rows, _FIELDS)
        times = timestamps(rows, pl.col("text").str.extract(_TIME), self._context)
        rows = rows.with_columns(times.alias("timestamp"), *_values()).with_columns(_ignored().alias("ignored"))
        parsed = normalise(rows, self._context)
        counted = parsed["rejected"].is_null() & parsed["ignored"].is_null()
        same = pl.lit(0, pl.UInt64)  # one key for all: any proxy record makes the packet filter's superfluous
        yield parsed.with_columns(
            pl.when(counted).then(same).alias(CONNECTION), (rows["sys"] == "SecureNet").alias(STANDS_IN)
        )


def _ignored() -> pl.Expr:
    web = pl.col("sys") == "SecureWeb"
    return (
        pl.when(web & pl.col("url").is_null())
        .then(pl.lit("web record without a URL"))
        .when(web & (pl.col("status") == "407"))
        .then(pl.lit("authentication challenge"))
        .when(~web & ~pl.col("action").is_in(_FILTERED).fill_null(value=False))
        .then(pl.lit("not a connection"))
    )


def _values() -> Iterator[pl.Expr]:
    verdict = pl.col("action").str.to_lowercase()
    refused = verdict.is_null() & pl.col("text").str.contains(_REFUSED, literal=True)
    yield (verdict.is_in(_BLOCKING) | refused).fill_null(value=False).alias("blocked")
    nobody = pl.col("login").str.to_lowercase().is_in(list(NO_USER))
    user = (pl.col("domain").fill_null("") + "\\" + pl.col("login")).str.strip_prefix("\\")
    whole = pl.col("login").str.contains("\\", literal=True)
    yield pl.when(~nobody).then(pl.when(whole).then("login").otherwise(user)).alias("user")
    yield pl.col("size").alias("received")
    yield (pl.col("method") == "CONNECT").fill_null(value=False).alias("tunnel")


FORMATS: Final = (
    Format(
        sources=("SOPHOS_SG", "SOPHOS_SG_SYSLOG"),
        recognise=signature(r'\bsys="Secure(?:Web|Net)"', "Sophos UTM records"),
        open=SophosSg,
        rank=16,
    ),
)
