"""Dates and zones, one text at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.dates import Reading, read_date
from tests.discovery.formats.parsed import RECEIVED

CONTEXT = ParseContext(RECEIVED)
DAY = 86_400_000
NOVEMBER_20 = RECEIVED - RECEIVED % DAY


def test_parts() -> None:
    """The result has the day, the year before if none is given, the offset, and the half of the day."""
    assert read_date("Nov 20 2025", "", CONTEXT) == Reading(NOVEMBER_20)
    assert read_date("Nov 20", "", CONTEXT) == Reading(NOVEMBER_20, NOVEMBER_20 - 365 * DAY)
    assert read_date("2025-11-20", "+0130", CONTEXT) == Reading(NOVEMBER_20, offset=90 * 60_000)
    assert read_date("2025-11-20", "GMT-5", CONTEXT) == Reading(NOVEMBER_20, offset=-300 * 60_000)
    assert read_date("2025-11-20", " pm", CONTEXT) == Reading(NOVEMBER_20, half=DAY // 2)
    assert read_date("2025-11-20", "a.m.", CONTEXT) == Reading(NOVEMBER_20, half=0)


def test_what_is_no_date() -> None:
    """A text that is not a date gives no day."""
    assert read_date("", "", CONTEXT) == Reading()
    assert read_date("20 Brumaire 234", "", CONTEXT) == Reading()


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text(date: str, zone: str) -> None:
    """Any text is accepted or not, but never raises."""
    assert isinstance(read_date(date, zone, CONTEXT), Reading)


@pytest.mark.parametrize(("length", "is_read"), [(48, True), (49, False)])
def test_a_text_of_more_than_48_characters_is_no_date(length: int, *, is_read: bool) -> None:
    """Longer ones are not looked at: a hostile text may have a megabyte."""
    assert (read_date("Jan 5 2025".ljust(length), "", CONTEXT) != Reading()) is is_read
    assert (read_date("Jan 5 2025", "GMT".ljust(length), CONTEXT) != Reading()) is is_read
