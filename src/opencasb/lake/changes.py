"""Change feed of the lake: the usage that each commit added, in commit order, every row once.

A commit that only adds files brings usage. One that also removes files moves or removes rows that were already
delivered (compaction, retention, a forgotten stream) and is not a change. Rows that a reader has not yet read then lie
in files no longer current, which remain for as long as the lake keeps removed files
(:data:`opencasb.lake.delta_table.CONFIGURATION`).

A reader without a place begins with a snapshot of the table at one version, and continues with the commits after it. A
reader that was away for so long that commits or files after its place are gone does the same, but only for the days
that have changed since (:func:`resumption`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import polars as pl

from opencasb.lake.reading import MissingFile, collected
from opencasb.model.durations import HOUR

if TYPE_CHECKING:
    from opencasb.lake.usage import Lake

MOST_COMMITS: Final = 100
"""Commits examined per read: many bring no usage."""

SLOWEST_COMMIT_MS: Final = HOUR
"""Longest time from writing a file to its commit, including clock skew between servers."""

_ROW_BITS: Final = 36
_PLACE_BITS: Final = 63
"""With 36 bits for rows (69 billion per table), 67 million versions remain."""


class PlaceGone(LookupError):
    """What follows a place is no longer kept."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The next row to deliver: ``row`` of the commit ``version``, or of the ``whole`` table as that commit left it.

    ``since`` (ms) is when the newest file known to the reader was written, 0 if it knows of none. A whole table is
    delivered without the days that have no later file.
    """

    version: int
    whole: bool = False
    row: int = 0
    since: int = 0

    def pack(self) -> int:
        """Return the place as a number: below 2**63 if ``since`` is 0, larger for readers that have moved on."""
        return self.since << _PLACE_BITS | (self.version << 1 | self.whole) << _ROW_BITS | self.row

    @classmethod
    def unpack(cls, number: int) -> Place:
        """Return the place that :meth:`pack` turned into ``number``."""
        since, place = divmod(number, 1 << _PLACE_BITS)
        rest, row = divmod(place, 1 << _ROW_BITS)
        version, whole = divmod(rest, 2)
        return cls(version, bool(whole), row, since)


@dataclass(frozen=True, slots=True)
class Resumption:
    """How a reader whose place is gone resumes: it drops the ``days`` it has (all if None) and reads from ``place``."""

    place: Place
    days: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class _File:
    uri: str
    day: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Step:
    """The files that a commit, or a whole table, delivers, and when the newest was written (ms)."""

    files: Sequence[_File]
    written: int


def beginning(lake: Lake, tenant_id: int) -> Place:
    """Return the initial place of a reader."""
    version = lake.version(tenant_id)
    return Place(0) if version < 0 else Place(version, whole=True)


def end(lake: Lake, tenant_id: int) -> Place:
    """Return the place after everything so far."""
    version = lake.version(tenant_id)
    return Place(0) if version < 0 else Place(version + 1, since=_whole(lake, tenant_id, Place(version)).written)


def is_ahead(lake: Lake, tenant_id: int, place: Place) -> bool:
    """Return whether a place refers to commits that do not exist, because an older state of the table was restored."""
    return place.version > lake.version(tenant_id) + (not place.whole)


def resumption(lake: Lake, tenant_id: int, place: Place) -> Resumption:
    """Return how to resume when what follows ``place`` is gone.

    Only days with a file newer than what the reader knows can have changed; some of them may be unchanged.
    """
    newest = lake.version(tenant_id)
    told = Place(newest, whole=True, since=place.since)
    days = sorted({file.day for file in _whole(lake, tenant_id, told).files})
    if days or not place.since:
        return Resumption(told, days if place.since else None)
    return Resumption(Place(newest + 1, since=place.since), days)


def read(lake: Lake, tenant_id: int, place: Place, most: int, streams: Collection[int]) -> tuple[pl.DataFrame, Place]:
    """Return the usage of some streams among the next ``most`` rows, and the place after those.

    ``streams`` are stream keys. The rows have the columns of the usage table, the ``version`` of their commit, and
    ``row``, their number in it or in the whole table. Raises :class:`PlaceGone`.
    """
    newest, found = lake.version(tenant_id), [nothing()]
    for _ in range(MOST_COMMITS):
        if most <= 0 or place.version > newest:
            break
        try:
            rows, step = _rows(lake, tenant_id, place, most)
        except (FileNotFoundError, MissingFile) as error:
            if place.version == newest:  # everything that this version refers to is kept
                raise
            raise PlaceGone(f"version {place.version} of the usage of tenant {tenant_id} is no longer kept") from error
        found.append(rows.filter(pl.col("stream_key").is_in(list(streams))))
        most -= rows.height
        told, total = place.row + rows.height, sum(file.rows for file in step.files)
        if told < total:
            place = replace(place, row=told)
        else:
            place = Place(place.version + 1, since=max(place.since, step.written))
    return pl.concat(found), place


def _rows(lake: Lake, tenant_id: int, place: Place, most: int) -> tuple[pl.DataFrame, _Step]:
    """Return the next rows of one commit or whole table, and the step that they belong to."""
    step = _whole(lake, tenant_id, place) if place.whole else _added(lake, tenant_id, place.version)
    found, first = [nothing()], 0
    for file in step.files:
        start, stop = max(place.row - first, 0), min(place.row + most - first, file.rows)
        if start < stop:
            rows = pl.scan_parquet(file.uri, hive_partitioning=False, storage_options=lake.options)
            rows = rows.slice(start, stop - start)
            numbers = pl.int_range(first + start, first + stop, dtype=pl.Int64).alias("row")
            day, version = pl.lit(file.day).str.to_date().alias("day"), pl.lit(place.version, pl.Int64).alias("version")
            found.append(collected(rows.with_columns(numbers, day, version).select(nothing().columns)))
        first += file.rows
    return pl.concat(found), step


def _added(lake: Lake, tenant_id: int, version: int) -> _Step:
    """Return the usage files that a commit added."""
    location = lake.location(tenant_id, "usage")
    names = {"path": pl.String, "stats": pl.String, "modificationTime": pl.Int64}
    file = pl.Struct({**names, "partitionValues": pl.Struct({"day": pl.String})})
    schema = {"add": file, "remove": pl.Struct({"path": pl.String})}
    commit = f"{location}/_delta_log/{version:020d}.json"
    actions = pl.scan_ndjson(commit, schema=schema, storage_options=lake.options).collect()
    added = actions["add"].drop_nulls().struct.unnest().unnest("partitionValues")
    written = _newest(added["modificationTime"])
    if actions["remove"].null_count() < actions.height:
        return _Step([], written)
    numbers = added["stats"].str.json_path_match("$.numRecords").cast(pl.Int64)
    return _Step(_files(location, added.select("path", "day", numbers).iter_rows()), written)


def _whole(lake: Lake, tenant_id: int, place: Place) -> _Step:
    """Return the usage files current at a version, for the days that have one newer than ``place.since``."""
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    location = lake.location(tenant_id, "usage")
    try:
        actions = pl.DataFrame(DeltaTable(location, place.version, lake.options).get_add_actions(flatten=True))
    except DeltaError:
        _added(lake, tenant_id, place.version)  # also raises FileNotFoundError, unless something else is wrong
        raise
    written = actions["modification_time"].cast(pl.Int64)
    changed = actions.filter(written > place.since - SLOWEST_COMMIT_MS)["partition.day"].unique()
    listed = actions.filter(pl.col("partition.day").is_in(changed.implode())) if place.since else actions
    listed = listed.select("path", pl.col("partition.day").cast(pl.String), "num_records").sort("path")
    return _Step(_files(location, listed.iter_rows()), _newest(written))


def _newest(times: pl.Series) -> int:
    found = times.max()
    return found if isinstance(found, int) else 0


def _files(location: str, listed: Iterable[tuple[str, str, int]]) -> list[_File]:
    return [_File(f"{location}/{unquote(path)}", day, rows) for path, day, rows in listed]


def nothing() -> pl.DataFrame:
    """Return an empty frame with the columns of every read."""
    from opencasb.lake.usage import usage_schema

    return pl.DataFrame(schema={"version": pl.Int64(), "row": pl.Int64(), **usage_schema()})
