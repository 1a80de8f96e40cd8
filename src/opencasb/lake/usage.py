"""The two tables of a tenant's lake.

``usage``: one row per stream, day, app, user, source address, device and instance; names are in ``names`` only, so a
pseudonymised stream simply has other names. Each batch is one Delta commit that carries its key as an application
transaction: a batch delivered again finds its key and changes nothing (design rule 5).

========================  ==========  ==================================================================
column of ``usage``       type        meaning
========================  ==========  ==================================================================
tenant_id                 int32       tenant number
day                       date        UTC day of the transactions; the partition column
stream_key                int64       first 15 hex digits of the stream id
app_id                    int32       app number
user_id, ip_id,           int64       hashed name, see :func:`opencasb.lake.names.name_id`; null = unknown
device_id, instance_id
transactions,             int64       counted transactions, and those of them that were blocked
blocked_transactions
uploaded_bytes,           int64       bytes
downloaded_bytes,
total_bytes
first_seen, last_seen     int64       ms since the epoch UTC
========================  ==========  ==================================================================

========================  ==========  ==================================================================
column of ``names``       type        meaning
========================  ==========  ==================================================================
kind                      string      ``user``, ``ip``, ``device`` or ``instance``
id                        int64       the hash that usage rows have; the same name always gets the same
name                      string      the name, or its pseudonym
unused_since              int64       when upkeep first met no usage of the name, ms since the epoch UTC;
                                      null = in use, see :func:`opencasb.lake.maintenance.retain`
========================  ==========  ==================================================================
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Final

from opencasb.lake.reading import collected
from opencasb.model.durations import DAY

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable, Transaction

KEY: Final = ("tenant_id", "day", "stream_key", "app_id", "user_id", "ip_id", "device_id", "instance_id")
SUMS: Final = ("transactions", "blocked_transactions", "uploaded_bytes", "downloaded_bytes", "total_bytes")
TRAFFIC: Final = ("transactions", "uploaded_bytes", "downloaded_bytes")
ENTITY_COLUMNS: Final = {"user": "user_id", "ip": "ip_id", "device": "device_id", "instance": "instance_id"}

BATCH_KEPT_MS: Final = 400 * DAY
"""Default time for which the key of a batch is kept.

Each opening of a table reads all its keys: for 400,000 it takes 0.3 s, and an append over 1 s.
"""

TIMEOUTS: Final = {"timeout": "30s", "retry_timeout": "20s"}
"""Timeouts for an object store that does not respond: half a minute, or a whole one where polars reads.

The libraries' defaults are three minutes, and no limit in polars.
"""

LOG_READ_SECONDS: Final = 600.0
"""How long keys read from a table's log are reused: for less time than any key is kept."""

OPEN_TABLES: Final = 1_000
"""Most tables kept open. One takes 50 kB and more, with the keys and files of a busy tenant some MB."""

TURN_SECONDS: Final = 5.0
"""How long a reader waits for others that are refreshing the same table."""


def stream_key(stream_id: str) -> int:
    """Return the integer that represents a stream in the lake."""
    return int(stream_id[:15], 16)


def usage_schema() -> dict[str, pl.DataType]:
    """Return the columns of ``usage`` in order, with their types."""
    import polars as pl

    types: dict[str, pl.DataType] = {"tenant_id": pl.Int32(), "day": pl.Date(), "app_id": pl.Int32()}
    return {name: types.get(name, pl.Int64()) for name in (*KEY, *SUMS, "first_seen", "last_seen")}


