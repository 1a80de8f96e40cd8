"""A tenant's report in the form of the page that ``opencasb discover --html`` writes for one log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencasb.model.report import AppUsage, DailyUsage, DiscoveryReport, LineCounts
from opencasb.store.tags import SANCTIONED, UNSANCTIONED

if TYPE_CHECKING:
    import polars as pl

    from opencasb.discovery.reports import Reports
    from opencasb.model.stream import Stream

_RENAMED = {"app_id": "id"}


def tenant_report(reports: Reports, stream: Stream, days: int, title: str) -> DiscoveryReport:
    """Return the report on a stream's last ``days`` days, for a page titled ``title``."""
    apps = reports.apps(stream.tenant_id, stream.stream_id, days)
    daily = reports.daily(stream.tenant_id, stream.stream_id, days)
    return DiscoveryReport(
        source=title,
        lines=LineCounts(read=0, used=0, ignored=0, rejected=0),
        first_seen=_number(apps["first_seen"].min()),
        last_seen=_number(apps["last_seen"].max()),
        apps=[_app(row) for row in apps.iter_rows(named=True)],
        rejected_samples=[],
        daily=[DailyUsage(**{**row, "day": row["day"].isoformat()}) for row in daily.iter_rows(named=True)],
        sanctioned=_tagged(apps, SANCTIONED),
        unsanctioned=_tagged(apps, UNSANCTIONED),
    )


def _app(row: dict[str, object]) -> AppUsage:
    import msgspec

    named = {_RENAMED.get(name, name): value for name, value in row.items()}
    return msgspec.convert({name: named[name] for name in AppUsage.__struct_fields__}, AppUsage)


def _tagged(apps: pl.DataFrame, tag: str) -> frozenset[int]:
    return frozenset(apps.filter(apps["tags"].list.contains(tag))["app_id"])


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
