"""Lines of other formats in a log: several appliances in one file, or a wrongly named source.

Lines that the log's parser rejects are given to the parsers of other formats, which are recognised from those lines.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from opencasb.discovery.formats.base import Format, ParseContext, Parser
from opencasb.discovery.recognise import GENERIC_RANK, SAMPLE_LINES, Recognition, candidates

if TYPE_CHECKING:
    import polars as pl

LEAST_LINES: Final = 20
"""Rejected lines of a batch that must match another format's signature; its parser then judges each of them."""
LEAST_PURE: Final = 5
"""The same if nine in ten match a vendor's format, this or another: damaged lines resemble a generic format."""
_PURE: Final = 0.9

LEAST_SHARE: Final = 0.02
"""Least share of rejected lines in a batch."""
MOST: Final = 8
"""Most other formats in one log."""
LOOKED_FOR: Final = 8
"""Batches searched in vain for another format before the search stops."""


class _Other(msgspec.Struct, frozen=True):
    source: str
    parser: Parser
    shown: set[int] = set()
    """Held-back lines that are already counted, since the log's own parser ignored them."""


class OtherFormats:
    """The other formats of one log, and how many of its lines are transactions in each."""

    def __init__(self, first: Format, context: ParseContext) -> None:
        self._formats = [first]
        self._context = context
        self._others: list[_Other] = []
        self._tries = LOOKED_FOR
        self.used: Counter[str] = Counter()
        """Transactions by source type."""

    def adopt(self, frame: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
        """Return ``frame`` with the transactions that other parsers find among its rejected lines.

        ``frame`` has the rows of the batch ``lines``. A line that another parser holds back has no row until it is
        released.
        """
        for other in self._others:
            frame = self._taken(frame, lines, other)
        while self._finds_another(frame, lines):
            frame = self._taken(frame, lines, self._others[-1])
        return frame

    def finish(self) -> list[pl.DataFrame]:
        """Return the transactions that the other parsers still held back."""
        found = []
        for other in self._others:
            rows = _unless(other.parser.finish(), other.shown)
            used = rows.filter(rows["rejected"].is_null() & rows["ignored"].is_null())
            self.used[other.source] += used.height
            found.append(rows)
        return found

    def _finds_another(self, frame: pl.DataFrame, lines: pl.DataFrame) -> bool:
        rejected = frame.height - frame["rejected"].null_count()
        if rejected < max(LEAST_PURE, LEAST_SHARE * frame.height) or not self._tries or len(self._others) == MOST:
            return False
        many = rejected >= LEAST_LINES
        best = self._seen_in(_passed_over(frame, lines), many) or self._seen_in(_rejected(frame, lines), many)
        if best is None:
            self._tries -= many  # a few lines are cheap to check
            return False
        self._formats.append(best.format)
        self._others.append(_Other(best.source, best.format.open(self._context)))
        return True

    def _seen_in(self, lines: pl.DataFrame, many: bool) -> Recognition | None:
        """Return the format that most of ``lines`` match, if it is another one and enough lines match."""
        sample = lines["text"].head(SAMPLE_LINES).to_list()
        found = candidates(sample)
        best = next(iter(found), None)
        if best is None or best.format in self._formats:
            return None
        vendors = [each for each in found if each.format.rank < GENERIC_RANK]
        pure = best in vendors and sum(each.confidence for each in vendors) >= _PURE
        hits = best.confidence * len(sample)
        return best if (many and hits >= LEAST_LINES) or (pure and hits >= LEAST_PURE) else None

    def _taken(self, frame: pl.DataFrame, lines: pl.DataFrame, other: _Other) -> pl.DataFrame:
        """Replace rejections with another parser's rows, except those that it rejects as well."""
        import polars as pl

        left = _passed_over(frame, lines)
        if left.is_empty():
            return frame
        rows = other.parser.end(other.parser.begin(left)())
        counted = frame.filter(frame["rejected"].is_null())["line"].implode()
        known = left["line"].filter(left["line"].is_in(counted))
        other.shown.update(known.filter(~known.is_in(rows["line"].implode())))
        rows = _unless(rows.filter(~rows["line"].is_in(counted)), other.shown)
        taken, refused = rows.filter(pl.col("rejected").is_null()), rows.filter(pl.col("rejected").is_not_null())
        self.used[other.source] += taken["ignored"].null_count()
        kept = frame.filter(pl.col("rejected").is_null() | pl.col("line").is_in(refused["line"].implode()))
        return pl.concat([kept, taken.select(frame.columns)])


def _unless(rows: pl.DataFrame, lines: set[int]) -> pl.DataFrame:
    """Return the rows that belong to other lines."""
    return rows.filter(~rows["line"].is_in(list(lines))) if lines else rows


def _rejected(frame: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return only the rejected lines, which would go unnoticed among many ignored ones."""
    return lines.join(frame.filter(frame["rejected"].is_not_null()).select("line"), on="line", how="semi").sort("line")


def _passed_over(frame: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the rejected lines and the ignored ones, which may include the header of another format's lines."""
    import polars as pl

    found = frame.filter(pl.col("rejected").is_not_null() | pl.col("ignored").is_not_null()).select("line")
    if frame["rejected"].null_count() == frame.height:
        return lines.clear()
    return lines.join(found, on="line", how="semi").sort("line")
