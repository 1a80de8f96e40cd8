"""The geometry of the report's charts, which a template draws as SVG.

Horizontal positions are percentages and vertical ones pixels, so that a chart scales with the page width while its text
keeps its size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

MOST_DAYS: Final = 400
"""Longest period whose gaps are drawn: a single line dated 1970 must not squeeze a month into a pixel."""

_STEPS: Final = (1, 2, 3, 4, 5, 6, 8, 10)
_GAP: Final = 0.25
_WIDEST: Final = 6.0
_NAMED_DAYS: Final = 6
_HEIGHT: Final = 120


@dataclass(frozen=True, slots=True)
class Column:
    """One vertical bar: ``x`` and ``width`` in percent, ``y`` and ``height`` in pixels from the top."""

    x: float
    width: float
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An axis label: its position is in percent on the horizontal axis, in pixels on the vertical one."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """Vertical bars over time."""

    columns: tuple[Column, ...]
    days: tuple[Mark, ...]
    levels: tuple[Mark, ...]
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar of a list; ``width`` in percent of the longest."""

    label: str
    text: str
    width: float


def ceiling(value: float) -> int:
    """Round ``value`` up to a number with a single non-zero digit (or 10); at least 1."""
    power = 1
    while power * 10 < value:
        power *= 10
    return next(step * power for step in _STEPS if step * power >= value)


def column_chart(days: Sequence[str], values: Sequence[int], text: Callable[[int], str]) -> ColumnChart:
    """Return the chart of one value per day (ISO dates, ascending); ``text`` formats a value.

    The time axis labels up to six days by month and day.
    """
    top = ceiling(max(values, default=0))
    slot = 100 / max(len(days), 1)
    width = min(slot * (1 - _GAP), _WIDEST)
    columns = [
        Column(
            x=_rounded(slot * number + (slot - width) / 2),
            width=_rounded(width),
            y=_rounded(_HEIGHT - _HEIGHT * value / top),
            height=_rounded(_HEIGHT * value / top),
            title=f"{day}: {text(value)}",
        )
        for number, (day, value) in enumerate(zip(days, values, strict=True))
    ]
    every = -(-len(days) // _NAMED_DAYS) or 1
    marks = [Mark(_rounded(slot * (number + 0.5)), days[number][5:]) for number in range(0, len(days), every)]
    levels = [Mark(0, text(top)), *([Mark(_HEIGHT / 2, text(top // 2))] if top % 2 == 0 else [])]
    return ColumnChart(tuple(columns), tuple(marks), tuple(levels), _HEIGHT)


def bars(labels: Sequence[str], values: Sequence[int], text: Callable[[int], str]) -> tuple[Bar, ...]:
    """Return horizontal bars in the order given."""
    longest = max(values, default=0) or 1
    return tuple(
        Bar(label, text(value), _rounded(100 * value / longest)) for label, value in zip(labels, values, strict=True)
    )


def calendar(days: Sequence[str]) -> list[str]:
    """Fill the gaps between ``days`` (ISO dates, ascending), unless the period exceeds 400 days."""
    if not days:
        return []
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    length = (last - first).days + 1
    if length > MOST_DAYS:
        return list(days)
    return [(first + timedelta(days=number)).isoformat() for number in range(length)]


def _rounded(value: float) -> float:
    return round(value, 3)
