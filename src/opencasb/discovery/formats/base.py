"""What a log format is: the one interface through which our formats and those of others are registered.

A format is described once, by a :class:`Format`, in one file per vendor family, and announced under the entry point
group ``opencasb.formats``. The entry point names a tuple of formats. It is loaded where a log is read, so the file may
import Polars at its top; this one may not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Protocol

from opencasb.model.transaction import COLUMNS, INTEGER_COLUMNS, LINE

if TYPE_CHECKING:
    import polars as pl

Work = Callable[[], "pl.DataFrame"]
NUMBERS = frozenset({LINE, *INTEGER_COLUMNS})


@dataclass(frozen=True, slots=True)
class Followed:
    """Hosts whose URLs are wanted: these, and those that end in one of ``endings``."""

    hosts: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.hosts or self.endings)

    def among(self, hosts: pl.Series) -> pl.Series:
        """Return those of ``hosts`` that are followed."""
        found = hosts.is_in(list(self.hosts))
        for ending in self.endings:
            found |= hosts.str.ends_with(ending)
        return hosts.filter(found)


NOBODY = Followed()


@dataclass(frozen=True, slots=True)
class ParseContext:
    """What a line does not say itself.

    ``received_at`` (ms since the epoch UTC) gives syslog headers their year; ``timezone`` (an IANA name) is that of
    local times; ``day_first`` decides ambiguous dates such as 05/02/2025. ``want_url`` asks for the column ``url``,
    which costs and which only a listing of lines needs; without it the column may be null, but for the hosts to
    ``follow``, whose URLs say more than the host does (:mod:`opencasb.discovery.formats.followed_urls`).
    """

    received_at: int
    timezone: str = "UTC"
    day_first: bool = True
    want_url: bool = True
    follow: Followed = NOBODY


class Holder(Protocol):
    """Holds rows of one file back until a record of the same connection says what becomes of them."""

    def feed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take the rows of a batch, in the order of batches; return what is finished."""

    def finish(self) -> pl.DataFrame:
        """Return the rows (COLUMNS) still held back."""


class Parser:
    """Reads one file or one live stream from its first line to its last; it may remember headers and open sessions.

    A batch goes through three steps. :meth:`begin` and :meth:`end` are called batch by batch in the order of lines and
    may use what is remembered; the work between them may not, for it runs beside that of other batches. A format whose
    lines stand alone writes only :meth:`read`. No step raises on the content of a line.
    """

    holders: ClassVar[tuple[Callable[[], Holder], ...]] = ()
    """What holds rows back, made for each file; each gets what the one before it has finished."""

    def __init__(self, context: ParseContext) -> None:
        self._context = context
        self._held = [holder() for holder in self.holders]

    def begin(self, lines: pl.DataFrame) -> Work:
        """Take a batch, ``line`` (Int64) and ``text`` (String, no line end), and return its work for any thread."""
        return partial(self.read, lines)

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch, apart from what came before it."""
        raise NotImplementedError

    def end(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return :data:`opencasb.model.transaction.COLUMNS` of what the work returned, one row per finished line.

        They may be in any order. A line held back (its session is still open) comes out of a later call.
        """
        for each in self._held:
            rows = each.feed(rows)
        return rows

    def finish(self) -> pl.DataFrame:
        """Return the rows of the lines still held back."""
        import polars as pl

        return pl.concat([nothing(), *(each.finish() for each in self._held)])


def nothing() -> pl.DataFrame:
    """Return a frame of :data:`opencasb.model.transaction.COLUMNS` without rows."""
    import polars as pl

    return pl.DataFrame(schema={name: pl.Int64 if name in NUMBERS else pl.String for name in COLUMNS})


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
