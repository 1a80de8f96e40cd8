"""Time formats of a definition: percent patterns, or Java's letters (``dd/MM/yyyy HH:mm:ss``)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import polars as pl

_JAVA: Final = {
    "yyyy": "%Y", "y": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "dd": "%d", "d": "%d",
    "HH": "%H", "H": "%H", "hh": "%I", "h": "%I", "mm": "%M", "m": "%M", "ss": "%S", "s": "%S", "a": "%p",
    "SSS": "%3f", "SSSSSS": "%6f", "SSSSSSSSS": "%9f", "Z": "%z", "ZZZ": "%z", "XX": "%z", "XXX": "%:z", "X": "%#z",
    "EEEE": "%A", "EEE": "%a", "E": "%a",
}  # fmt: skip
_PERCENT: Final = frozenset(
    {f"%{letter}" for letter in "YymdebBhaAHIklMSpPzTDFRjf%"}
    | {"%3f", "%6f", "%9f", "%.f", "%.3f", "%.6f", "%.9f", "%:z", "%#z"}
)
_SPECIFIER: Final = re.compile(r"%(?:\.?[369]?f|[:#]?.)?", re.DOTALL)
_JAVA_PIECE: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|.", re.DOTALL)

_EXAMPLE: Final = datetime(2024, 11, 25, 21, 47, 58)  # noqa: DTZ001 -- a local time

AUTO: Final = "auto"
UNIX: Final = "unix"


def percent_pattern(written: str) -> str:
    """Return the percent pattern of a format. Raises ``ValueError``, saying what is allowed."""
    pattern = written.replace(".%f", "%.f") if "%" in written else _of_java(written)  # as strptime reads it elsewhere
    unknown = [found for found in _SPECIFIER.findall(pattern) if found not in _PERCENT]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not part of a time; allowed: {' '.join(sorted(_PERCENT))}")
    if _read_back(pattern) != _EXAMPLE.replace(second=0 if "S" not in pattern and "T" not in pattern else 58):
        raise ValueError(
            f"{written!r} gives no moment: it needs a date with its year and a clock, such as yyyy-MM-dd HH:mm:ss"
        )
    return pattern


def is_zoned(pattern: str) -> bool:
    """Return whether times in this pattern carry their zone."""
    return any(zone in pattern for zone in ("%z", "%:z", "%#z"))


def _of_java(written: str) -> str:
    pattern = "".join(_piece(found) for found in _JAVA_PIECE.finditer(written))
    return pattern.replace("%H", "%I") if "%p" in pattern else pattern  # with AM and PM, hours run to twelve


def _piece(found: re.Match[str]) -> str:
    if found[1] is not None:
        return found[1].replace("''", "'") or "'"
    if found[2] is None:
        return found[0]
    if found[0] not in _JAVA:
        raise ValueError(f"{found[0]!r} is not part of a time; allowed: {' '.join(_JAVA)} and text in quotes")
    return _JAVA[found[0]]


def _read_back(pattern: str) -> datetime | None:
    """Return what the pattern reads back from its own output, or None if that is not a moment."""
    series = pl.Series([_EXAMPLE]).dt.replace_time_zone("UTC" if is_zoned(pattern) else None)
    try:
        read = series.dt.strftime(pattern).str.to_datetime(pattern, time_unit="ms", strict=False)
    except pl.exceptions.PolarsError:
        return None
    found: datetime | None = read[0]
    return found.replace(tzinfo=None) if found is not None else None
