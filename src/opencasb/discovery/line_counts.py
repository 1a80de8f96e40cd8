"""Counts of a log's lines: how many were used, ignored by which rule, and rejected for which reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from opencasb.discovery.logfile import SAMPLE

if TYPE_CHECKING:
    import polars as pl

SAMPLES: Final = 5
"""Lines kept as samples per reason of rejection."""

COMMENTS: Final = frozenset({"comment", "empty line"})
"""Ignore rules that say nothing about whether a format fits."""


class Sample(msgspec.Struct, frozen=True):
    """A rejected line, truncated to 500 characters."""

    line: int
    reason: str
    text: str


@dataclass
class Counts:
    """Counts of used, ignored and rejected lines."""

    read: int = 0
    used: int = 0
    ignored: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)

    @property
    def comments(self) -> int:
        """Lines without content in any format."""
        return sum(self.ignored[rule] for rule in COMMENTS)

    @property
    def parsable(self) -> int:
        """Lines that fit the format, whether or not they are transactions."""
        return self.used + self.ignored.total() - self.comments

    def reject(self, line: int, reason: str, text: str) -> None:
        """Count a line that never reached a parser."""
        self.rejected[reason] += 1
        self._keep(line, reason, text)

    def add(self, frame: pl.DataFrame, lines: pl.DataFrame) -> None:
        """Count the rows of a parsed frame; the texts of samples come from ``lines``."""
        import polars as pl

        ignored, rejected = frame["ignored"], frame["rejected"]
        for column, counter in ((ignored, self.ignored), (rejected, self.rejected)):
            if column.null_count() < frame.height:
                counts = column.drop_nulls().value_counts()
                counter.update(dict(sorted(counts.iter_rows())))  # Polars has them in any order
        self.used += int((ignored.is_null() & rejected.is_null()).sum())
        if rejected.null_count() < frame.height:
            some = frame.filter(pl.col("rejected").is_not_null()).select("line", "rejected")
            some = some.group_by("rejected", maintain_order=True).head(SAMPLES)
            shown = some.join(lines.select("line", pl.col("text").str.head(SAMPLE)), on="line").sort("line")
            for reason, line, text in shown.iter_rows():
                self._keep(line, reason, text)

    def _keep(self, line: int, reason: str, text: str) -> None:
        if sum(sample.reason == reason for sample in self.samples) < SAMPLES:
            self.samples.append(Sample(line, reason, text))
