"""Read the activity log of Barracuda CloudGen (NextGen) Firewall (log-formats §5, BARRACUDA_NEXT_GEN_FW)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from opencasb.discovery.formats.barracuda_json import ACTIVITY, with_activities
from opencasb.discovery.formats.base import Format, Parser, nothing
from opencasb.discovery.formats.fields import cut
from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.normalise import finished, normalise
from opencasb.discovery.formats.signature import signature
from opencasb.discovery.formats.stamps import timestamps
from opencasb.discovery.formats.stand_ins import CONNECTION, STANDS_IN, StandIns
from opencasb.discovery.formats.wrappers import ELEMENTS, HEADER, unwrap

_LEVEL: Final = r"(?:Info|Notice|Warning|Security|Error|Fatal|Debug|Alert|Panic)"
_START: Final = rf"(?:\d{{4}}[ -]\d\d[ -]\d\d \d\d:\d\d:\d\d \S* *)?{_LEVEL} +\S+ "
_CONTENT: Final = r'[=,;|"]'
"""Never occurs in a header: the level was found deep inside another device's line, as a word of its text."""
_ACTIONS: Final = r"(?:Allow|Detect|Remove|Block|LocalBlock|Deny|Drop|Fail|Terminate)"
_FLOW: Final = r"(?:type=)?<?\w+>?"
"""The kind of traffic; ``<cumulative>`` is many blocked packets in one record."""

_KEYED: Final = ": type="
"""Occurs in records whose values have keys."""

_ACTIVITY: Final = rf"^[^|]*\b{_ACTIONS}: {_FLOW}\|"
_ACTION: Final = rf"\b({_ACTIONS}): {_FLOW}$"
_WRITTEN: Final = rf"^(\d{{4}})[ -](\d\d)[ -](\d\d) (\d\d:\d\d:\d\d)(?: (?:{_LEVEL} +)?([+-]\d\d:?\d\d))?"

_NAMES: Final = (
    "front", "protocol", "source_interface", "source", "source_port", "device", "server", "port", "service",
    "server_interface", "rule", "info", "source_nat", "server_nat", "duration", "number", "received", "sent",
    "packets_received", "packets_sent", "user", "transport", "application", "authority", "content", "category",
)  # fmt: skip
_PAIRS: Final = Pairs("|")
_FIELDS: Final = {
    "source": word("srcIP"),
    "device": word("srcMAC"),
    "server": word("dstIP"),
    "received": word("receivedBytes"),
    "sent": word("sentBytes"),
    "user": text("user"),
    "authority": word("target"),
}
_BLOCKING: Final = ("Block", "LocalBlock", "Deny", "Drop", "Fail")
_STARTS: Final = ("Allow", "Detect")
_NO_DEVICE: Final = "00:00:00:00:00:00"


class BarracudaFirewall(Parser):
    """Read activities; allowed connections count only if the file does not record how connections ended."""

    holders = (StandIns,)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch."""
        rows, written = unwrap(lines, _START), pl.col("text")
        activity = written.str.contains(_ACTIVITY).fill_null(value=False)
        if not rows.select(activity.all()).item():
            rows = with_activities(rows)
        strange = pl.col(HEADER).str.replace(ELEMENTS, "").str.contains(_CONTENT).fill_null(value=False)
        level = written.str.contains(f"^{_START}").fill_null(value=False) & ~strange
        return pl.concat(
            [
                nothing(),
                finished(rows.filter(~activity & level), ignored="not a firewall activity"),
                finished(rows.filter(~activity & ~level), rejected="not a Barracuda firewall record"),
                *self._transactions(rows.filter(activity)),
            ],
            how="diagonal",
        )

    def _transactions(self, rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
        if rows.is_empty():
            return
        rows = _cut(rows).with_columns(pl.col("front").str.extract(_ACTION).alias("action"))
        stamp = pl.col("front").str.extract_groups(_WRITTEN).struct
        day = pl.concat_str([stamp[place] for place in range(3)], separator="-")
        written = day + " " + stamp[3] + (" " + stamp[4]).fill_null("")
        rows = rows.with_columns(timestamps(rows, written, self._context).alias("timestamp"), *_values())
        parsed = normalise(rows, self._context)
        action, same = rows["action"], pl.lit(0, pl.UInt64)  # one key for all connections: any end is enough
        kept = parsed["rejected"].is_null() & ~action.is_in(_BLOCKING)
        yield parsed.with_columns(pl.when(kept).then(same).alias(CONNECTION), action.is_in(_STARTS).alias(STANDS_IN))


def _cut(rows: pl.DataFrame) -> pl.DataFrame:
    """Add the text before the first pipe as ``front``, and RAW columns, by position or by key."""
    keyed = rows["text"].str.contains(_KEYED, literal=True)
    if not keyed.any():
        return cut(rows, "text", "|", _NAMES)
    pairs = _PAIRS.read(rows.filter(keyed), _FIELDS)
    parts = [pairs.with_columns(pl.col("text").str.splitn("|", 2).struct[0].alias("front"))]
    if not keyed.all():
        parts.append(cut(rows.filter(~keyed), "text", "|", _NAMES).select(parts[0].columns))
    return pl.concat(parts)


def _values() -> Iterator[pl.Expr]:
    device = pl.col("device")
    short = pl.when(pl.col("server").is_null()).then(pl.lit("too few fields"))
    yield short.alias("rejected")
    yield pl.col("action").is_in(_BLOCKING).alias("blocked")
    yield pl.when(device != _NO_DEVICE).then(device).alias("device")
    yield pl.when(pl.col("authority") != "").then("authority").alias("authority")


FORMATS: Final = (
    Format(
        sources=("BARRACUDA_NEXT_GEN_FW",),
        recognise=signature(
            rf"\b{_ACTIONS}: {_FLOW}(?:\|[^|]*){{14}}|{ACTIVITY}"
            r"|^(?:Info {5}|Notice {3}|Warning {2}|Error {4})\S+ \S",
            "Barracuda firewall activities",
        ),
        open=BarracudaFirewall,
        rank=32,
    ),
)
