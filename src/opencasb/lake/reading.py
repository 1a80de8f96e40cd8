"""Reads rows of the lake, and tells a file that is missing or damaged from a mistake of the program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import polars as pl

_OF_A_FILE: Final = re.compile("parquet|ARROW:schema|out-of-spec|JoinError::Panic")
"""What the library says of a file that is no Parquet, or not as long as it was; it panics where one is empty."""


class DamagedLake(Exception):
    """A file of the lake is missing or damaged; the message says what reading it ended in."""


class MissingFile(DamagedLake):
    """A file of the lake is missing."""


class MissingFolder(Exception):
    """The folder of the lake cannot be made: its setting is mistyped, or it is a link to what is not mounted."""


def collected(rows: pl.LazyFrame, engine: Literal["streaming", "in-memory"] = "streaming") -> pl.DataFrame:
    """Return rows that come from the lake. Raises :class:`DamagedLake`, and ``OSError`` where its store is away."""
    from polars.exceptions import PanicException, PolarsError

    try:
        return rows.collect(engine=engine)
    except FileNotFoundError as error:
        raise MissingFile(str(error)) from error
    except (PolarsError, PanicException) as error:  # the latter is no Exception
        if not _OF_A_FILE.search(str(error)):
            raise
        raise DamagedLake(str(error)) from error
