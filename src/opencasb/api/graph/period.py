"""The function segment ``aggregatedAppsDetails(period=duration'P90D')`` in every spelling clients use (graph §2)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

import msgspec

from opencasb.api.graph.errors import BadRequest, quoted

PERIODS: Final = (7, 30, 90)
"""The periods in days; each ends on the stream's newest aggregation day."""

FUNCTION: Final = "aggregatedAppsDetails"

_NAME = re.compile(rf"(?:microsoft\.graph\.security\.)?{FUNCTION}(?:\(.*)?", re.IGNORECASE | re.DOTALL)
_CALL = re.compile(r"[^(]*\(period=(?:duration)?'?(P[^')]*)'?\)", re.IGNORECASE)
_NOTHING = re.compile(r"(?<=[A-Z])0+[YM]")
_WEEKS = re.compile(r"(?<=[A-Z])([0-9]{1,4})W")


def is_function(segment: str) -> bool:
    """Return whether a decoded path segment denotes the function, valid or not."""
    return _NAME.fullmatch(_without_blanks(segment)) is not None


def days_of(segment: str) -> int:
    """Return the number of days in the function segment. Raises :class:`BadRequest` naming the three allowed values."""
    call = _CALL.fullmatch(_without_blanks(segment))
    days = None if call is None else _days(call[1])
    if days not in PERIODS:
        raise BadRequest(
            f"The function {FUNCTION} needs the parameter 'period' with one of the values duration'P7D', "
            f"duration'P30D' and duration'P90D', as in {FUNCTION}(period=duration'P30D'); found {quoted(segment)}."
        )
    return days


def _days(duration: str) -> int | None:
    """Return the whole days of an ISO 8601 duration, or None; years and months must be zero, as their length varies."""
    date, mark, time = duration.upper().partition("T")  # after the T, M means minutes
    date = _NOTHING.sub("", date)
    weeks = _WEEKS.search(date)
    rest = _WEEKS.sub("", date, count=1)
    try:
        span = msgspec.convert(("P0D" if rest == "P" else rest) + mark + time, timedelta)
    except msgspec.ValidationError:
        return None
    days = span.days + (7 * int(weeks[1]) if weeks else 0)
    return None if span % timedelta(days=1) else days


def _without_blanks(segment: str) -> str:
    return "".join(segment.split())
