"""Pages of a table: by key and day in the default order, else by sorting all rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from opencasb.api.graph import ordering
from opencasb.api.graph.errors import BadRequest
from opencasb.api.reporting import conditions
from opencasb.api.reporting.bounds import narrowed
from opencasb.api.reporting.cursor import Cursor, key_of, rows_after
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import AS_OF, Table

if TYPE_CHECKING:
    from opencasb.reporting.tables import ReportTables

PAGE_SIZE: Final = 1_000
MOST_SORTED: Final = 1_000_000
"""Maximum number of rows sorted for one response."""

MOST_PARTS: Final = 31
"""Parts of a table read for one page; a filter may match nothing in many of them."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows of a table are requested, in which order, and from which cursor."""

    table: Table
    wanted: Wanted
    filter: str
    orderby: str
    cursor: Cursor

    @property
    def size(self) -> int:
        """The number of rows on the page."""
        return PAGE_SIZE if self.cursor.left is None else min(PAGE_SIZE, self.cursor.left)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the cursor of the next page; None on the last page."""

    rows: pl.DataFrame
    following: Cursor | None


class Pages:
    """Reads pages for one reader."""

    def __init__(self, tables: ReportTables, reader: Reader) -> None:
        self._tables = tables
        self._reader = reader

    def page(self, asked: Query) -> Page:
        """Return a page. Raises :class:`BadRequest` for an invalid filter or order."""
        found = self._sorted(asked) if asked.orderby else self._keyed(asked)
        cursor = asked.cursor
        if found.following is None or cursor.left is None:
            return found
        left = cursor.left - found.rows.height
        return Page(found.rows, msgspec.structs.replace(found.following, left=left) if left else None)

    def count(self, asked: Query) -> int:
        """Return the total number of matching rows, regardless of the cursor. Raises :class:`BadRequest`."""
        return sum(rows.height for rows, _ in self._parts(asked, whole=True))

    def _keyed(self, asked: Query) -> Page:
        size, skip, taken = asked.size, asked.cursor.skip, [_nothing(asked.table)]
        if size == 0:
            return Page(taken[0], None)
        for looked, (found, following) in enumerate(self._parts(asked), start=1):
            rows = found.slice(min(skip, found.height))
            skip -= found.height - rows.height
            taken.append(rows.head(size))
            size -= taken[-1].height
            if size == 0 and (following or rows.height > taken[-1].height):
                after = key_of(taken[-1], asked.table)
                cursor = msgspec.structs.replace(asked.cursor, day=_day_of(asked.table, after), after=after, skip=0)
                return Page(pl.concat(taken), cursor)
            if looked == MOST_PARTS and following:
                cursor = msgspec.structs.replace(asked.cursor, day=following, after=None, skip=skip)
                return Page(pl.concat(taken), cursor)
        return Page(pl.concat(taken), None)

    def _sorted(self, asked: Query) -> Page:
        taken, height = [_nothing(asked.table)], 0
        for rows, _ in self._parts(asked, whole=True):
            taken.append(rows)
            height += rows.height
            if height > MOST_SORTED:
                raise BadRequest(
                    f"The $orderby is about more than {MOST_SORTED} rows; let a $filter leave fewer, or leave it out."
                )
        rows = ordering.ordered(pl.concat(taken), conditions.order(asked.table, asked.orderby))
        end = asked.cursor.skip + asked.size
        page = rows.slice(min(asked.cursor.skip, height), asked.size)
        return Page(page, msgspec.structs.replace(asked.cursor, skip=end) if end < height else None)

    def _parts(self, asked: Query, *, whole: bool = False) -> Iterator[tuple[pl.DataFrame, date | None]]:
        """Yield the rows that match the filter, in parts, from the cursor or of the ``whole`` table.

        Each part comes with the first day of the next one.
        """
        table, cursor = asked.table, asked.cursor
        condition = conditions.condition(table, asked.filter)
        wanted = narrowed(asked.wanted, asked.filter)
        every = self._tables.parts(self._reader, table, wanted)
        parts = [days for days in every if whole or cursor.day is None or days[-1] >= cursor.day]
        for number, days in enumerate(parts, start=1):
            rows = self._tables.rows(self._reader, table, wanted, days)
            rows = rows if condition is None else rows.filter(condition)
            if not whole and cursor.after is not None:
                rows = rows_after(rows, table, cursor.after)
            yield rows, parts[number][0] if number < len(parts) else None


def _nothing(table: Table) -> pl.DataFrame:
    return pl.DataFrame(schema=table.polars_schema)


def _day_of(table: Table, key: tuple[int | str, ...]) -> date | None:
    return date.fromisoformat(str(key[table.key.index(AS_OF)])) if table.is_dated else None
