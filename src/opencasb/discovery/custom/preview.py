"""Previews a definition on a log's first lines: transactions, field coverage, and what was rejected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from opencasb.discovery.compression import LogError
from opencasb.discovery.custom.parser import compiled
from opencasb.discovery.line_counts import Counts
from opencasb.discovery.logfile import LogFile
from opencasb.discovery.parsing import LineParser
from opencasb.model.transaction import COLUMNS, TRANSACTIONS

if TYPE_CHECKING:
    from opencasb.discovery.custom.definition import Definition
    from opencasb.discovery.formats.base import ParseContext

MOST_LINES: Final = 2000
SAMPLE_BYTES: Final = 64 * 1024 * 1024
"""Size to which a compressed log may expand, although only its beginning is read."""

FIRST_ROWS: Final = 10
MEASURED: Final = tuple(name for name in COLUMNS if name not in {"line", "ignored", "rejected", "action", TRANSACTIONS})
"""Columns whose coverage is reported."""


def first_lines(log: Path | bytes) -> list[str]:
    """Return the first non-empty lines of a file, or of its content.

    Raises :class:`opencasb.discovery.compression.LogError` if it is not text or has no lines, and ``OSError``.
    """
    source = LogFile(BytesIO(log) if isinstance(log, bytes) else log, SAMPLE_BYTES, batch_bytes=1024 * 1024)
    lines: list[str] = []
    for batch in source.batches():
        lines.extend(text for text in batch["text"].drop_nulls() if text)
        if len(lines) >= MOST_LINES:
            break
    if not lines:
        raise LogError(source.nothing())
    return lines[:MOST_LINES]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a definition makes of some lines. ``coverage`` is the share of transactions, 0 to 1, with a value."""

    rows: list[dict[str, Any]]  # of transactions
    coverage: dict[str, float]
    blocked: float
    counts: Counts

    @property
    def fits(self) -> float:
        """Share of the lines that are transactions, not counting comments and header rows."""
        lines = self.counts.read - self.counts.comments - self.counts.ignored["header row"]
        return self.counts.used / lines if lines > 0 else 0.0

    def record(self) -> dict[str, Any]:  # JSON
        """Return the preview as JSON."""
        counts = self.counts
        return {
            "lines": {
                "read": counts.read,
                "used": counts.used,
                "ignored": counts.ignored.total(),
                "rejected": counts.rejected.total(),
            },
            "coverage": {name: round(share, 4) for name, share in self.coverage.items()},
            "blocked": round(self.blocked, 4),
            "rows": self.rows,
            "ignored_by_rule": dict(counts.ignored),
            "rejected_by_reason": dict(counts.rejected),
            "rejected_samples": [{"line": s.line, "reason": s.reason, "text": s.text} for s in counts.samples],
        }


def preview(definition: Definition, lines: Sequence[str], context: ParseContext, rows: int = FIRST_ROWS) -> Preview:
    """Parse ``lines`` by a definition, as a data source would. Never raises for a line."""
    parser, used = parsed(definition, lines, context)
    coverage = {name: _share(used, name) for name in MEASURED}
    blocked = int((used["action"] == "block").sum()) / used.height if used.height else 0.0
    shown = used.head(rows).drop("ignored", "rejected")
    return Preview(shown.to_dicts(), coverage, blocked, parser.counts)


def parsed(definition: Definition, lines: Sequence[str], context: ParseContext) -> tuple[LineParser, pl.DataFrame]:
    """Return the parser, which holds the counts, and the transactions in line order."""
    parser = LineParser(compiled(definition), context)
    frame = pl.concat([parser.feed([one_line(line) for line in lines]), parser.finish()]).sort("line")
    return parser, frame.filter(pl.col("ignored").is_null() & pl.col("rejected").is_null())


def one_line(text: str) -> str:
    """Return a text without line ends and without lone surrogates."""
    return text.replace("\r", " ").replace("\n", " ").encode("utf-8", "replace").decode()


def _share(used: pl.DataFrame, name: str) -> float:
    return 1 - used[name].null_count() / used.height if used.height else 0.0
