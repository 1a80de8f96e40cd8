"""The usage that each commit of the lake brought, in the order of commits, every row of it once.

A commit that only adds files brings usage. One that also removes files moves or removes what was told before:
compaction, retention, a forgotten stream. It is no change. What a reader has not read then lies in files that no longer
count; they stay as long as the lake keeps removed files (:data:`opencasb.lake.usage.CONFIGURATION`).

A reader without a place begins with the table as it lies at one version, and goes on with the commits behind it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    import polars as pl

    from opencasb.lake.usage import Lake

MOST_COMMITS: Final = 100
"""Commits that one reading looks at: many bring nothing."""

_ROW_BITS: Final = 36
"""Of 63: 69 billion rows of a table; there remain 67 million versions."""


class PlaceGone(LookupError):
    """What lies behind a place is no longer kept."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """The row that is told next: ``row`` of the commit ``version``, or of the ``whole`` table as that left it."""

    version: int
    whole: bool = False
    row: int = 0

    def pack(self) -> int:
        """Return the place as a number below 2**63; places of later commits are greater."""
        return (self.version << 1 | self.whole) << _ROW_BITS | self.row

    @classmethod
    def unpack(cls, number: int) -> Place:
        """Return the place that :meth:`pack` made ``number`` of."""
        rest, row = divmod(number, 1 << _ROW_BITS)
        version, whole = divmod(rest, 2)
        return cls(version, bool(whole), row)


@dataclass(frozen=True, slots=True)
class _File:
    uri: str
    day: str
    rows: int


def beginning(lake: Lake, tenant_id: int) -> Place:
    """Return the place of a reader who has nothing yet."""
    version = lake.version(tenant_id)
    return Place(0) if version < 0 else Place(version, whole=True)


def end(lake: Lake, tenant_id: int) -> Place:
    """Return the place behind everything so far."""
    return Place(lake.version(tenant_id) + 1)


def read(lake: Lake, tenant_id: int, place: Place, most: int, streams: Collection[int]) -> tuple[pl.DataFrame, Place]:
    """Return the usage of some streams among the next ``most`` rows, and the place behind those.

    ``streams`` are stream keys. The rows have the columns of the usage table, the ``version`` of their commit and
    ``row``, their number in it or in the whole table. Raises :class:`PlaceGone`.
    """
    import polars as pl

    newest, found = lake.version(tenant_id), [_nothing()]
    for _ in range(MOST_COMMITS):
        if most <= 0 or place.version > newest:
            break
        try:
            rows, files = _rows(lake, tenant_id, place, most)
        except FileNotFoundError as error:
            raise PlaceGone(f"version {place.version} of the usage of tenant {tenant_id} is no longer kept") from error
        found.append(rows.filter(pl.col("stream_key").is_in(list(streams))))
        most -= rows.height
        told, total = place.row + rows.height, sum(file.rows for file in files)
        place = Place(place.version, place.whole, told) if told < total else Place(place.version + 1)
    return pl.concat(found), place


def _rows(lake: Lake, tenant_id: int, place: Place, most: int) -> tuple[pl.DataFrame, Sequence[_File]]:
    """Return the next rows of one commit or whole table, and all files of it."""
    import polars as pl

    read_files = _whole if place.whole else _added
    files = read_files(lake, tenant_id, place.version)
    found, first = [_nothing()], 0
    for file in files:
        start, stop = max(place.row - first, 0), min(place.row + most - first, file.rows)
        if start < stop:
            rows = pl.scan_parquet(file.uri, hive_partitioning=False).slice(start, stop - start)
            numbers = pl.int_range(first + start, first + stop, dtype=pl.Int64).alias("row")
            day, version = pl.lit(file.day).str.to_date().alias("day"), pl.lit(place.version, pl.Int64).alias("version")
            found.append(rows.with_columns(numbers, day, version).select(_nothing().columns).collect())
        first += file.rows
    return pl.concat(found), files


def _added(lake: Lake, tenant_id: int, version: int) -> list[_File]:
    """Return the files of usage that a commit brought."""
    import polars as pl

    location = lake.location(tenant_id, "usage")
    file = pl.Struct({"path": pl.String, "partitionValues": pl.Struct({"day": pl.String}), "stats": pl.String})
    schema = {"add": file, "remove": pl.Struct({"path": pl.String})}
    actions = pl.scan_ndjson(f"{location}/_delta_log/{version:020d}.json", schema=schema).collect()
    if actions["remove"].null_count() < actions.height:
        return []
    added = actions["add"].drop_nulls().struct.unnest().unnest("partitionValues")
    numbers = added["stats"].str.json_path_match("$.numRecords").cast(pl.Int64)
    return _files(location, added.select("path", "day", numbers).iter_rows())


def _whole(lake: Lake, tenant_id: int, version: int) -> list[_File]:
    """Return the files of usage that counted at a version."""
    import polars as pl
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    location = lake.location(tenant_id, "usage")
    try:
        actions = pl.DataFrame(DeltaTable(location, version=version).get_add_actions(flatten=True))
    except DeltaError:
        _added(lake, tenant_id, version)  # raises FileNotFoundError, too, unless something else is wrong
        raise
    listed = actions.select("path", pl.col("partition.day").cast(pl.String), "num_records").sort("path")
    return _files(location, listed.iter_rows())


def _files(location: str, listed: Iterable[tuple[str, str, int]]) -> list[_File]:
    return [_File(f"{location}/{unquote(path)}", day, rows) for path, day, rows in listed]


def _nothing() -> pl.DataFrame:
    """Return no rows, in the columns of every reading."""
    import polars as pl

    from opencasb.lake.usage import KEY, SUMS

    types: dict[str, pl.DataType | type[pl.DataType]] = {"tenant_id": pl.Int32, "day": pl.Date, "app_id": pl.Int32}
    names = ("version", "row", *KEY, *SUMS, "first_seen", "last_seen")
    return pl.DataFrame(schema={name: types.get(name, pl.Int64) for name in names})
