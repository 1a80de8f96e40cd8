"""Maintenance of the lake: compaction, retention, forgetting a stream or a tenant."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opencasb.lake.reading import collected
from opencasb.lake.usage import ENTITY_COLUMNS, Lake, merged, stream_key, with_unused_since
from opencasb.model.durations import DAY

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable

MANY_FILES: Final = 4
"""A day with more files than this is worth compacting."""

FORGET_ATTEMPTS: Final = 5

NAME_GRACE_MS: Final = DAY
"""How long an unused name is kept: as long as files removed by a commit, and longer than any batch takes."""

MANY_NAME_FILES: Final = 20
"""More name files than this are worth compacting: each new batch is compared with all of them."""


def compact(lake: Lake, tenant_id: int) -> int:
    """Rewrite every day that has many files as one file with equal keys summed; return the number of days.

    Also compact the names if they have many files.
    """
    _compact_names(lake, tenant_id)
    days = _crowded_days(lake, tenant_id)
    return sum(_compact_day(lake, tenant_id, day) for day in days)


def retain(lake: Lake, tenant_id: int, days: int, now: int) -> None:
    """Remove usage older than the last ``days`` days, counted from ``now`` (ms); 0 keeps everything.

    Names without usage are removed too, once they have been unused for a day.
    """
    table = lake.snapshot(tenant_id, "usage")
    if table is None:
        return
    oldest = datetime.fromtimestamp(now / 1000, UTC).date() - timedelta(days=days)
    if days and any(day < oldest for day in _files_by_day(table)):
        table.delete(f"day < '{oldest.isoformat()}'")
    _retain_names(lake, tenant_id, now)


def _retain_names(lake: Lake, tenant_id: int, now: int) -> None:
    """Mark unused names, and remove those marked for longer than a batch may take to arrive.

    A batch writes its names before its usage. Names that it finds unmarked are safe from removal for the whole grace
    period; marked ones it writes again.
    """
    import polars as pl
    from deltalake import write_deltalake

    table = lake.snapshot(tenant_id, "names")
    if table is None:
        return
    before = collected(with_unused_since(pl.scan_delta(table)))
    after = _marked(before, _used_ids(lake.usage(tenant_id)), now).filter(
        pl.col("unused_since").is_null() | (pl.col("unused_since") > now - NAME_GRACE_MS)
    )
    if after.height == before.height and after["unused_since"].null_count() == before["unused_since"].null_count():
        return
    write = partial(write_deltalake, table, after, mode="overwrite", schema_mode="merge")
    _won(write, "retention of names", tenant_id=tenant_id)  # or new names came


def _used_ids(usage: pl.LazyFrame) -> pl.DataFrame:
    """Return ``kind`` and ``id`` of every name in use."""
    import polars as pl

    ids = [
        usage.select(pl.lit(kind).alias("kind"), pl.col(column).alias("id")).unique()
        for kind, column in ENTITY_COLUMNS.items()
    ]
    return collected(pl.concat(ids))


def _marked(names: pl.DataFrame, used: pl.DataFrame, now: int) -> pl.DataFrame:
    """Return each name once: unmarked if it is in ``used``, else marked with the time it was first found unused."""
    import polars as pl

    since = pl.col("unused_since")
    found_since = pl.when(since.is_null().any()).then(None).otherwise(since.max()).alias("unused_since")
    distinct = names.group_by("kind", "id").agg(pl.col("name").first(), found_since)
    kept = distinct.join(used, on=["kind", "id"], how="semi").with_columns(pl.lit(None, pl.Int64).alias("unused_since"))
    unused = distinct.join(used, on=["kind", "id"], how="anti").with_columns(since.fill_null(now))
    return pl.concat([kept, unused])


def vacuum(lake: Lake, tenant_id: int) -> None:
    """Delete files that no table version of the last day refers to.

    This includes files that none ever referred to, from writes that were killed or abandoned, once they are a day old.
    """
    for name in ("usage", "names"):
        table = lake.snapshot(tenant_id, name)
        if table is not None:
            table.vacuum(dry_run=False, full=True)
            table.cleanup_metadata()


def forget_stream(lake: Lake, tenant_id: int, stream_id: str) -> None:
    """Remove all usage of one stream. Raises ``CommitFailedError`` if concurrent rewrites win every attempt."""
    from deltalake.exceptions import CommitFailedError

    for left in reversed(range(FORGET_ATTEMPTS)):
        table = lake.snapshot(tenant_id, "usage")
        try:
            if table is not None:
                table.delete(f"stream_key = {stream_key(stream_id)}")
        except CommitFailedError:  # a concurrent compaction won: its files hold the stream's usage now
            if not left:
                raise
        else:
            return


def forget_tenant(lake: Lake, tenant_id: int) -> None:
    """Remove all of a tenant's data from the lake. Raises ``OSError`` and ``obstore.exceptions.BaseError``."""
    if "://" not in lake.root:
        folder = Path(lake.root) / str(tenant_id)
        if folder.exists():
            shutil.rmtree(folder)
        return
    import obstore
    from obstore.store import from_url

    store = from_url(f"{lake.root}/{tenant_id}")
    for page in obstore.list(store):
        obstore.delete(store, [each["path"] for each in page])


def _files_by_day(table: DeltaTable) -> dict[date, int]:
    import polars as pl

    actions = pl.DataFrame(table.get_add_actions(flatten=True))
    return dict(actions.group_by("partition.day").len().iter_rows())


def _crowded_days(lake: Lake, tenant_id: int) -> list[date]:
    table = lake.snapshot(tenant_id, "usage")
    if table is None:
        return []
    return sorted(day for day, files in _files_by_day(table).items() if files > MANY_FILES)


def _compact_names(lake: Lake, tenant_id: int) -> None:
    table = lake.snapshot(tenant_id, "names")
    if table is None or len(table.file_uris()) <= MANY_NAME_FILES:
        return
    _won(table.optimize.compact, "compaction of names", tenant_id=tenant_id)  # or another server did it


def _compact_day(lake: Lake, tenant_id: int, day: date) -> bool:
    import polars as pl
    from deltalake import write_deltalake

    table = lake.snapshot(tenant_id, "usage")
    if table is None:
        return False
    rows = merged(pl.scan_delta(table).filter(pl.col("day") == day)).sort("stream_key", "app_id", "user_id")
    write = partial(write_deltalake, table, collected(rows), mode="overwrite", predicate=f"day = '{day.isoformat()}'")
    return _won(write, "compaction", tenant_id=tenant_id, day=day.isoformat())  # or new usage of that day came


def _won(write: Callable[[], object], work: str, **where: object) -> bool:
    """Write, and tell whether that succeeded; if a concurrent write won, the work is left to the next round."""
    from deltalake.exceptions import CommitFailedError

    try:
        write()
    except CommitFailedError:
        import structlog  # 50 ms that every command would pay

        structlog.get_logger(__name__).info(f"{work} postponed", **where)
        return False
    return True
