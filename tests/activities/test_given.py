"""Reading delivered records."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given

from opencasb.activities.given import MOST_ITEMS, Given
from opencasb.activities.invalid import Invalid
from tests.activities.anything import json_values

WORDS = {"private": 0, "public": 3}


def test_the_first_spelling_that_is_there_counts() -> None:
    """Null is the same as missing."""
    record = Given({"a": None, "b": " x ", "c": "y"})
    assert record.text("a", "b", "c") == "x"
    assert record.value("z", "a") == ("z", None)


@pytest.mark.parametrize(
    ("method", "value", "expected"),
    [
        ("text", 5, "5"),
        ("text", "  ", None),
        ("flag", "TRUE", True),
        ("number", "12", 12),
        ("number", 0, 0),
        ("time", "2025-11-20T12:00:00Z", 1_763_640_000_000),
        ("time", 1_763_640_000_000, 1_763_640_000_000),
        ("time", "0001-01-01T00:00:00Z", None),
        ("time", "", None),
        ("flag", " ", None),
        ("number", "", None),
        ("items", "x", ["x"]),
        ("items", None, []),
        ("items", [None, {"id": "a"}], [{"id": "a"}]),
        ("texts", [None, "a"], ["a"]),
        ("items", [0] * (MOST_ITEMS + 1), [0] * MOST_ITEMS),
        ("texts", list(map(str, range(MOST_ITEMS + 1))), list(map(str, range(MOST_ITEMS)))),
        ("label", " x" * 2000, ("x " * 500).strip()),
        ("texts", ["b", " a ", "b", ""], ["b", "a"]),
        ("structure", {"x": 1}, {"x": 1}),
    ],
)
def test_values_are_read_as_clients_send_them(method: str, value: Any, expected: Any) -> None:
    """Numbers and flags may be text, lists a single value."""
    assert getattr(Given({"key": value}), method)("key") == expected


@pytest.mark.parametrize(("value", "expected"), [("Public", 3), (0, 0), ("3", 3), ([3, "PUBLIC"], 3), (None, None)])
def test_codes_are_numbers_words_or_pairs(value: Any, expected: int | None) -> None:
    """As files have them (api §10.2)."""
    assert Given({"key": value}).code("key", words=WORDS) == expected


@pytest.mark.parametrize(
    ("method", "value", "allowed"),
    [
        ("text", ["x"], "text of at most 1000 characters is expected"),
        ("text", "a\0", "text of at most 1000 characters"),
        ("flag", 2, "true or false is expected"),
        ("number", -1, "a whole number from 0 to"),
        ("number", True, "a whole number"),
        ("time", "soon", "a time in ms since 1970 or in ISO 8601 is expected"),
        ("time", -1, "a time"),
        ("time", 10**17, "a time"),
        ("text", "x" * 1001, "text of at most 1000 characters"),
        ("label", ["x"], "text is expected"),
        ("label", "x" * 1001 + "\0", "text is expected"),
        ("texts", [{}], "texts of at most"),
        ("structure", [], "an object is expected"),
    ],
)
def test_what_is_wrong_names_the_spelling_that_was_used(method: str, value: Any, allowed: str) -> None:
    """Field, value and what is allowed."""
    with pytest.raises(Invalid) as caught:
        getattr(Given({"b": value}), method)("a", "b")
    assert caught.value.field == "b"
    assert caught.value.allowed.startswith(allowed)


def test_an_unknown_code_lists_what_is_known() -> None:
    """A number that is none of them is as wrong as a word."""
    unknown: tuple[Any, ...] = ("secret", 1, [], {})
    for value in unknown:
        with pytest.raises(Invalid, match="allowed are 0 private, 3 public"):
            Given({"key": value}).code("key", words=WORDS)


@given(json_values)
def test_nothing_else_is_raised(value: Any) -> None:
    """Whatever the value is."""
    record = Given({"key": value})
    readers = (record.text, record.flag, record.number, record.time, record.items, record.texts, record.structure)
    for read in (*readers, lambda name: record.code(name, words=WORDS)):
        with suppress(Invalid):
            read("key")
