"""The two response formats: NDJSON and Parquet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from opencasb.activities import exported
from opencasb.api.feed.changes import Page

if TYPE_CHECKING:
    from opencasb.activities.exported import Resource

NDJSON: Final = "application/x-ndjson"
PARQUET: Final = "application/vnd.apache.parquet"


def media_type(accept: str) -> str:
    """Return the format that an ``Accept`` header asks for: Parquet if named and preferred, else NDJSON."""
    wanted = [_preference(each) for each in accept.split(",")]
    parquet = max((quality for name, quality in wanted if name == PARQUET), default=0.0)
    lines = max((quality for name, quality in wanted if name == NDJSON), default=0.0)
    return PARQUET if parquet > 0 and parquet >= lines else NDJSON


@dataclass(frozen=True, slots=True)
class Records:
    """A response with record changes."""

    page: Page
    resource: Resource

    @property
    def position(self) -> int:
        """The position after the last change examined."""
        return self.page.position

    def __len__(self) -> int:
        """Return the number of changes."""
        return len(self.page.changes)

    def lines(self) -> bytes:
        """Return one line ``{"sequence", "resource", "record"}`` per change."""
        return b"".join(
            b'{"sequence":%d,"resource":"%s","record":%s}\n' % (change.seq, self.resource.encode(), change.document)
            for change in self.page.changes
        )

    def parquet(self) -> bytes:
        """Return a file with the columns ``sequence``, ``id``, ``timestamp`` (ms, UTC) and ``record`` (JSON text)."""
        changes = self.page.changes
        table = exported.frame(
            self.resource, [change.record_id for change in changes], [change.document for change in changes]
        )
        numbers = pl.Series("sequence", [change.seq for change in changes], dtype=pl.Int64)
        return exported.parquet(table.select(numbers, pl.all()))


def _preference(text: str) -> tuple[str, float]:
    """Return media type and quality of one entry (RFC 9110 §12.5.1); an unparsable quality counts as 0."""
    name, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, float(parameter[2:])
            except ValueError:
                return name, 0.0
    return name, 1.0
