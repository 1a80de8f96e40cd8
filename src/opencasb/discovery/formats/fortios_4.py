"""Read FortiOS 4 records, whose keys and subtypes were renamed in later releases (log-formats §5, FORTIGATE)."""

from __future__ import annotations

from typing import Final

import polars as pl

_TRAFFIC: Final = ("allowed", "violation", "other")
"""Subtypes that tell what became of traffic."""

_KEYS: Final = {
    "(src|dst)": "${2}ip", "(sent|rcvd)": "${2}byte", "dst_port": "dstport", "(?:SN|serial)": "sessionid"
}  # fmt: skip
"""Keys, and their later names."""


def renamed(lines: pl.DataFrame) -> pl.DataFrame:
    """Return ``lines`` (``text``, ``type``, ``subtype``) with those of FortiOS 4 rewritten as by later releases."""
    at = _old(lines)
    if at.is_empty():
        return lines
    text, subtype = pl.col("text"), pl.col("subtype")
    for key, name in _KEYS.items():
        text = text.str.replace_all(rf"(^|[ ,\t>]){key}=", f"${{1}}{name}=")
    forward = pl.when(subtype.is_in(_TRAFFIC)).then(pl.lit("forward")).otherwise(subtype)
    old = lines[at].select(text.alias("text"), forward.alias("subtype"))
    return lines.with_columns(lines[name].scatter(at, old[name]) for name in old.columns)


def _old(lines: pl.DataFrame) -> pl.Series:
    """Return the positions of such lines; web-filter ones, whose subtypes are unchanged, are known by their text."""
    kind = pl.col("type")
    web = kind.is_in(["webfilter", "app-ctrl"])
    likely = lines.select(web | ((kind == "traffic") & pl.col("subtype").is_in(_TRAFFIC))).to_series().arg_true()
    return likely.filter(lines["text"].gather(likely).str.contains("device_id=", literal=True))
