"""Reads rows of the lake, and distinguishes a missing or damaged file from a programming error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import polars as pl

_OF_A_FILE: Final = re.compile("parquet|ARROW:schema|out-of-spec|JoinError::Panic")
"""What the library reports for a file that is not Parquet or is truncated; it panics on an empty one."""


class DamagedLake(Exception):
    """A file of the lake is missing or damaged; the message is the error from reading it."""


class MissingFile(DamagedLake):
    """A file of the lake is missing."""


class MissingFolder(Exception):
    """The folder of the lake cannot be created: its setting is mistyped, or it links to something not mounted."""


def collected(rows: pl.LazyFrame, engine: Literal["streaming", "in-memory"] = "streaming") -> pl.DataFrame:
    """Collect rows of the lake. Raises :class:`DamagedLake`, and ``OSError`` if its store is unavailable."""
    from polars.exceptions import PanicException, PolarsError

    try:
        return rows.collect(engine=engine)
    except FileNotFoundError as error:
        raise MissingFile(str(error)) from error
    except (PolarsError, PanicException) as error:  # the latter is not an Exception
        if not _OF_A_FILE.search(str(error)):
            raise
        raise DamagedLake(str(error)) from error
