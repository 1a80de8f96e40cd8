"""The core of ``opencasb discover``: log files in, a report out, without a server or a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial, reduce
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from opencasb.catalog.paths import shipped_paths
from opencasb.discovery.clocks import clock_doubts
from opencasb.discovery.compression import ExpandsTooMuch, LogError
from opencasb.discovery.evidence import followed
from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.reading import ReadLog, read_log
from opencasb.discovery.rollup import RollUp, Rules, with_unlisted_ids
from opencasb.discovery.summaries import describe, summarise
from opencasb.discovery.unlisted import profiles
from opencasb.lake.usage import TRAFFIC
from opencasb.model.report import AppUsage, DailyUsage, DiscoveryReport, LineCounts, RejectedSample
from opencasb.model.unlisted_profile import FIRST_UNLISTED

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog

Progress = Callable[[int, int | None], None]
"""Called with the bytes read so far and the total over all files, or None if one of them is a pipe."""


def discover(
    paths: Sequence[Path],
    source: str | Format | None = None,
    *,
    context: ParseContext,
    catalog: Catalog,
    progress: Progress = lambda _done, _whole: None,
) -> DiscoveryReport:
    """Read log files of one source and report the apps in them, most traffic first. Events of any age count.

    If some of several files are not logs, they are listed among the report's problems. Raises
    :class:`opencasb.discovery.compression.LogError` if none is a log or one expands too much, and ``OSError``.
    """
    roll_up = RollUp(catalog, Rules(received_at=context.received_at, paths=shipped_paths()))
    context = replace(context, follow=followed())
    read: list[tuple[Path, ReadLog]] = []
    unread: list[tuple[Path, LogError]] = []
    for path, told in zip(paths, _shares(paths, progress), strict=True):
        try:
            read.append((path, read_log(path, source, context, roll_up, progress=told)))
        except ExpandsTooMuch as error:  # some of its lines may have been counted already
            raise type(error)(f"{path}: {error}") from None
        except LogError as error:
            unread.append((path, error))
    if not read:
        raise _nothing(unread)
    report = _report(read, unread, catalog, source if isinstance(source, str) else None)
    doubts = clock_doubts(report.daily, context.received_at)
    return msgspec.structs.replace(report, problems=(*report.problems, *doubts))


def _shares(paths: Sequence[Path], progress: Progress) -> Iterator[Callable[[int], None]]:
    """Yield, for each file, the callback that takes the bytes read of it."""
    found = [path.stat() for path in paths]
    whole = sum(each.st_size for each in found) if all(S_ISREG(each.st_mode) for each in found) else None
    before = 0

    def tell(before: int, done: int) -> None:
        progress(before + done, whole)

    for each in found:
        yield partial(tell, before)
        before += each.st_size


def _nothing(unread: list[tuple[Path, LogError]]) -> LogError:
    if len(unread) == 1:
        return unread[0][1]
    return LogError("no file is a log: " + "; ".join(f"{path}: {error}" for path, error in unread))


def _report(
    read_logs: list[tuple[Path, ReadLog]], unread: list[tuple[Path, LogError]], catalog: Catalog, named: str | None
) -> DiscoveryReport:
    import polars as pl

    logs = [log for _, log in read_logs]
    rolled_up = logs[-1].rolled_up  # one roll-up accumulates all files
    ids = {domain: FIRST_UNLISTED + number for number, domain in enumerate(sorted(rolled_up.domains))}
    usage = with_unlisted_ids(rolled_up, ids)
    domains = {app_id: domain for domain, app_id in ids.items()}
    apps = describe(summarise(usage.lazy()), catalog, domains)
    ignored = reduce(Counter.__add__, (log.ignored for log in logs), Counter[str]())
    rejected = reduce(Counter.__add__, (log.rejected for log in logs), Counter[str]())
    return DiscoveryReport(
        source=", ".join(dict.fromkeys(log.read_as for log in logs)),
        named_source=next((named for log in logs if named and log.read_as != log.source), None),
        lines=_line_counts(sum(log.read for log in logs), ignored.total(), rejected.total()),
        first_seen=usage.select(pl.col("first_seen").min()).item(),
        last_seen=usage.select(pl.col("last_seen").max()).item(),
        apps=[_app(row) for row in apps.to_dicts()],
        rejected_samples=[sample for path, log in read_logs for sample in _samples(path, log)],
        ignored_by_rule=dict(ignored),
        rejected_by_reason=dict(rejected),
        daily=_daily(usage),
        daily_by_flag=_daily_by_flag(usage, apps),
        unlisted=tuple(profiles(usage.lazy(), domains, rolled_up.traces)),
        problems=(
            *(f"{path}: {error}" for path, error in unread),
            *(f"{path}: {told}" for path, log in read_logs for told in (log.remark, log.problem) if told),
        ),
    )


def _line_counts(read: int, ignored: int, rejected: int) -> LineCounts:
    return LineCounts(read=read, used=read - ignored - rejected, ignored=ignored, rejected=rejected)


def _samples(path: Path, log: ReadLog) -> Iterator[RejectedSample]:
    for sample in log.samples:
        yield RejectedSample(file=str(path), line=sample.line, reason=sample.reason, text=sample.text)


def _app(row: dict[str, Any]) -> AppUsage:  # values of any column
    domains, flags = tuple(row.pop("domains")), tuple(row.pop("flags"))
    return AppUsage(id=row.pop("app_id"), domains=domains, flags=flags, **row)


def _daily(usage: pl.DataFrame) -> list[DailyUsage]:
    import polars as pl

    sums = (*TRAFFIC, "total_bytes")
    days = usage.group_by("day").agg(pl.col(sums).sum()).sort("day").with_columns(pl.col("day").cast(pl.String))
    return [DailyUsage(**row) for row in days.to_dicts()]


def _daily_by_flag(usage: pl.DataFrame, apps: pl.DataFrame) -> dict[str, list[DailyUsage]]:
    flagged = apps.select("app_id", "flags").explode("flags").drop_nulls()
    by_flag = flagged.partition_by("flags", as_dict=True)
    return {str(flag): _daily(usage.join(some, on="app_id", how="semi")) for (flag,), some in by_flag.items()}
