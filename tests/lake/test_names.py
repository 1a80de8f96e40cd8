"""Names, their ids, and pseudonyms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.lake.names import Pseudonyms, identify, name_id

KEY = bytes(range(32))


def test_ids_are_stable_positive_and_differ_by_kind() -> None:
    """An id depends only on kind and name, on every machine and version."""
    assert name_id("user", "ana@example.org") == name_id("user", "ana@example.org") == 3975140293645895280
    assert name_id("user", "10.0.0.1") != name_id("ip", "10.0.0.1")


@given(st.text(st.characters(codec="utf-8")))
def test_a_pseudonym_goes_back_with_the_key_only(name: str) -> None:
    """Equal names have equal pseudonyms; only their key reverses them."""
    mine, other = Pseudonyms(KEY), Pseudonyms(KEY[::-1])
    pseudonym = mine.hide("user", name)
    assert pseudonym.startswith("User_")
    assert pseudonym == mine.hide("user", name)
    assert mine.reveal("user", pseudonym) == name
    assert other.hide("user", name) != pseudonym
    with pytest.raises(ValueError, match="not a user pseudonym"):
        other.reveal("user", pseudonym)


def test_identified_names_carry_the_id_of_what_is_shown() -> None:
    """A renamed name gets the id of its new name, so the old one leaves no trace."""
    frame = identify("user", ["ana"], lambda name: f"User_{name[::-1]}")
    assert frame.to_dicts() == [{"text": "ana", "id": name_id("user", "User_ana"), "name": "User_ana"}]
