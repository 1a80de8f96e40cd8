"""Errors shorten hostile values."""

from __future__ import annotations

from opencasb.filters.errors import InvalidFilter, Problem, shown


def test_values_are_shown_as_json_words_them_and_never_at_length() -> None:
    """Text is truncated; structures and huge numbers are named."""
    given = ["x", "x" * 101, None, True, 5, 7.5, 10**40, [1], {"a": 1}]
    words = ["x", "x" * 100 + "…", "null", "true", "5", "7.5", "a very large number", "a list", "an object"]
    assert [shown(value) for value in given] == words


def test_twenty_problems_are_enough() -> None:
    """The response does not grow with a hostile filter."""
    error = InvalidFilter(*(Problem(f"p{number}", unknown="x") for number in range(1000)))
    assert len(error.problems) == 20
    assert str(error).count(";") == 19
    assert error.only_unknown
