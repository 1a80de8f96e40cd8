"""Collections in pieces that a statement of either database can name the members of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

PIECE: Final = 2_000
"""Members at a time; SQLite takes some 30,000 parameters in a statement."""

Member = TypeVar("Member")


def pieces(members: Iterable[Member], size: int = PIECE) -> Iterator[list[Member]]:
    """Yield all members, in order, in lists of ``size`` and a last shorter one."""
    rest = iter(members)
    while piece := list(islice(rest, size)):
        yield piece
