"""Score the values of factors from 0 (risky) to 10 (safe) points.

Points are integer hundredths (0 to 1000), so that sums are exact. An age is measured at the date of the fact rather
than today: a score changes only when a fact, a setting or the catalog does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final, Protocol

import msgspec

if TYPE_CHECKING:
    from opencasb.model.factor import Value

FULL: Final = 1000
"""The maximum, in hundredths of a point."""

_DAYS_OF_A_YEAR: Final = 365.25


class Scoring(Protocol):
    """How the values of a factor become points."""

    @property
    def words(self) -> tuple[str, ...]:
        """The accepted words, best first."""

    @property
    def about(self) -> str:
        """The rule in words."""

    def points(self, value: Value, on: date | None) -> int | None:
        """Return hundredths of a point for a value that was true on a day; None if it cannot be scored."""


class YesNo(msgspec.Struct, frozen=True):
    """Full points for one answer, none for the other."""

    yes: int
    words: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The rule in words."""
        return "yes 10, no 0" if self.yes else "yes 0, no 10"

    def points(self, value: Value, on: date | None) -> int | None:  # noqa: ARG002 — the day is irrelevant
        """Return full points or none."""
        if not isinstance(value, bool):
            return None
        return self.yes if value else FULL - self.yes


class Listed(msgspec.Struct, frozen=True):
    """A fixed number of points for each word."""

    table: Mapping[str, int]

    @property
    def words(self) -> tuple[str, ...]:
        """The accepted words."""
        return tuple(self.table)

    @property
    def about(self) -> str:
        """The rule in words."""
        return ", ".join(f"{word} {points}" for word, points in self.table.items())

    def points(self, value: Value, on: date | None) -> int | None:  # noqa: ARG002 — the day is irrelevant
        """Return the points of a word."""
        found = self.table.get(value) if isinstance(value, str) else None
        return None if found is None else found * 100


class Presence(msgspec.Struct, frozen=True):
    """Full points for any value."""

    words: tuple[str, ...] = ()
    about: str = "10 where there is one"

    def points(self, value: Value, on: date | None) -> int | None:  # noqa: ARG002 — the day is irrelevant
        """Return full points for any non-empty text."""
        return FULL if isinstance(value, str) and value else None


class Age(msgspec.Struct, frozen=True):
    """Points that grow linearly with the age of a date or year, to ``most`` at ``years``; words may replace a date."""

    years: int
    most: int = FULL
    table: Mapping[str, int] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The accepted words."""
        return tuple(self.table or ())

    @property
    def about(self) -> str:
        """The rule in words."""
        words = "".join(f", {word} {points}" for word, points in (self.table or {}).items())
        return f"{self.most / 100 / self.years:g} for each year of age, at most {self.most / 100:g}{words}"

    def points(self, value: Value, on: date | None) -> int | None:
        """Return points for the age on the day of the fact; None if the fact has no day."""
        if isinstance(value, str) and value in (self.table or {}):
            return (self.table or {})[value] * 100
        since = _day(value)
        if since is None or on is None:
            return None
        years = (on - since).days / _DAYS_OF_A_YEAR
        return round(self.most * min(max(years / self.years, 0.0), 1.0))


class Rank(msgspec.Struct, frozen=True):
    """Points that fall with the logarithm of a rank, reaching zero at ``last``."""

    last: int
    words: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The rule in words."""
        return (
            f"10 at rank 1, less by {10 / math.log10(self.last):.2f} for each tenfold rank, 0 from rank {self.last:,}"
        )

    def points(self, value: Value, on: date | None) -> int | None:  # noqa: ARG002 — the day is irrelevant
        """Return the points of a rank."""
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            return None
        return round(FULL * max(0.0, 1 - math.log10(value) / math.log10(self.last)))


def _day(value: Value) -> date | None:
    """Return the day of an ISO date, or the first day of a year."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= date.max.year:
        return date(value, 1, 1)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


YES: Final = YesNo(FULL)
RISKY: Final = YesNo(0)
PRESENT: Final = Presence()
AGE: Final = Age(years=20)
OLD_DOMAIN: Final = Age(years=10)
BREACH: Final = Age(years=8, most=800, table={"none": 10})
"""An old breach never scores as well as none."""
RANK: Final = Rank(last=1_000_000)
