"""Access to parts of arbitrary wire records."""

from __future__ import annotations

from opencasb.activities.wire_parts import at, kind, listed, number, object_at, text, text_at


def test_parts_are_found_below_paths() -> None:
    """A missing part gives an empty result."""
    assert at({"a": {"b": [1]}}, "a", "b") == [1]
    assert at({"a": "x"}, "a", "b") is None
    assert listed({"a": 1}) == []
    assert [object_at(each, "a") for each in ({"a": {"b": 1}}, {"a": [1]}, {}, "a", None)] == [{"b": 1}, {}, {}, {}, {}]
    assert [text_at(each, "a") for each in ({"a": " b"}, {"a": 1}, {}, "a", None)] == [" b", "", "", "", ""]
    assert [number(each) for each in ("12", 12, -1, True, "x", 2**60, None)] == [12, 12, None, None, None, None, None]
    assert [text(each, 3) for each in (" ab", "abcd", "a\0", "  ", 5)] == ["ab", None, None, None, None]
    assert kind({"serviceObjectType": "File"}) == "file"
    assert kind({"serviceObjectType": ""}) is None
