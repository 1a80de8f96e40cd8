"""Finds the time among the fields of an unknown log, and its format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import gt, lt
from typing import TYPE_CHECKING, Final

import polars as pl

from opencasb.discovery.custom.definition import FieldRule, Time
from opencasb.discovery.custom.templates import WHOLE_LINE
from opencasb.discovery.custom.time_format import UNIX, percent_pattern
from opencasb.discovery.formats.times import moment
from opencasb.discovery.inference import words
from opencasb.discovery.inference.columns import Column

if TYPE_CHECKING:
    from opencasb.discovery.formats.base import ParseContext

_DATE: Final = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]?(?:\d{1,2}|[A-Za-z]{3})[-/. ]?\d{2,4})", re.ASCII
)
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?: ?[AaPp][Mm])?", re.ASCII)
_UNIX: Final = re.compile(r"1\d{9}(?:\.\d+|\d{3}|\d{6}|\d{9})?", re.ASCII)
_ZONED: Final = re.compile(r"(?:Z|[+-]\d\d:?\d\d|\b(?:GMT|UTC|[A-Z]{2,4}T))\]?$")
_AMBIGUOUS: Final = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}", re.ASCII)
_LEADING: Final = (
    r"^\[?(\d{4}[-/:.]\d\d[-/:.]\d\d[T :-]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?)",
    r"^(1\d{9}(?:\.\d+)?)[\s,;|]",
    r"^\[?(\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)",
)
"""Times at the start of lines, for logs without a time field."""

_FORMATS: Final = (
    "%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M:%SZ", "%d/%b/%Y:%H:%M:%S %z",
    "%b %d %Y %H:%M:%S", "%d%b%Y %H:%M:%S",
)  # fmt: skip
_FIRST: Final = 946_684_800_000
"""The year 2000."""
_LAST: Final = 4_102_444_800_000
"""The year 2100: anything outside this range is not a log's time."""

_TRIED: Final = 200
_MANY_LINES: Final = 8
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class FoundTime:
    """Where the time is, whether it carries its zone, whether day and month are ambiguous, and a likelihood score."""

    time: Time
    zoned: bool
    ambiguous: bool
    score: float


def find_time(columns: Sequence[Column], texts: Sequence[str], context: ParseContext) -> FoundTime | None:
    """Return the likeliest time, or None if there is none.

    A time at the start of the lines wins if it carries its zone and the fields do not: splitting at blanks may have cut
    theirs off.
    """
    whole = [found for column in columns if (found := _whole(column, context)) is not None]
    halves = _halves(columns, context)
    best = max([*whole, *halves], key=lambda found: found.score, default=None)
    if best is not None and best.zoned:
        return best
    leading = _leading(texts, context)
    return leading if leading is not None and (best is None or leading.zoned) else best


def _whole(column: Column, context: ParseContext) -> FoundTime | None:
    if words.OTHER_TIME.search(column.hint):
        return None
    values = [value for value, _ in column.counts.most_common(_TRIED)]
    unix = column.share(lambda value: bool(_UNIX.fullmatch(value)))
    if unix >= 0.9 and (words.TIME.search(column.hint) or (not column.named and _goes_on(column))):
        return _found(Time(fields=[column.item], format=UNIX), column, values)
    if unix or _share(values, context) < 0.9 or all(_DATE.fullmatch(value) for value in values):
        return None
    return _found(_textual([column], values, context), column, values)


def _goes_on(column: Column) -> bool:
    """Return whether numbers can be a clock's: rule ids are made of seconds, too, but stand still or jump."""
    seconds = [int(value.strip()[:10]) for value in column.values if value and _UNIX.fullmatch(value.strip())]
    if len(seconds) < _MANY_LINES:
        return True
    later, earlier = (sum(map(compare, seconds[1:], seconds)) for compare in (gt, lt))
    in_order = min(later, earlier) * 4 <= max(later, earlier) and later + earlier > 0
    return in_order or (max(seconds) - min(seconds) < _DAY and len(set(seconds)) * 10 > len(seconds))


def _halves(columns: Sequence[Column], context: ParseContext) -> list[FoundTime]:
    """Return the times whose date and time of day are in two fields."""
    dates = [column for column in columns if _are(column, _DATE)]
    clocks = [column for column in columns if _are(column, _CLOCK)]
    found = []
    for date in dates[:3]:
        for clock in clocks[:3]:
            pairs = zip(date.values, clock.values, strict=True)
            values = list(dict.fromkeys(f"{day} {time}" for day, time in pairs if day and time))[:_TRIED]
            if values and _share(values, context) >= 0.9:
                found.append(_found(_textual([date, clock], values, context), date, values))
    return found


def _are(column: Column, pattern: re.Pattern[str]) -> bool:
    return column.share(lambda value: bool(pattern.fullmatch(value))) >= 0.9


def _leading(texts: Sequence[str], context: ParseContext) -> FoundTime | None:
    for pattern in _LEADING:
        compiled = re.compile(pattern)
        values = [found[1] for text in texts if (found := compiled.search(text))]
        if len(values) * 10 >= len(texts) * 9 and values and _share(values[:_TRIED], context) >= 0.9:
            rule = FieldRule(field=WHOLE_LINE, pattern=pattern)
            zoned = all(_UNIX.fullmatch(value) or _ZONED.search(value) for value in values)
            return FoundTime(Time(fields=[rule]), zoned, ambiguous=False, score=1)
    return None


def _found(time: Time, column: Column, values: Sequence[str]) -> FoundTime:
    named = bool(words.TIME.search(column.hint))
    best = bool(words.RECEIVED_TIME.search(column.hint))
    zoned = time.format == UNIX or all(_ZONED.search(value) for value in values)
    ambiguous = time.day_first is None and any(_AMBIGUOUS.match(value) for value in values)
    early = 0.0 if column.place is None else -column.place / 1000
    score = column.fill * 3 + named + best * 0.3 + zoned * 0.5 + (len(column.counts) > 1) + early
    return FoundTime(time, zoned, ambiguous, score)


def _textual(columns: Sequence[Column], values: Sequence[str], context: ParseContext) -> Time:
    """Return the format of a time: the first pattern that fits all values, else automatic detection."""
    fields = [column.item for column in columns]
    series = pl.Series(values)
    wanted = series.to_frame("text").select(moment(pl.col("text"), context)).to_series()
    for pattern in _FORMATS:
        read = series.str.to_datetime(percent_pattern(pattern), time_unit="ms", strict=False)
        if not read.null_count() and read.dt.epoch("ms").equals(wanted):
            return Time(fields=fields, format=pattern)
    return Time(fields=fields, day_first=_day_first(values))


def _day_first(values: Sequence[str]) -> bool | None:
    """Return whether days precede months if the values tell; None if they do not or it does not matter."""
    found = [(int(hit[1]), int(hit[2])) for value in values if (hit := _AMBIGUOUS.match(value))]
    if any(first > 12 for first, _ in found):
        return True
    return False if any(second > 12 for _, second in found) else None


def _share(values: Sequence[str], context: ParseContext) -> float:
    """Return the share of texts that are plausible times."""
    if not values:
        return 0.0
    frame = pl.DataFrame({"text": list(values)}, schema={"text": pl.String})
    times = frame.select(moment(pl.col("text"), context)).to_series()
    return int(times.is_between(_FIRST, _LAST).fill_null(value=False).sum()) / len(values)