def merged(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Sum rows with equal keys."""
    import polars as pl

    return rows.group_by(KEY).agg(pl.col(SUMS).sum(), pl.col("first_seen").min(), pl.col("last_seen").max())


def with_unused_since(names: pl.LazyFrame) -> pl.LazyFrame:
    """Return names with ``unused_since``, which tables from earlier versions lack."""
    import polars as pl

    if "unused_since" in names.collect_schema():
        return names
    return names.with_columns(pl.lit(None, pl.Int64).alias("unused_since"))


class Lake:
    """The lakes of all tenants under one root, a directory or an object-store URL (credentials: the environment)."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._tables: dict[str, DeltaTable] = {}
        self._locks: dict[str, Lock] = {}
        self._brought: dict[int, tuple[float, frozenset[str]]] = {}
        self.options = TIMEOUTS if "://" in root else None
        """Storage options for the libraries, besides the location."""

    def location(self, tenant_id: int, name: str) -> str:
        """Return the URL of a tenant's table (``usage`` or ``names``)."""
        return f"{self.root}/{tenant_id}/{name}"

    def table(self, tenant_id: int, name: str) -> DeltaTable | None:
        """Return the current version of a table for reading only, or None if nothing has been written yet.

        The table is opened once and refreshed at each call: 2 ms instead of 20.
        """
        location = self.location(tenant_id, name)
        lock = self._locks.setdefault(location, Lock())
        if not lock.acquire(timeout=TURN_SECONDS):  # the store is slow or away: let each caller find out on its own
            return self.snapshot(tenant_id, name)
        try:
            return self._kept(tenant_id, name)
        finally:
            lock.release()

    def _kept(self, tenant_id: int, name: str) -> DeltaTable | None:
        location = self.location(tenant_id, name)
        table = self._tables.pop(location, None)
        if table is None:
            table = self.snapshot(tenant_id, name)
        else:
            table.update_incremental()
        if table is not None:
            self._tables[location] = table  # last in line to be closed
            for oldest in [*self._tables][:-OPEN_TABLES]:
                self._tables.pop(oldest, None)
        return table

    def snapshot(self, tenant_id: int, name: str) -> DeltaTable | None:
        """Return a table private to the caller, for rewriting what was read, or None if nothing has been written yet.

        Its version is fixed: usage that arrives after the read is untouched by the write.
        """
        from opencasb.lake.delta_table import opened

        return opened(self.location(tenant_id, name), self.options)

    def holds(self, tenant_id: int, batch: str) -> bool:
        """Return whether the lake holds the batch with that key."""
        table = self.table(tenant_id, "usage")
        return table is not None and table.transaction_version(batch) is not None

    def brought(self, tenant_id: int, batch: str) -> bool:
        """Return whether the log shows a batch whose key has expired: it does for about a day, given steady writes.

        Reading it takes seconds and happens at most once in ten minutes: batches that arrive meanwhile still have a
        key.
        """
        from opencasb.lake.delta_table import keys_in_log

        now = time.monotonic()
        # A log may have 40,000 keys, so those of other tenants that will be read again anyway are not kept.
        kept = {each: found for each, found in self._brought.items() if now - found[0] < LOG_READ_SECONDS}
        if tenant_id not in kept and self.table(tenant_id, "usage") is not None:
            kept[tenant_id] = now, keys_in_log(self.location(tenant_id, "usage"), self.options)
        self._brought = kept
        return tenant_id in kept and batch in kept[tenant_id][1]

    def append(
        self, tenant_id: int, usage: pl.DataFrame, names: pl.DataFrame, batch: str, *, kept_ms: int = BATCH_KEPT_MS
    ) -> bool:
        """Append a batch, names first so that no usage refers to a missing one; False if the lake holds it already.

        Its key is kept for ``kept_ms``.
        """
        from opencasb.lake.delta_table import append_rows

        if self.holds(tenant_id, batch):
            return False
        append_rows(self.location(tenant_id, "names"), self.options, self._new_names(tenant_id, names))
        key = _key(batch, kept_ms)
        return append_rows(self.location(tenant_id, "usage"), self.options, usage, key, partition_by="day")

    def version(self, tenant_id: int) -> int:
        """Return a number that grows with every change of the tenant's usage; -1 if there is none yet."""
        table = self.table(tenant_id, "usage")
        return -1 if table is None else table.version()

    def usage(self, tenant_id: int) -> pl.LazyFrame:
        """Return all usage rows of a tenant as a lazy frame."""
        import polars as pl

        table = self.table(tenant_id, "usage")
        return pl.LazyFrame(schema=usage_schema()) if table is None else pl.scan_delta(table)

    def names(self, tenant_id: int) -> pl.LazyFrame:
        """Return the names as a lazy frame, possibly with duplicates."""
        import polars as pl

        table = self.table(tenant_id, "names")
        nothing = pl.LazyFrame(schema={"kind": pl.String, "id": pl.Int64, "name": pl.String})
        return nothing if table is None else pl.scan_delta(table)

    def _new_names(self, tenant_id: int, names: pl.DataFrame) -> pl.DataFrame:
        """Return those of ``names`` that the lake lacks, or has marked as unused and would otherwise remove."""
        import polars as pl

        names = names.with_columns(pl.lit(None, pl.Int64).alias("unused_since"))
        used = with_unused_since(self.names(tenant_id)).filter(pl.col("unused_since").is_null())
        return collected(names.lazy().join(used, on=["kind", "id"], how="anti"))


def _key(batch: str, kept_ms: int) -> Transaction:
    """Return a batch's key, back-dated so that it expires after ``kept_ms``; one without a time is kept for ever."""
    from deltalake import Transaction

    return Transaction(batch, 1, time.time_ns() // 1_000_000 - BATCH_KEPT_MS + kept_ms)
