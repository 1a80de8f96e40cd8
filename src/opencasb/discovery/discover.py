"""``opencasb discover`` without its terminal: log files in, a report out, no server and no store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opencasb.catalog.paths import shipped_paths
from opencasb.discovery.evidence import followed
from opencasb.discovery.formats.base import Format, ParseContext
from opencasb.discovery.reading import ReadLog, read_log
from opencasb.discovery.reports import describe, summarise
from opencasb.discovery.rollup import RollUp, Rules, with_unlisted_ids
from opencasb.discovery.unlisted import profiles
from opencasb.model.report import AppUsage, DailyUsage, DiscoveryReport, LineCounts, RejectedSample
from opencasb.model.unlisted_profile import FIRST_UNLISTED

if TYPE_CHECKING:
    import polars as pl

    from opencasb.catalog.catalog import Catalog

Progress = Callable[[int, int], None]
"""Is told the bytes read so far, and of all files."""


def discover(
    paths: Sequence[Path],
    source: str | Format | None = None,
    *,
    context: ParseContext,
    catalog: Catalog,
    progress: Progress | None = None,
) -> DiscoveryReport:
    """Read log files of one source and report the apps in them, most traffic first. Events of any age count.

    Raises :class:`opencasb.discovery.compression.LogError` naming the file, and ``OSError``.
    """
    roll_up = RollUp(catalog, Rules(received_at=context.received_at, paths=shipped_paths()))
    context = replace(context, follow=followed())
    logs: list[ReadLog] = []
    sizes = [path.stat().st_size for path in paths]
    for number, path in enumerate(paths):
        before = sum(sizes[:number])

        def told(done: int, before: int = before) -> None:
            if progress is not None:
                progress(before + done, sum(sizes))

        logs.append(_read(path, source, context, roll_up, told, alone=len(paths) == 1))
    return _report(list(paths), logs, catalog)


def _read(
    path: Path,
    source: str | Format | None,
    context: ParseContext,
    roll_up: RollUp,
    told: Callable[[int], None],
    *,
    alone: bool,
) -> ReadLog:
    from opencasb.discovery.compression import LogError

    try:
        return read_log(path, source, context, roll_up, progress=told)
    except LogError as error:
        raise error if alone else type(error)(f"{path}: {error}") from None


def _report(paths: list[Path], logs: list[ReadLog], catalog: Catalog) -> DiscoveryReport:
    import polars as pl

    rolled_up = logs[-1].rolled_up  # one roll-up adds up all files
    ids = {domain: FIRST_UNLISTED + number for number, domain in enumerate(sorted(rolled_up.domains))}
    usage = with_unlisted_ids(rolled_up, ids)
    domains = {app_id: domain for domain, app_id in ids.items()}
    apps = describe(summarise(usage.lazy()), catalog, domains)
    ignored = reduce(Counter.__add__, (log.ignored for log in logs), Counter[str]())
    rejected = reduce(Counter.__add__, (log.rejected for log in logs), Counter[str]())
    read = sum(log.read for log in logs)
    return DiscoveryReport(
        source=", ".join(dict.fromkeys(log.source for log in logs)),
        lines=LineCounts(
            read=read,
            used=read - ignored.total() - rejected.total(),
            ignored=ignored.total(),
            rejected=rejected.total(),
        ),
        first_seen=usage.select(pl.col("first_seen").min()).item(),
        last_seen=usage.select(pl.col("last_seen").max()).item(),
        apps=[_app(row) for row in apps.to_dicts()],
        rejected_samples=[
            RejectedSample(file=str(path), line=sample.line, reason=sample.reason, text=sample.text)
            for path, log in zip(paths, logs, strict=True)
            for sample in log.samples
        ],
        ignored_by_rule=dict(ignored),
        rejected_by_reason=dict(rejected),
        daily=_daily(usage),
        unlisted=tuple(profiles(usage.lazy(), domains, rolled_up.traces)),
        problems=tuple(
            f"{path}: {told}"
            for path, log in zip(paths, logs, strict=True)
            for told in (log.remark, log.problem)
            if told
        ),
    )


def _app(row: dict[str, Any]) -> AppUsage:  # values of any column
    domains, flags = tuple(row.pop("domains")), tuple(row.pop("flags"))
    return AppUsage(id=row.pop("app_id"), domains=domains, flags=flags, **row)


def _daily(usage: pl.DataFrame) -> list[DailyUsage]:
    import polars as pl

    sums = ("transactions", "uploaded_bytes", "downloaded_bytes")
    days = usage.group_by("day").agg(pl.col(sums).sum()).sort("day").with_columns(pl.col("day").cast(pl.String))
    return [DailyUsage(**row) for row in days.to_dicts()]
