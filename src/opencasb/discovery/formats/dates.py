"""Parse one date and zone as devices write them; called for distinct texts only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from opencasb.discovery.formats.base import ParseContext

_MINUTE: Final = 60_000
_LONGEST: Final = 48
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_ZONES: Final = {
    "Z": 0, "GMT": 0, "UTC": 0, "UT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MEZ": 60, "CEST": 120,
    "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180, "SAST": 120, "IST": 330, "SGT": 480, "HKT": 480, "AWST": 480,
    "JST": 540, "KST": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "BRT": -180,
    "ART": -180, "AST": -240, "ADT": -180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360,
    "PST": -480, "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
"""Abbreviation → minutes east of UTC. Unknown ones fall back to the data source's zone (log-formats §5, SOPHOS_XG)."""

_OFFSET: Final = re.compile(r"(?:GMT|UTC)?\s*([+-])-?(\d{1,2}):?(\d\d)?", re.ASCII)
_YEAR: Final = re.compile(r"(?<!\d)(\d{4})(?!\d)", re.ASCII)
_HALF: Final = re.compile(r"([ap])\.?m\b\.?", re.IGNORECASE)
_NAMED: Final = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(\d{0,2})[\s/.\-]*([a-z]{3})[a-z]*\.?[\s/.\-]*(\d{1,4})?,?[\s/\-]*(\d{4}|\d\d)?", re.ASCII
)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[\s/-](?=[a-z]{3})", re.ASCII)
_NUMERIC: Final = re.compile(r"(\d{1,4})[/.:\-](\d{1,2})[/.:\-](\d{1,4})", re.ASCII)


class Reading(msgspec.Struct, frozen=True):
    """What a date and a zone say.

    ``day`` is the date's midnight in ms as if UTC (None: no date). ``earlier`` is the same date a year (29 February: a
    leap period) before, set only if the text has no year. ``offset`` is ms east of UTC, None if no known zone is named.
    ``half`` is 0 for AM, twelve hours in ms for PM, None for a 24-hour clock.
    """

    day: int | None = None
    earlier: int | None = None
    offset: int | None = None
    half: int | None = None


def read_date(date: str, zone: str, context: ParseContext) -> Reading:
    """Parse the text before the clock (``Jan 5``, ``05/02/2025``) and after it (``GMT``, ``-0700``, ``PM 2017``)."""
    if len(date) > _LONGEST or len(zone) > _LONGEST:
        return Reading()
    zone = zone.strip(" :\t[]()")
    half = _HALF.match(zone)
    if half:
        zone = zone[half.end() :].strip()
    year = _YEAR.match(zone)
    if year:
        zone = zone[year.end() :].strip()
    trailing = _YEAR.search(zone) if not year and not _OFFSET.match(zone) else None
    found = year or trailing
    parts = _year_month_day(date.strip(" :,[]()").lower(), int(found[1]) if found else None, context)
    if parts is None:
        return Reading()
    day, earlier = _days(*parts, context)
    morning = None if half is None else (0 if half[1] in "aA" else 12 * 60 * _MINUTE)
    return Reading(day, earlier, _offset(zone, day), morning)


def _year_month_day(date: str, year: int | None, context: ParseContext) -> tuple[int | None, int, int] | None:
    numeric = _NUMERIC.fullmatch(date)
    if numeric:
        return _numeric(numeric[1], numeric[2], numeric[3], context)
    leading = _YEAR_FIRST.match(date)
    if leading:
        year, date = int(leading[1]), date[leading.end() :]
    named = _NAMED.fullmatch(date)
    if named is None or named[2] not in _MONTHS:
        return None
    before, month, third, fourth = named[1], _MONTHS[named[2]], named[3], named[4]
    if before:
        day, written = before, third or fourth
    else:
        day, written = third, fourth
    if not day:
        return None
    return (_full_year(written) if written else year), month, int(day)


def _numeric(first: str, second: str, third: str, context: ParseContext) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third)
    one, two = int(first), int(second)
    day, month = (one, two) if one > 12 or (two <= 12 and context.day_first) else (two, one)
    return _full_year(third), month, day


def _full_year(text: str) -> int:
    value = int(text)
    if len(text) > 2:
        return value
    return value + (2000 if value < 70 else 1900)


def _days(year: int | None, month: int, day: int, context: ParseContext) -> tuple[int | None, int | None]:
    """Return the date's midnight; without a year, those of the two newest years in which the date fits."""
    if year is not None:
        return _midnight(year, month, day), None
    received = datetime.fromtimestamp(context.received_at / 1000, UTC) + timedelta(days=2)
    fitting = [found for back in range(10) if (found := _midnight(received.year - back, month, day)) is not None]
    limit = int(received.timestamp() * 1000)
    past = [found for found in fitting if found <= limit]
    return (past[0], past[1]) if len(past) > 1 else (None, None)


def _midnight(year: int, month: int, day: int) -> int | None:
    try:
        return int(datetime(year, month, day, tzinfo=UTC).timestamp()) * 1000
    except (ValueError, OverflowError):
        return None


def _offset(zone: str, day: int | None) -> int | None:
    if not zone.strip():
        return None
    signed = _OFFSET.match(zone)
    if signed:
        minutes = int(signed[2]) * 60 + int(signed[3] or 0)
        return (minutes if signed[1] == "+" else -minutes) * _MINUTE
    name = zone.split(maxsplit=1)[0].strip(":,;\"'")
    if name.upper() in _ZONES:
        return _ZONES[name.upper()] * _MINUTE
    return _named_offset(name, day)


def _named_offset(name: str, day: int | None) -> int | None:
    """Return the offset of an IANA zone (``Europe/Berlin``) at noon of the day."""
    if day is None or "/" not in name:
        return None
    try:
        offset = datetime.fromtimestamp(day / 1000 + 12 * 3600, ZoneInfo(name)).utcoffset()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return None if offset is None else int(offset.total_seconds() * 1000)
