"""Split collections into pieces that fit the parameters of one SQL statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

PIECE: Final = 2_000
"""Default number of members per piece; SQLite allows some 30,000 parameters per statement."""

Member = TypeVar("Member")


def pieces(members: Iterable[Member], size: int = PIECE) -> Iterator[list[Member]]:
    """Yield all members in order, in lists of ``size`` and a shorter last one."""
    rest = iter(members)
    while piece := list(islice(rest, size)):
        yield piece
