"""Pages of a table: by key and day where the order is the usual one, else of all rows sorted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import msgspec

from opencasb.api.graph import ordering
from opencasb.api.graph.errors import BadRequest
from opencasb.api.reporting import conditions, places
from opencasb.api.reporting.places import Place
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import Table

if TYPE_CHECKING:
    import polars as pl

    from opencasb.reporting.tables import ReportTables

PAGE_SIZE: Final = 1_000
MOST_SORTED: Final = 1_000_000
"""Rows that are sorted for one answer."""

MOST_DAYS: Final = 31
"""Days that one page looks at: a filter may leave nothing of many."""


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows of a table are asked for, in which order, and from which place on."""

    table: Table
    wanted: Wanted
    filter: str
    orderby: str
    place: Place

    @property
    def size(self) -> int:
        """Rows of the page."""
        return PAGE_SIZE if self.place.left is None else min(PAGE_SIZE, self.place.left)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the place of the next page; None: this is the last."""

    rows: pl.DataFrame
    following: Place | None


class Pages:
    """Reads pages for one reader."""

    def __init__(self, tables: ReportTables, reader: Reader) -> None:
        self._tables = tables
        self._reader = reader

    def page(self, asked: Question) -> Page:
        """Return a page. Raises :class:`BadRequest` for a filter or order that cannot be followed."""
        found = self._sorted(asked) if asked.orderby else self._keyed(asked)
        place = asked.place
        if found.following is None or place.left is None:
            return found
        left = place.left - found.rows.height
        return Page(found.rows, msgspec.structs.replace(found.following, left=left) if left else None)

    def count(self, asked: Question) -> int:
        """Return the number of all rows that are asked for, whatever the place. Raises :class:`BadRequest`."""
        return sum(rows.height for _, rows, _ in self._parts(asked, whole=True))

    def _keyed(self, asked: Question) -> Page:
        size, skip, taken = asked.size, asked.place.skip, [_nothing(asked.table)]
        if size == 0:
            return Page(taken[0], None)
        for looked, (day, found, more) in enumerate(self._parts(asked), start=1):
            rows = found.slice(min(skip, found.height))
            skip -= found.height - rows.height
            taken.append(rows.head(size))
            size -= taken[-1].height
            if size == 0 and (more or rows.height > taken[-1].height):
                return Page(_joined(taken), _place(asked.place, day, places.key_of(taken[-1], asked.table)))
            if looked == MOST_DAYS and more and day is not None:
                return Page(_joined(taken), _place(asked.place, day + timedelta(days=1), None, skip))
        return Page(_joined(taken), None)

    def _sorted(self, asked: Question) -> Page:
        taken, height = [_nothing(asked.table)], 0
        for _, rows, _ in self._parts(asked, whole=True):
            taken.append(rows)
            height += rows.height
            if height > MOST_SORTED:
                raise BadRequest(
                    f"The $orderby is about more than {MOST_SORTED} rows; let a $filter leave fewer, or leave it out."
                )
        rows = ordering.ordered(_joined(taken), conditions.order(asked.table, asked.orderby))
        end = asked.place.skip + asked.size
        page = rows.slice(min(asked.place.skip, height), asked.size)
        return Page(page, msgspec.structs.replace(asked.place, skip=end) if end < height else None)

    def _parts(self, asked: Question, *, whole: bool = False) -> Iterator[tuple[date | None, pl.DataFrame, bool]]:
        """Return what the filter leaves, a day at a time, from the place on or of the ``whole`` table.

        Beside the rows of a day stands whether there are more days.
        """
        table, place = asked.table, asked.place
        condition = conditions.condition(table, asked.filter)
        wanted = conditions.narrowed(asked.wanted, asked.filter)
        days: list[date] | list[None] = [None]
        if table.is_dated:
            known = self._tables.days(self._reader, table, wanted)
            days = [day for day in known if whole or place.day is None or day >= place.day]
        for number, day in enumerate(days, start=1):
            rows = self._tables.rows(self._reader, table, wanted, day)
            rows = rows if condition is None else rows.filter(condition)
            if not whole and place.after is not None and day == place.day:
                rows = places.behind(rows, table, place.after)
            yield day, rows, number < len(days)


def _nothing(table: Table) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(schema=table.polars_schema)


def _joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    import polars as pl

    return pl.concat(frames)


def _place(place: Place, day: date | None, after: tuple[int | str, ...] | None, skip: int = 0) -> Place:
    return msgspec.structs.replace(place, day=day, after=after, skip=skip)
