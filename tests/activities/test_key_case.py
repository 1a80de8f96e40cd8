"""Keys that differ only in case."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.key_case import KNOWN, told_apart

KEYS = st.sampled_from(["id", "ID", "Id", "x", "X", "\u00e4", "\u00c4", "rawDataJson", "RAWDATAJSON"])
OBJECTS = st.recursive(
    st.none() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


def test_the_known_keys_are_apart() -> None:
    """Otherwise each would have to be checked."""
    assert len({key.lower() for key in KNOWN}) == len(KNOWN)


@given(st.dictionaries(KEYS, OBJECTS, max_size=6))
def test_nothing_is_left_that_is_equal_up_to_case(document: dict[str, Any]) -> None:
    """The raw event is unchanged; no key is lost entirely, and repeating it changes nothing."""
    found = told_apart(document)
    assert {key.lower() for key in found} == {key.lower() for key in document}
    assert found.get("rawDataJson") == document.get("rawDataJson")
    check({key: None if key == "rawDataJson" else each for key, each in found.items()})
    assert told_apart(found) == found


def check(value: Any) -> None:
    """Assert that no two keys differ only in case, at any depth."""
    if isinstance(value, dict):
        assert len({key.lower() for key in value}) == len(value)
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        check(each)
