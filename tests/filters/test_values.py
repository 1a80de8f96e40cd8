"""Conversion of operands to values of the field's kind."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from opencasb.filters import values
from opencasb.filters.values import EntityKey
from opencasb.model.iso_time import LATEST, iso
from tests.conftest import NOW


@given(st.integers(-values.LARGEST, values.LARGEST))
def test_numbers_are_the_same_as_text(number: int) -> None:
    """A number, its digits, and its digits between blanks give the same value."""
    assert values.integer(number) == values.integer(str(number)) == number
    assert values.time(number) == number


@pytest.mark.parametrize("given_", [1000.0, "1000.0", "1e3", "1E+3", " 1.0e3 "])
def test_any_form_of_a_number_is_that_number(given_: object) -> None:
    """JSON numbers and text give the same."""
    assert values.integer(given_) == values.time(given_) == 1000


@pytest.mark.parametrize(
    "given_",
    [2**63, "9" * 40, "0.5", "1e-3", "1e400", "1.e3", "٣", "+1", "", "--1", None, True, [], {}, 0.5, float("inf")],
)
def test_what_is_no_number_is_refused(given_: object) -> None:
    """Stores never get a value that they cannot compare."""
    with pytest.raises(values.Unfit):
        values.integer(given_)


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("2025-11-20", NOW - 12 * 3600_000),
        ("2025-11-20T12:00:00.123Z", NOW + 123),
        ("2025-11-20T12:00", NOW),
        (1.9, 1),
        (f"{NOW}.4072", NOW),
        ("-1.5", -2),
        ("1.76364e12", NOW),
    ],
)
def test_times_are_numbers_or_iso_text_in_utc(given_: object, expected: int) -> None:
    """Text without an offset is UTC; fractions of a ms are truncated, also for numbers as text (api §6.1, §6.8)."""
    assert values.time(given_) == expected


@given(st.integers(0, LATEST))
@example(2180185708969)
def test_a_time_as_this_api_writes_it_is_that_time(time: int) -> None:
    """To the ms, also where fractions of seconds have no exact binary form (api §1.2)."""
    assert values.time(iso(time)) == time


@given(st.none() | st.booleans() | st.floats() | st.text(max_size=40) | st.integers() | st.lists(st.text(max_size=1)))
def test_days_are_a_time_or_refused(given_: object) -> None:
    """Any operand gives a time that stores can compare, or the one error."""
    try:
        assert abs(values.days_ago(given_, NOW)) <= values.LARGEST
    except values.Unfit as error:
        assert "number of days" in str(error)  # noqa: PT017 -- either outcome is right


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"id": "Ana", "saas": "5", "inst": 0}, EntityKey("Ana", 0, 5)),
        ({"id": 7, "saas": None}, EntityKey("7")),
        ("5|0|Ana|B", EntityKey("Ana|B", 0, 5)),
        ("Ana", EntityKey("Ana")),
        ("a|0|b", EntityKey("a|0|b")),
        ("5|0", EntityKey("5|0")),
        ("\u0665|0|b", EntityKey("\u0665|0|b")),
    ],
)
def test_an_entity_has_three_parts(given_: object, expected: EntityKey) -> None:
    """An object; text with app, instance and id; or an id (api §6.6)."""
    assert values.entity(given_) == expected


@pytest.mark.parametrize("given_", [{}, {"name": "x"}, {"id": []}, {"inst": 1.5}, None, True, [], "\ud800", "\0"])
def test_what_is_no_entity_is_refused(given_: object) -> None:
    """Including text that no database accepts."""
    with pytest.raises(values.Unfit):
        values.entity(given_)


@pytest.mark.parametrize("given_", [True, "true", " TRUE ", 1, "1"])
def test_a_flag_is_a_boolean_a_word_or_a_number(given_: object) -> None:
    """Forms have no booleans; other values are rejected."""
    assert values.flag(given_) is True
    for nothing in (False, "False", 0, "0"):
        assert values.flag(nothing) is False
    neithers: list[object] = [2, -1, 1.0, 10**5000, "", "01", "yes", None, [], [1], {}]
    for neither in neithers:
        with pytest.raises(values.Unfit):
            values.flag(neither)


def test_an_error_knows_which_value_is_wrong() -> None:
    """The whole operand, or the part of it that is wrong."""
    with pytest.raises(values.Unfit) as whole:
        values.fitted(values.integer, "x")
    assert whole.value.value([1, "x"]) == "x"
    with pytest.raises(values.Unfit) as part:
        values.fitted(values.entity, {"id": "a", "inst": "y"})
    assert part.value.value("all") == "y"
    with pytest.raises(values.Unfit) as unknown:
        values.integer("x")
    assert unknown.value.value("all") == "all"
