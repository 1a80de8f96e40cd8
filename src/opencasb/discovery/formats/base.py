"""What a log format is: the one door through which our formats and those of others are registered.

A format is described once, by a :class:`Format`, in one file per vendor family, and announced under the entry point
group ``opencasb.formats``. The entry point names a tuple of formats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a line does not say itself.

    ``received_at`` (ms since the epoch UTC) gives syslog headers their year; ``timezone`` (an IANA name) is that of
    local times; ``day_first`` decides ambiguous dates such as 05/02/2025. ``want_url`` asks for the column ``url``,
    which costs and which only a listing of lines needs; without it the column may be null.
    """

    received_at: int
    timezone: str = "UTC"
    day_first: bool = True
    want_url: bool = True


class Parser(Protocol):
    """Reads one file or one live stream from its first line to its last; it may remember headers and open sessions."""

    def feed(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Parse a batch. ``lines`` has ``line`` (Int64) and ``text`` (String, no line end).

        Returns the columns of :data:`opencasb.model.transaction.COLUMNS`, one row per finished line in any order.
        Never raises on the content of a line. A line held back (its session is still open) comes out of a later call.
        """

    def finish(self) -> pl.DataFrame:
        """Return the rows of the lines still held back."""


@dataclass(frozen=True, slots=True)
class Format:
    """A vendor family's log format.

    ``sources`` are the source type names of the upload API that it serves, the file form first (api §12.1).
    ``recognise`` takes the first non-empty lines, already without syslog wrappers, and returns the share of them
    (0 to 1) that bear this format's signature, with the reason in words; ``open`` makes a parser for one file.
    ``rank`` breaks ties between equal shares: the row number in log-formats §3, lower wins.
    """

    sources: tuple[str, ...]
    recognise: Callable[[list[str]], tuple[float, str]]
    open: Callable[[ParseContext], Parser]
    rank: int
