"""Splitting of collections."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.pieces import pieces


@given(st.lists(st.integers(), max_size=20), st.integers(1, 7))
def test_pieces_are_the_whole(members: list[int], size: int) -> None:
    """They are in order, none is empty, and all but the last have the given size."""
    found = list(pieces(members, size))
    assert [each for piece in found for each in piece] == members
    assert all(len(piece) == size for piece in found[:-1])
    assert all(found)
