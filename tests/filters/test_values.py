"""Operands become values of the field's kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.filters import values
from tests.conftest import NOW


@given(st.integers(-values.LARGEST, values.LARGEST))
def test_numbers_are_the_same_as_text(number: int) -> None:
    """A number, its digits, and its digits between blanks are one value."""
    assert values.integer(number) == values.integer(str(number)) == number
    assert values.time(number) == number


@pytest.mark.parametrize(
    "given_", [2**63, "9" * 40, "1e3", "٣", "+1", "", "--1", None, True, [], {}, 0.5, float("inf")]
)
def test_what_is_no_number_is_refused(given_: object) -> None:
    """No store ever sees what it cannot compare."""
    with pytest.raises(values.Unfit):
        values.integer(given_)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [("2025-11-20", NOW - 12 * 3600_000), ("2025-11-20T12:00:00.123Z", NOW + 123), ("2025-11-20T12:00", NOW), (1.9, 1)],
)
def test_times_are_numbers_or_iso_text_in_utc(given_: object, expected: int) -> None:
    """Text without an offset is UTC; fractions of a ms are cut off (api §6.8)."""
    assert values.time(given_) == expected


@given(st.none() | st.booleans() | st.floats() | st.text(max_size=40) | st.integers() | st.lists(st.text(max_size=1)))
def test_days_are_a_time_or_refused(given_: object) -> None:
    """Any operand gives a time that a store can compare, or the one error."""
    try:
        assert abs(values.days_ago(given_, NOW)) <= values.LARGEST
    except values.Unfit as error:
        assert "number of days" in str(error)  # noqa: PT017 -- either outcome is right
