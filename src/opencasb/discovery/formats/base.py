"""Define what a log format is: the single interface for registering our own formats and third-party ones.

A vendor family's formats are described by :class:`Format` objects in one file and announced under the entry point group
``opencasb.formats``: one entry point per source type, with the source type as its name, that refers to a tuple of
formats. That file is loaded only where logs are read, so it may import Polars at the top; this one may not.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Protocol

import msgspec

from opencasb.model.transaction import COLUMNS, INTEGER_COLUMNS, LINE

if TYPE_CHECKING:
    import polars as pl

Work = Callable[[], "pl.DataFrame"]
NUMBERS = frozenset({LINE, *INTEGER_COLUMNS})


class Followed(msgspec.Struct, frozen=True):
    """Hosts whose URLs are wanted: those listed, and those ending in one of ``endings``."""

    hosts: frozenset[str] = frozenset()
    endings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Return whether any host is followed."""
        return bool(self.hosts or self.endings)

    def among(self, hosts: pl.Series) -> pl.Series:
        """Return the followed hosts among ``hosts``."""
        found = hosts.is_in(list(self.hosts))
        for ending in self.endings:
            found |= hosts.str.ends_with(ending)
        return hosts.filter(found)


NOBODY = Followed()


class ParseContext(msgspec.Struct, frozen=True):
    """What a line does not say itself.

    ``received_at`` (ms since the epoch, UTC) supplies the year missing from syslog headers; ``timezone`` (an IANA name)
    applies to local times; ``day_first`` resolves ambiguous dates such as 05/02/2025. ``want_url`` asks for the ``url``
    column, which is costly and needed only to list lines; without it the column may be null, except for the hosts to
    ``follow``, whose URLs say more than the host does (:mod:`opencasb.discovery.formats.followed_urls`).
    """

    received_at: int
    timezone: str = "UTC"
    day_first: bool = True
    want_url: bool = True
    follow: Followed = NOBODY


class Holder(Protocol):
    """Hold back rows of one file until another record of the same connection decides what becomes of them."""

    def feed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take the rows of a batch, in batch order, and return the finished ones."""

    def finish(self) -> pl.DataFrame:
        """Return the rows (COLUMNS) still held back."""


class Parser:
    """Read one file or live stream from first line to last; may remember headers and open sessions.

    A batch goes through three steps. :meth:`begin` and :meth:`end` are called once per batch, in line order, and may
    use remembered state; the work between them runs in parallel with other batches and may not. A format whose lines
    are independent implements only :meth:`read`. No step raises on the content of a line.
    """

    holders: ClassVar[tuple[Callable[[], Holder], ...]] = ()
    """Holders created for each file; each receives the rows that the previous one has finished."""

    def __init__(self, context: ParseContext) -> None:
        self._context = context
        self._held = [holder() for holder in self.holders]

    def begin(self, lines: pl.DataFrame) -> Work:
        """Take a batch, ``line`` (Int64) and ``text`` (String, no line end), and return its work for any thread.

        Texts are as :func:`~opencasb.discovery.formats.restored.restored` returns them, but may have syslog headers.
        """
        return partial(self.read, lines)

    def unread(self) -> pl.DataFrame:
        """Return the lines (``line``, ``text``) that :meth:`begin` has taken but that will be read with later ones."""
        import polars as pl

        return pl.DataFrame(schema={"line": pl.Int64, "text": pl.String})

    def read(self, lines: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch, independently of earlier batches."""
        raise NotImplementedError

    def end(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Turn the result of the work into :data:`opencasb.model.transaction.COLUMNS`, one row per finished line.

        Rows may be in any order. A line in which a relay joined several records has a row for each. A line held back
        because its session is still open comes out of a later call.
        """
        for each in self._held:
            rows = each.feed(rows)
        return rows

    def finish(self) -> pl.DataFrame:
        """Return the rows of the lines still held back."""
        import polars as pl

        return pl.concat([nothing(), *(each.finish() for each in self._held)])


def nothing() -> pl.DataFrame:
    """Return an empty frame of :data:`opencasb.model.transaction.COLUMNS`."""
    import polars as pl

    return pl.DataFrame(schema={name: pl.Int64 if name in NUMBERS else pl.String for name in COLUMNS})


class Format(msgspec.Struct, frozen=True):
    """A vendor family's log format.

    ``sources`` are the upload API source types that it serves, the file form first (api §12.1). ``recognise`` takes the
    first non-empty lines, already stripped of syslog wrappers, and returns the share of them (0 to 1) that bear this
    format's signature, with the reason in words; ``open`` creates a parser for one file. ``rank`` breaks ties between
    equal shares: the row number in log-formats §3, lower wins. ``encoding`` is that of lines that are not UTF-8.
    """

    sources: tuple[str, ...]
    recognise: Callable[[list[str]], tuple[float, str]]
    open: Callable[[ParseContext], Parser]
    rank: int
    encoding: str = "cp1252"
