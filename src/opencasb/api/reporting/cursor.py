"""The cursor in next-page links: where a page of a table begins.

A cursor contains the key of the last row, so that usage arriving meanwhile does not move rows to another page;
``newest`` is the day that all pages treat as the newest. Tampering with a cursor yields other rows of the same result,
and nothing more.
"""

from __future__ import annotations

from datetime import date

import msgspec
import polars as pl

from opencasb.api.graph.errors import BadRequest, quoted
from opencasb.model.base64url import decoded, unpadded
from opencasb.reporting.schema import Table, Type


class Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The progress of a paged read.

    ``day`` is the day to resume at, ``after`` the key of the last row (days as ISO dates), ``skip`` the number of rows
    still to skip, ``left`` how many of ``$top`` remain, ``count`` the total number of rows if requested.
    """

    newest: date | None = None
    day: date | None = None
    after: tuple[int | str, ...] | None = None
    skip: int = 0
    left: int | None = None
    count: int | None = None

    def text(self) -> str:
        """Return the cursor in URL-safe form."""
        return unpadded(msgspec.json.encode(self))


def read_cursor(text: str, table: Table) -> Cursor:
    """Parse a cursor that :meth:`Cursor.text` wrote for a table. Raises :class:`BadRequest`."""
    try:
        cursor = msgspec.json.decode(decoded(text), type=Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise BadRequest(f"The query option 'page' is not one of this server: {quoted(text)}.") from None
    numbers = (cursor.skip, cursor.left or 0, cursor.count or 0)
    fits = cursor.after is None or (
        len(cursor.after) == len(table.key) and all(map(_fits, table.key_types, cursor.after))
    )
    if not fits or not all(0 <= number < 2**62 for number in numbers):
        raise BadRequest(f"The query option 'page' is not one of this server: {quoted(text)}.")
    return cursor


def key_of(rows: pl.DataFrame, table: Table) -> tuple[int | str, ...]:
    """Return the key of the last row."""
    values = rows.select(table.key).row(-1)
    return tuple(value.isoformat() if isinstance(value, date) else value for value in values)


def rows_after(rows: pl.DataFrame, table: Table, after: tuple[int | str, ...]) -> pl.DataFrame:
    """Return the rows whose key is greater than ``after``."""
    greater: pl.Expr = pl.lit(value=False)
    for name, kind, value in reversed(list(zip(table.key, table.key_types, after, strict=True))):
        column = pl.col(name).cast(pl.String) if kind is Type.DATE else pl.col(name)
        greater = (column > value) | ((column == value) & greater)
    return rows.filter(greater)


def _fits(kind: Type, value: int | str) -> bool:
    return isinstance(value, int) if kind is Type.INT64 else isinstance(value, str)
