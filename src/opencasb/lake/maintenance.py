"""Upkeep of the lake: compaction, retention, forgetting a stream."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import structlog

from opencasb.lake.usage import Lake, merged, stream_key

if TYPE_CHECKING:
    from deltalake import DeltaTable

_log = structlog.get_logger(__name__)

MANY_FILES: Final = 4
"""A day in more files than this is worth compacting."""


FORGET_ATTEMPTS: Final = 5

MANY_NAME_FILES: Final = 20
"""More files of names than this are worth joining: each new batch is compared with all of them."""


def compact(lake: Lake, tenant_id: int) -> int:
    """Rewrite every day that lies in many files as one file with equal keys added up; returns the number of days.

    Many files of names are joined, too.
    """
    _compact_names(lake, tenant_id)
    days = _crowded_days(lake, tenant_id)
    return sum(_compact_day(lake, tenant_id, day) for day in days)


def retain(lake: Lake, tenant_id: int, days: int, now: int) -> None:
    """Remove the usage of days before the last ``days`` days, counted from ``now`` (ms); 0 keeps everything."""
    table = lake.snapshot(tenant_id, "usage")
    if table is None or days == 0:
        return
    oldest = datetime.fromtimestamp(now / 1000, UTC).date() - timedelta(days=days)
    if any(day < oldest for day in _files_by_day(table)):
        table.delete(f"day < '{oldest.isoformat()}'")


def vacuum(lake: Lake, tenant_id: int) -> None:
    """Delete files that no table version of the last day refers to."""
    for name in ("usage", "names"):
        table = lake.snapshot(tenant_id, name)
        if table is not None:
            table.vacuum(dry_run=False)
            table.cleanup_metadata()


def forget_stream(lake: Lake, tenant_id: int, stream_id: str) -> None:
    """Remove all usage of one stream. Raises ``CommitFailedError`` when others rewrite the lake again and again."""
    from deltalake.exceptions import CommitFailedError

    for left in reversed(range(FORGET_ATTEMPTS)):
        table = lake.snapshot(tenant_id, "usage")
        try:
            if table is not None:
                table.delete(f"stream_key = {stream_key(stream_id)}")
        except CommitFailedError:  # a compaction was faster: its files have the stream's usage now
            if not left:
                raise
        else:
            return


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
    from deltalake.exceptions import CommitFailedError

    table = lake.snapshot(tenant_id, "names")
    if table is None or len(table.file_uris()) <= MANY_NAME_FILES:
        return
    try:
        table.optimize.compact()
    except CommitFailedError:  # another server did it meanwhile
        _log.info("compaction of names postponed", tenant_id=tenant_id)


def _compact_day(lake: Lake, tenant_id: int, day: date) -> bool:
    import polars as pl
    from deltalake import write_deltalake
    from deltalake.exceptions import CommitFailedError

    table = lake.snapshot(tenant_id, "usage")
    if table is None:
        return False
    rows = merged(pl.scan_delta(table).filter(pl.col("day") == day)).sort("stream_key", "app_id", "user_id")
    try:
        write_deltalake(
            table, rows.collect(engine="streaming"), mode="overwrite", predicate=f"day = '{day.isoformat()}'"
        )
    except CommitFailedError:  # new usage of that day arrived meanwhile: the next round takes it along
        _log.info("compaction postponed", tenant_id=tenant_id, day=day.isoformat())
        return False
    return True
