"""Join a firewall's web-filter records with the records of their sessions (log-formats §1).

The web record has host and URL and is written first; the session record has the bytes and is written at the end. Logs
exported newest line first are read backwards, in parts.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from opencasb.discovery.formats.base import nothing
from opencasb.model.transaction import COLUMNS

SESSION: Final = "session"
"""UInt64, equal on the records of one session; null if a record names none."""

RECORD: Final = "record"
"""``web``, ``end``, or ``interim`` for a long session that continues after the record."""

WAITING_LIMIT: Final = 200_000
"""Web records that may wait for their session; beyond that the oldest come out on their own."""

_FEWEST_STEPS: Final = 5
_UNDOUBTED: Final = 9
"""Ratio of backward to forward clock steps above which a log is taken to be newest first."""

_JOINED: Final = "counted with its session"
_TOLD_BY_WEB: Final = ("user", "source_device", "destination_host", "url", "action")
_SIZES: Final = ("uploaded_bytes", "downloaded_bytes", "total_bytes")


class Sessions:
    """Hold back the web records of one file until the record of their session arrives."""

    def __init__(self, limit: int = WAITING_LIMIT) -> None:
        self._limit = limit
        self._waiting: pl.DataFrame | None = None
        self._newest_first: bool | None = None
        self._later: list[pl.DataFrame] = []

    def feed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Take rows (COLUMNS, SESSION, RECORD) in batch order; return the finished ones (COLUMNS).

        Rows without RECORD are finished; if no row has one, the last two columns may be missing. A joined session has
        the web record's host and URL, its own bytes, and is blocked if either was. Its web records are then ignored,
        except those of other hosts, which remain transactions without bytes.
        """
        if RECORD not in rows.columns:
            return rows
        if self._newest_first is None:
            self._newest_first = _is_newest_first(rows)
        if not self._newest_first:
            return self._joined(rows)
        self._later.append(rows.filter(pl.col(RECORD).is_not_null()))
        unused = rows.filter(pl.col(RECORD).is_null()).select(COLUMNS)
        enough = sum(part.height for part in self._later) >= self._limit
        return pl.concat([unused, self._backwards()]) if enough else unused

    def finish(self) -> pl.DataFrame:
        """Return the web records whose session never arrived."""
        waiting, self._waiting = self._waiting, None
        return pl.concat([nothing() if waiting is None else _alone(waiting), self._backwards()])

    def _backwards(self) -> pl.DataFrame:
        """Return the buffered rows of a newest-first log, joined as if they had arrived in order."""
        if not self._later:
            return nothing()
        rows = pl.concat(self._later, how="diagonal").with_columns(-pl.col("line")).sort("line")
        self._later = []
        part = Sessions(self._limit)
        return pl.concat([part._joined(rows), part.finish()]).with_columns(-pl.col("line"))

    def _joined(self, rows: pl.DataFrame) -> pl.DataFrame:
        unused, rows = rows.filter(pl.col(RECORD).is_null()).select(COLUMNS), rows.filter(pl.col(RECORD).is_not_null())
        waits = (pl.col(RECORD) == "web") & pl.col(SESSION).is_not_null()
        web = rows.filter(waits).with_columns(used=pl.lit(value=False))
        finished = rows.filter(~waits)
        waiting = web if self._waiting is None else pl.concat([self._waiting, web])
        sessions = finished.filter(pl.col(RECORD) != "web").join(waiting, on=SESSION, how="semi")
        if sessions.is_empty():
            return pl.concat([unused, finished.select(COLUMNS), self._hold(waiting)])
        others = finished.join(sessions, on="line", how="anti")
        waiting = _with_next_session(waiting, sessions)
        joined = _with_web_record(sessions, waiting)
        kept = self._hold(_still_waiting(waiting))
        return pl.concat([unused, others.select(COLUMNS), joined.select(COLUMNS), _told(waiting, joined), kept])

    def _hold(self, waiting: pl.DataFrame) -> pl.DataFrame:
        """Keep at most the limit; return the oldest beyond it."""
        excess = max(waiting.height - self._limit, 0)
        self._waiting = waiting.slice(excess)
        return _alone(waiting.head(excess))


def _is_newest_first(rows: pl.DataFrame) -> bool | None:
    """Return whether the clock runs backwards through a batch; None if too few times show it."""
    steps = rows.sort("line")["timestamp"].drop_nulls().diff()
    back, forth = int((steps < 0).sum()), int((steps > 0).sum())
    return back > _UNDOUBTED * forth if back + forth >= _FEWEST_STEPS else None


def _alone(waiting: pl.DataFrame) -> pl.DataFrame:
    return waiting.filter(~waiting["used"]).select(COLUMNS)


def _with_next_session(waiting: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Add to web records the lines of their session's next record (``told_at``) and of its end (``ended_at``)."""
    ended = sessions.filter(pl.col(RECORD) == "end")
    for column, records in (("told_at", sessions), ("ended_at", ended)):
        lines = records.select(SESSION, "line", pl.col("line").alias(column)).sort("line")
        waiting = waiting.sort("line").join_asof(
            lines, on="line", by=SESSION, strategy="forward", check_sortedness=False
        )
    return waiting


def _with_web_record(sessions: pl.DataFrame, waiting: pl.DataFrame) -> pl.DataFrame:
    """Give session records the host and URL of the last web record before them."""
    web = waiting.select(SESSION, "line", *(pl.col(name).alias(f"web_{name}") for name in _TOLD_BY_WEB)).sort("line")
    joined = sessions.sort("line").join_asof(web, on="line", by=SESSION, strategy="backward", check_sortedness=False)
    blocked = (
        waiting.filter((pl.col("action") == "block") & pl.col("told_at").is_not_null())
        .select(pl.col("told_at").alias("line"), pl.col("destination_host").alias("web_destination_host"))
        .unique()
        .with_columns(web_blocked=pl.lit(value=True))
    )
    joined = joined.join(blocked, on=["line", "web_destination_host"], how="left", nulls_equal=True)
    is_blocked = (pl.col("web_action") == "block") | pl.col("web_blocked").fill_null(value=False)
    return joined.with_columns(
        pl.coalesce("user", "web_user"),
        pl.coalesce("source_device", "web_source_device"),
        pl.coalesce("web_destination_host", "destination_host").alias("destination_host"),
        pl.coalesce("web_url", "url").alias("url"),
        action=pl.when(is_blocked).then(pl.lit("block")).otherwise(pl.col("action")),
    )


def _told(waiting: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Return the web records absorbed by a session record, those of other hosts as rows without bytes."""
    hosts = joined.select(pl.col("line").alias("told_at"), pl.col("destination_host").alias("told_host"))
    told = waiting.filter(pl.col("told_at").is_not_null() & ~pl.col("used")).join(hosts, on="told_at", how="left")
    same_host = pl.col("destination_host").is_null() | (pl.col("destination_host") == pl.col("told_host"))
    return told.with_columns(
        pl.when(same_host).then(pl.lit(_JOINED)).alias("ignored"),
        *(pl.lit(None, dtype=pl.Int64).alias(name) for name in _SIZES),
    ).select(COLUMNS)


def _still_waiting(waiting: pl.DataFrame) -> pl.DataFrame:
    """Keep the records whose session has no record yet, and the last one of each session that continues."""
    open_ = waiting.filter(pl.col("ended_at").is_null()).with_columns(
        used=pl.col("used") | pl.col("told_at").is_not_null()
    )
    last = pl.col("line") == pl.col("line").max().over(SESSION)
    return open_.filter(~pl.col("used") | last).drop("told_at", "ended_at")
