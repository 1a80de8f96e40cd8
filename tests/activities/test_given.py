"""Access to values of delivered records."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.given import MOST_ITEMS, Given
from opencasb.activities.invalid import Invalid


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
    """Numbers and booleans may be strings, lists a single value."""
    assert getattr(Given({"key": value}), method)("key") == expected


@pytest.mark.parametrize(
    ("method", "value"),
    [
        *(("text", "a\0"), ("label", ["x"]), ("label", "x" * 1001 + "\0"), ("flag", 2), ("structure", [])),
        *(("number", -1), ("number", True), ("time", -1), ("time", 10**17)),
    ],
)
def test_what_no_client_means_is_refused(method: str, value: Any) -> None:
    """The names in errors are tested with files and entities."""
    with pytest.raises(Invalid, match="key: "):
        getattr(Given({"key": value}), method)("key")
