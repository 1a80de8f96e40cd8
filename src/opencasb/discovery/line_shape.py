"""The shape of a log's lines: how many fields they have, which are filled, and how many lines are rejected.

It is measured in windows of some hundred lines, and keeps nothing of their content but a few samples.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import msgspec

from opencasb.discovery.line_counts import SAMPLES
from opencasb.discovery.logfile import SAMPLE

if TYPE_CHECKING:
    import polars as pl

WINDOW: Final = 500
"""Lines of the smallest window that is evaluated."""

SEPARATORS: Final = {"tab": r"\t", "comma": ",", "pipe": r"\|", "semicolon": ";", "blank": " +", "equals sign": "="}
"""Name → regular expression of a possible field separator."""

FIELDS: Final = (
    "timestamp", "user", "source_ip", "source_device", "destination_host", "destination_ip", "uploaded_bytes",
    "downloaded_bytes", "total_bytes",
)  # fmt: skip
"""Columns of a transaction whose fill rate is measured."""

_MEASURED: Final = 500
"""Lines of a batch whose separators are counted."""
_MOST_COUNTS: Final = 64
"""Distinct separator counts kept, the most frequent first."""
_QUOTED: Final = r'"[^"]*"'


class LineShape(msgspec.Struct, kw_only=True):
    """The shape of a set of lines.

    ``lines`` are those of the format: transactions and rejected lines, of which there are ``rejected``. ``filled``
    counts the transactions that have a field. ``separators`` is, for each separator, a histogram of its count per line
    over the ``measured`` lines.
    """

    lines: int = 0
    rejected: int = 0
    filled: dict[str, int] = msgspec.field(default_factory=dict)
    measured: int = 0
    separators: dict[str, dict[int, int]] = msgspec.field(default_factory=dict)
    samples: list[str] = msgspec.field(default_factory=list)
    rejected_samples: list[str] = msgspec.field(default_factory=list)

    @property
    def used(self) -> int:
        """Number of transactions."""
        return self.lines - self.rejected

    @property
    def rejected_share(self) -> float:
        """Share of lines that were rejected."""
        return self.rejected / self.lines if self.lines else 0.0

    def filled_share(self, field: str) -> float:
        """Return the share of transactions that have a field."""
        return self.filled.get(field, 0) / self.used if self.used else 0.0


def added(one: LineShape, other: LineShape) -> LineShape:
    """Combine two shapes; the samples are those of the later one, if it has any."""
    names = one.separators.keys() | other.separators.keys()
    return LineShape(
        lines=one.lines + other.lines,
        rejected=one.rejected + other.rejected,
        filled=dict(Counter(one.filled) + Counter(other.filled)),
        measured=one.measured + other.measured,
        separators={name: _sum(one.separators.get(name, {}), other.separators.get(name, {})) for name in sorted(names)},
        samples=other.samples or one.samples,
        rejected_samples=other.rejected_samples or one.rejected_samples,
    )


def halved(shape: LineShape) -> LineShape:
    """Halve the weight of a shape, so that later lines count for more."""
    return LineShape(
        lines=shape.lines // 2,
        rejected=shape.rejected // 2,
        filled={name: count // 2 for name, count in shape.filled.items()},
        measured=shape.measured // 2,
        separators={
            name: {number: count // 2 for number, count in counts.items() if count > 1}
            for name, counts in shape.separators.items()
        },
        samples=shape.samples,
        rejected_samples=shape.rejected_samples,
    )


def shape_of(lines: pl.DataFrame, rows: pl.DataFrame) -> LineShape:
    """Measure a batch: ``lines`` as read (``line``, ``text``) and ``rows`` as parsed, possibly later."""
    import polars as pl

    is_rejected = pl.col("rejected").is_not_null()
    rejected = rows.height - rows["rejected"].null_count()
    is_used = rows["rejected"].is_null() & rows["ignored"].is_null()
    used = int(is_used.sum())
    if used == rows.height:
        filled = {name: used - rows[name].null_count() for name in FIELDS}
    else:
        filled = {name: int((rows[name].is_not_null() & is_used).sum()) for name in FIELDS}
    texts = _some(lines, rows)
    return LineShape(
        lines=used + rejected,
        rejected=rejected,
        filled={name: count for name, count in filled.items() if count},
        measured=texts.height,
        separators=_separators(texts["text"]),
        samples=_samples(texts.filter(is_rejected.not_())),
        rejected_samples=_samples(texts.filter(is_rejected)),
    )


def _some(lines: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return up to :data:`_MEASURED` lines, spread over the batch, without comments and ignored events."""
    import polars as pl

    step = max(1, -(-lines.height // _MEASURED))
    numbers, texts = (lines[name].gather_every(step) for name in ("line", "text"))
    told = pl.DataFrame([rows[name].gather_every(step) for name in ("line", "ignored", "rejected")])
    if not told["line"].equals(numbers):  # some lines have no row yet, or several
        theirs = rows.select("line", "ignored", "rejected")
        told = numbers.to_frame().join(theirs, on="line", how="left", maintain_order="left")
        told = told.unique("line", keep="first", maintain_order=True)
    told = told.with_columns(texts)
    return told.filter(pl.col("ignored").is_null() & ~pl.col("text").str.starts_with("#"))


def _separators(texts: pl.Series) -> dict[str, dict[int, int]]:
    import polars as pl

    if texts.is_empty():
        return {}
    bare = texts.str.replace_all(_QUOTED, '""').to_frame("text")
    found = bare.select(pl.col("text").str.count_matches(pattern).alias(name) for name, pattern in SEPARATORS.items())
    return {name: _most(Counter(found[name])) for name in SEPARATORS}


def _samples(texts: pl.DataFrame) -> list[str]:
    return texts["text"].head(SAMPLES).str.head(SAMPLE).to_list()


def _sum(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    return _most(Counter(one) + Counter(other))


def _most(counts: Counter[int]) -> dict[int, int]:
    return dict(counts.most_common(_MOST_COUNTS))
