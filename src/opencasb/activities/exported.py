"""Export stored records for other tools: in consistent pages, as table rows and as Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

if TYPE_CHECKING:
    import polars as pl
    import sqlalchemy as sa

    from opencasb.filters.tree import Node
    from opencasb.store.records import Records, Row

Resource = Literal["activities", "alerts", "entities", "files"]

PAGE: Final = 5_000
"""Records per page."""

_LARGEST: Final = 2**62

_TIMES: Final[Mapping[Resource, str]] = {
    "activities": "timestamp",
    "alerts": "timestamp",
    "entities": "lastSeen",
    "files": "modifiedDate",
}


def time_of(resource: Resource, document: Mapping[str, Any]) -> int | None:  # a wire record
    """Return the time of a record in ms: when it happened, was last seen or modified; None if it has none."""
    given = document.get(_TIMES[resource])
    if isinstance(given, str):
        try:
            moment = datetime.fromisoformat(given)
        except ValueError:
            return None
        return round(moment.timestamp() * 1000) if moment.tzinfo else None
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    return int(given) if abs(given) < _LARGEST else None


def frame(resource: Resource, ids: Sequence[str], documents: Sequence[bytes]) -> pl.DataFrame:
    """Return records as a data frame: ``id``, ``timestamp`` (ms, UTC, nullable), ``record`` (JSON text)."""
    import polars as pl

    times = [time_of(resource, msgspec.json.decode(document)) for document in documents]
    records = [document.decode() for document in documents]
    made = pl.DataFrame(
        {"id": ids, "timestamp": times, "record": records},
        schema={"id": pl.String, "timestamp": pl.Int64, "record": pl.String},
    )
    return made.with_columns(pl.col("timestamp").cast(pl.Datetime("ms", "UTC")))


def parquet(made: pl.DataFrame) -> bytes:
    """Return a data frame as the bytes of a Parquet file."""
    file = io.BytesIO()
    made.write_parquet(file)
    return file.getvalue()


def pages(records: Records, connection: sa.Connection, tenant_id: int, where: Node) -> Iterator[list[Row]]:
    """Yield every matching record, ordered by its first sort column and its id, in pages (keyset pagination).

    ``connection`` comes from :meth:`opencasb.store.database.Database.read`, so all pages see the same snapshot and a
    record that changes meanwhile appears exactly once.
    """
    order, after = records.kind.order[0], None
    while True:
        found = records.page(
            tenant_id, where, order=order, ascending=True, limit=PAGE, after=after, connection=connection
        )
        if found:
            yield found
        if len(found) < PAGE:
            return
        after = (found[-1].key, found[-1].record_id)
