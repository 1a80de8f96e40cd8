"""The feed of discovery usage: the rows each lake commit added, with names resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from opencasb.activities import exported
from opencasb.lake import changes
from opencasb.lake.changes import Place, PlaceGone
from opencasb.lake.reading import collected
from opencasb.lake.usage import ENTITY_COLUMNS, SUMS, stream_key
from opencasb.model.stream import limited_to, sources_of

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal

LOOKED_AT: Final = 10_000
"""Batch size if the caller may not see every row, so that a small limit does not cause many small reads."""

KEYS: Final[Mapping[str, str]] = {
    "id": "_id",
    "day": "day",
    "stream_id": "streamId",
    "app_id": "appId",
    "app_name": "appName",
    "user": "user",
    "ip": "ipAddress",
    "device": "device",
    "instance": "instance",
    "transactions": "transactions",
    "blocked_transactions": "blockedTransactions",
    "uploaded_bytes": "uploadedBytes",
    "downloaded_bytes": "downloadedBytes",
    "total_bytes": "totalBytes",
    "first_seen": "firstSeen",
    "last_seen": "lastSeen",
}
"""Columns of the Parquet format → keys in the NDJSON records."""


class Interrupted(LookupError):
    """The data after a position are gone: the reader must drop its ``days`` (all if None) and resume.

    Reading from ``position`` yields these days as they now are, and what follows.
    """

    def __init__(self, position: int, days: Sequence[str] | None) -> None:
        super().__init__(position, days)
        self.position = position
        self.days = days


@dataclass(frozen=True, slots=True)
class Usage:
    """A response with usage; ``rows`` have ``sequence`` and the columns of :data:`KEYS`."""

    rows: pl.DataFrame
    position: int

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.rows.height

    def lines(self) -> bytes:
        """Return one line ``{"sequence", "resource", "record"}`` per row; times are ms, the day an ISO date."""
        dated = self.rows.with_columns(pl.col("day").cast(pl.String)).rename(KEYS)
        lines = (
            {"sequence": row.pop("sequence"), "resource": "usage", "record": row} for row in dated.iter_rows(named=True)
        )
        return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)

    def parquet(self) -> bytes:
        """Return a file with a column per value; times are ms, UTC."""
        times = pl.col("first_seen", "last_seen").cast(pl.Datetime("ms", "UTC"))
        return exported.parquet(self.rows.with_columns(times))


@dataclass(frozen=True, slots=True)
class UsageFeed:
    """The lake's usage: a row per stream, day, app, user, address, device and instance of a commit."""

    casb: Casb
    name: str = "usage"
    operation: str = "discovery.view"

    def admits(self, _principal: Principal) -> bool:
        """Admit everyone: a caller who sees only some reports gets their usage."""
        return True

    def generations(self, tenant_id: int) -> Sequence[str]:
        """Return the table's id and that of no table, since a reader may have started before any usage existed."""
        table = self.casb.lake.table(tenant_id, "usage")
        return ("",) if table is None else (str(table.metadata().id), "")

    def beginning(self, tenant_id: int) -> int:
        """Return the position before all existing usage."""
        return changes.beginning(self.casb.lake, tenant_id).pack()

    def newest(self, tenant_id: int) -> int:
        """Return the position after the latest usage."""
        return changes.end(self.casb.lake, tenant_id).pack()

    def is_ahead(self, tenant_id: int, position: int) -> bool:
        """Return whether a position refers to commits that do not exist."""
        return changes.is_ahead(self.casb.lake, tenant_id, Place.unpack(position))

    def read(self, principal: Principal, after: int, limit: int) -> Usage:
        """Return at most ``limit`` rows after the position ``after``. Raises Interrupted if they are no longer kept.

        If nothing has changed since, nothing is missing and the response is empty.
        """
        start, seen = Place.unpack(after), _streams(self.casb, principal)
        most = limit if principal.stream_ids is None else max(limit, LOOKED_AT)
        try:
            rows, position = changes.read(self.casb.lake, principal.tenant_id, start, most, seen)
        except PlaceGone as error:
            resumed = changes.resumption(self.casb.lake, principal.tenant_id, start)
            if resumed.days is None or resumed.days:
                raise Interrupted(resumed.place.pack(), resumed.days) from error
            rows, position = changes.nothing(), resumed.place
        if rows.height > limit:
            rows = rows[:limit]
            version, row = rows.select("version", "row").row(-1)
            position = Place(version, start.whole and version == start.version, row + 1, start.since)
        return Usage(self._described(principal.tenant_id, rows, seen, start), position.pack())

    def _described(
        self, tenant_id: int, rows: pl.DataFrame, streams: Mapping[int, str | None], start: Place
    ) -> pl.DataFrame:
        """Return the rows with the names that reports show; a pseudonym stays as it is."""
        whole = (pl.col("version") == start.version) & start.whole
        number = pl.when(whole).then(pl.lit("all-")).otherwise(pl.lit("")) + pl.col("row").cast(pl.String)
        sequence = pl.col("version") + 1
        rows = rows.with_columns(pl.col("app_id").cast(pl.Int64))
        named = self._named(tenant_id, rows)
        shown = named.join(self._apps(tenant_id, rows), on="app_id", how="left", maintain_order="left")
        return shown.with_columns(
            sequence.alias("sequence"),
            pl.concat_str(sequence.cast(pl.String), pl.lit("-"), number).alias("id"),
            pl.col("stream_key").replace_strict(streams, default=None, return_dtype=pl.String).alias("stream_id"),
        ).select("sequence", *KEYS)

    def _named(self, tenant_id: int, rows: pl.DataFrame) -> pl.DataFrame:
        lake_names = self.casb.lake.names(tenant_id).select("kind", "id", "name")
        ids = pl.concat([rows[column] for column in ENTITY_COLUMNS.values()]).drop_nulls().unique()
        wanted = lake_names.filter(pl.col("id").is_in(ids.implode())) if ids.len() else lake_names.clear()
        names = collected(wanted.unique())
        for kind, column in ENTITY_COLUMNS.items():
            mine = names.filter(pl.col("kind") == kind).select(pl.col("id").alias(column), pl.col("name").alias(kind))
            rows = rows.join(mine, on=column, how="left", maintain_order="left")
        return rows

    def _apps(self, tenant_id: int, rows: pl.DataFrame) -> pl.DataFrame:
        distinct = rows.select("app_id", *(pl.lit(0).alias(name) for name in SUMS)).unique("app_id")
        known = self.casb.reports.described(tenant_id, distinct)
        return known.select("app_id", pl.col("name").alias("app_name"))


def _streams(casb: Casb, principal: Principal) -> dict[int, str | None]:
    """Return stream key → stream id of the usage behind the caller's reports.

    A source that the caller sees only as part of the global report has no id here.
    """
    every = casb.streams.all(principal.tenant_id)
    visible = limited_to(principal.stream_ids, every)
    shown = {source.stream_id for stream in visible for source in sources_of(stream, every)}
    own = {stream.stream_id for stream in visible}
    return {stream_key(each): each if each in own else None for each in sorted(shown)}
