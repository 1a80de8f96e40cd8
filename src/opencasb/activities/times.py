"""Parse times as sources write them into ms since the epoch, UTC (connectors §3.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from opencasb.model.durations import MINUTE
from opencasb.model.iso_time import LATEST

FASTEST_CLOCK: Final = 10 * MINUTE
"""How far a source's clock may be ahead, in ms."""

_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)"
    r"(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?"
    r"\s?(?:(Z|UTC|GMT)|([+-])(\d\d):?(\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_RUN_TOGETHER: Final = re.compile(
    r"((?:19|20)\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?", re.ASCII
)  # as Salesforce writes it
_NUMBER: Final = re.compile(r"\d{1,20}(?:\.\d{1,9})?", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def read_time(value: str | float) -> int | None:
    """Return a time in ms, truncated rather than rounded; None unless it is a time between 1970 and 9999.

    Accepts ISO 8601 with or without ``T``, zone and fraction (no zone means UTC), ``yyyymmddHHMMSS.fff``, and numbers
    of seconds, ms, µs or ns, distinguished by magnitude.
    """
    if not isinstance(value, str):
        return _of_number(value if isinstance(value, int) else Decimal(str(value)))
    text = value.strip()
    run = _RUN_TOGETHER.fullmatch(text)
    if run:
        return _of_parts(run.group(1, 2, 3, 4, 5, 6), run[7], timedelta())
    iso = _ISO.fullmatch(text)
    if iso:
        offset = timedelta(hours=int(iso[10] or 0), minutes=int(iso[11] or 0))
        return _of_parts(iso.group(1, 2, 3, 4, 5, 6), iso[7], -offset if iso[9] == "-" else offset)
    return _of_number(Decimal(text)) if _NUMBER.fullmatch(text) else None


def not_ahead(time: int, now: int) -> int:
    """Return a time in ms, or the time of arrival ``now`` if it is too far in the future (detections §1)."""
    return now if time > now + FASTEST_CLOCK else time


def _of_number(value: int | Decimal) -> int | None:
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    if not 0 <= value < 10**20:
        return None
    ms: int | Decimal
    if value < 10**11:
        ms = value * 1000
    elif value < 10**14:
        ms = value
    elif value < 10**17:
        ms = value // 1000
    else:
        ms = value // 1_000_000
    return int(ms) if ms <= LATEST else None


def _of_parts(parts: Sequence[str | None], fraction: str | None, offset: timedelta) -> int | None:
    """Return the time for year, month, day, hour, minute and second; the last three may be None."""
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset))
        seconds = (moment - _EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        return None
    ms = seconds * 1000 + int((fraction or "").ljust(3, "0")[:3])
    return ms if 0 <= ms <= LATEST else None
