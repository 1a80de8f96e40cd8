"""Recognise non-syslog headers: what collectors, exports and file searches write before a line.

Either a date with a blank before the clock, possibly in brackets, after a weekday (``journalctl``) or in C's format,
with or without host and level after it; or the file name or line number written by ``grep``; or the sender's name or
address before the priority. Records of many formats begin with such words themselves, so they count as a header only
if the format's own beginning follows.
"""

from __future__ import annotations

from typing import Final

import polars as pl

_CLOCK: Final = r"\d\d:\d\d:\d\d(?:[.,]\d+)?"
_ZONE: Final = r"(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d)\b)?"
_DATE: Final = rf"\[?(?:[A-Z][a-z]{{2}} )?(\d{{4}}-\d\d-\d\d)[ \t]({_CLOCK}){_ZONE}\]?"
_OF_C: Final = rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? [A-Z][a-z]{{2}} [ \d]\d {_CLOCK}(?: [A-Z]{{3,4}})? \d{{4}}"
_PLACE: Final = r"(?:[\w./-]+:){1,2}"
_FILE: Final = r"[\w-]*[./][\w./-]*:(?:\d+:)?"
"""A name that is neither an address nor a clock suffices."""
_SENDER: Final = r"(?:\[?[\w.:=/-]+\]?[ \t,]+){1,4}"
_SYSLOG: Final = r"(?:<\d{1,3}>|[A-Z][a-z]{2} [ \d]\d \d\d:|\d{4}-\d\d-\d\dT)"
_REST: Final = r"[^\t=|,;]{0,100}?"
_OWN: Final = rf"{_SYSLOG}{_REST}"
"""The header with which the device sent the line."""
_WORDS: Final = r"(?:[ \t]+[\w.:/\[\]-]+){0,3}?[ :\t]+"
_HEADER: Final = rf"(?:(?:{_DATE}|{_OF_C}){_WORDS}(?:{_OWN})?|{_PLACE}{_OWN}|{_FILE}|{_SENDER}<\d{{1,3}}>{_REST})"
_LOOKED_AT: Final = 200
"""Lines of a batch examined before all of them are."""


def loosely_headed(texts: pl.Series, start: str) -> pl.Series | None:
    """Tell which texts have such a header before ``start`` (a regular expression); None if the first ones have none."""
    form = rf"^{_HEADER}(?:{start})"
    first = texts.head(_LOOKED_AT)
    if not (first.str.contains(form) & (first.str.find(start) > 0)).any():
        return None
    return texts.str.contains(form).fill_null(value=False)


def respelled(texts: pl.Series) -> pl.Series:
    """Return texts with the header rewritten as syslog."""
    of_c = rf"^(?:[A-Z][a-z]{{2}},? )([A-Z][a-z]{{2}} [ \d]\d {_CLOCK})(?: [A-Z]{{3,4}})?( \d{{4}} )"
    return (
        texts.str.replace(rf"^{_PLACE}({_SYSLOG})", "$1")
        .str.replace(rf"^{_SENDER}(<\d{{1,3}}>)", "$1")
        .str.replace(of_c, "$1$2")
        .str.replace(rf"^{_DATE}", "${1}T$2")
    )
