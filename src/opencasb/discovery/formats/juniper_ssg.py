"""Read Juniper SSG and ISG (NetScreen, ScreenOS): traffic messages (log-formats §5, JUNIPER_SSG_SYSLOG)."""

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
from opencasb.discovery.formats.wrappers import unwrap

_START: Final = r"NetScreen device_id=|\[[^\[\]]*\]system-[a-z]+-\d{5}"
"""The second is what the device itself displays, without its name."""
_TRAFFIC: Final = "-00257(traffic)"
_ESCAPED: Final = '\\"'

_PAIRS: Final = Pairs(r" ")
_FIELDS: Final = {
    "time": text("start_time"),
    "action": word("action"),
    "sent": word("sent"),
    "received": word("rcvd"),
    "source": word("src"),
    "server": word("dst"),
    "source_port": word("src_port"),
    "session_id": word("session_id"),
    "reason": word("reason"),
    "user": text("user"),
}


class JuniperSsg(Parser):
    """Read traffic messages; the start of a session counts only if its end is not logged."""

    holders = (StandIns,)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows = unwrap(lines, _START)
        written = pl.col("text")
        ours = written.str.contains(_START).fill_null(value=False)
        traffic = ours & written.str.contains(_TRAFFIC, literal=True)
        parts = [finished(rows.filter(~ours), rejected="not a ScreenOS message")]
        parts.append(finished(rows.filter(ours & ~traffic), ignored="not a traffic message"))
        return pl.concat([nothing(), *parts, *self._transactions(rows.filter(traffic))], how="diagonal")

    def _transactions(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if rows.is_empty():
            return
        plain = pl.col("text").str.replace_all(_ESCAPED, '"', literal=True)  # some relays escape the quotes
        rows = _PAIRS.read(rows.with_columns(plain), _FIELDS)
        rows = rows.with_columns(timestamps(rows, pl.col("time"), self._context).alias("timestamp"))
        blocked = pl.col("action").str.contains("(?i)^(?:deny|reject|drop)").fill_null(value=False)
        parsed = normalise(rows.with_columns(blocked.alias("blocked")), self._context)
        counted = parsed["rejected"].is_null() & rows["session_id"].is_not_null()
        key = pl.struct(rows["session_id"], parsed["source_ip"], rows["source_port"]).hash()
        yield parsed.with_columns(
            pl.when(counted).then(key).alias(CONNECTION),
            (rows["reason"] == "Creation").fill_null(value=False).alias(STANDS_IN),
        )


FORMATS: Final = (
    Format(
        sources=("JUNIPER_SSG_SYSLOG",),
        recognise=signature(_START, "ScreenOS messages"),
        open=JuniperSsg,
        rank=20,
    ),
)
