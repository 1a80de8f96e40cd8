"""Whose upload is next: that of the data source which waits longest for a turn, so that no heap holds up others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

REMEMBERED: Final = 10_000
"""Data sources whose last turn is known; one that is not has its turn by the age of its oldest upload."""

Source = tuple[int, str | None]
"""Tenant id and stream id."""


class Turns:
    """When this process served which data source."""

    def __init__(self) -> None:
        self._served: dict[Source, int] = {}

    def order(self, waiting: Mapping[Source, int]) -> list[Source]:
        """Return the sources that wait, each with the time (ms) its oldest upload came, in the order of their turns.

        A source waits since it was served or, if that is later, since its oldest upload came: neither a heap of files
        nor ever new sources keep another from its turn.
        """
        return sorted(waiting, key=lambda each: (max(waiting[each], self._served.get(each, 0)), waiting[each]))

    def served(self, source: Source, now: int) -> None:
        """Note that a source has had its turn."""
        self._served.pop(source, None)
        self._served[source] = now
        if len(self._served) > REMEMBERED:
            del self._served[next(iter(self._served))]
