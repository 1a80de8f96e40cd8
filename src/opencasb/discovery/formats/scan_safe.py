"""Read Cisco Cloud Web Security, formerly ScanSafe: W3C with ``x-ss-`` fields (log-formats §5, CISCO_SCAN_SAFE)."""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.formats.elff import FIELDS
from opencasb.discovery.formats.w3c import W3c, share_below_fields
from opencasb.discovery.formats.w3c_fields import GENERIC, Dialect

_FORWARDED: Final = "cs(x-forwarded-for)"
_ADDRESS: Final = r"^\s*([0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+)"

_DIALECT: Final = Dialect(
    names={**GENERIC.names, "source": (_FORWARDED, "c-ip")},
    times=("datetime", "timestamp", "x-timestamp"),
    blocked={"x-ss-last-rule-action": "(?i)^block", "x-ss-block-type": "^[^-]"},
    needs_time=True,
)


class ScanSafe(W3c):
    """Read lines by their header; the real client is the first address that a proxy in front of the service names."""

    def __init__(self, context: ParseContext) -> None:
        super().__init__(_DIALECT, context)

    def _transactions(self, fields: pl.DataFrame, context: ParseContext) -> pl.DataFrame:
        if _FORWARDED in fields.columns:
            fields = fields.with_columns(pl.col(_FORWARDED).str.extract(_ADDRESS).alias(_FORWARDED))
        return super()._transactions(fields, context)


def _recognise(lines: list[str]) -> tuple[float, str]:
    ours = any(line.lower().startswith(FIELDS) and "x-ss-" in line.lower() for line in lines)
    return share_below_fields(lines) if ours else 0.0, "#Fields with x-ss- names"


FORMATS: Final = (Format(("CISCO_SCAN_SAFE",), _recognise, ScanSafe, rank=10),)
