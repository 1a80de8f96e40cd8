"""Doubt the clocks of appliances by the days of their transactions, where events of any age count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from opencasb.discovery.rollup import FUTURE_DAYS
from opencasb.model.report import DailyUsage

_FIRST_PLAUSIBLE: Final = date(2000, 2, 1)
"""Clocks that were never set begin in 1970, 1980 or at the start of 2000."""

_ADVICE: Final = "check the clock of the appliance"


def clock_doubts(daily: Sequence[DailyUsage], received_at: int) -> Iterator[str]:
    """Yield what is odd about the days of a report (oldest first) on logs received at ``received_at`` (ms UTC)."""
    last = (datetime.fromtimestamp(received_at / 1000, UTC) + timedelta(days=FUTURE_DAYS)).date().isoformat()
    late = [each for each in daily if each.day > last]
    early = [each for each in daily if each.day < _FIRST_PLAUSIBLE.isoformat()]
    if late:
        yield f"{_lie(late)} in the future, up to {late[-1].day}: {_ADVICE} and the time zone"
    if early:
        yield f"{_lie(early)} before {_FIRST_PLAUSIBLE}, from {early[0].day} on: {_ADVICE}"


def _lie(days: Sequence[DailyUsage]) -> str:
    number = sum(day.transactions for day in days)
    return f"{number} transaction{' lies' if number == 1 else 's lie'}"
