"""Managed applications compared with actual usage: managed, unmanaged and unused ones, and overlaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from opencasb.model.managed_app import ManagedApp
from opencasb.reporting.reader import Reader, Wanted
from opencasb.reporting.schema import APP_DOMAINS, APP_USAGE, APPS, Column, Table, Type

if TYPE_CHECKING:
    import polars as pl

    from opencasb.discovery.reports import Reports
    from opencasb.reporting.tables import ReportTables

UNKNOWN_CATEGORY: Final = "unknown"
"""The category of apps outside the catalog, which never overlap."""

_S, _I = Type.STRING, Type.INT64
VIEW: Final = Table(
    "managed_apps_view",
    (
        Column("Status", _S),
        Column("Name", _S),
        *(Column(name, _I, nullable=True) for name in ("AppId",)),
        *(Column(name, _S, nullable=True) for name in ("AppName", "AppCategory", "CategoryKey", "Owner", "YearlyCost")),
        Column("RiskScore", Type.INT16, nullable=True),
        Column("Sanction", _S, nullable=True),
        *(Column(name, _I, nullable=True) for name in ("UserCount", "TransactionCount", "UploadedBytes", "TotalBytes")),
        Column("LastSeenDate", Type.DATE, nullable=True),
    ),
    ("Status", "Name", "AppId"),
)
"""One row for each app in use, and for each listed application that is not in use."""

OVERLAP: Final = Table(
    "managed_apps_overlap",
    (
        *(Column("AppCategory", _S), Column("CategoryKey", _S)),
        *(Column(name, _I) for name in ("AppCount", "ManagedCount", "UserCount")),
        Column("AppNames", _S),
    ),
    ("CategoryKey",),
)
"""The categories with two or more apps in use, with the highest user count among those apps."""


@dataclass(frozen=True, slots=True)
class ManagedView:
    """The two tables; ``overlap`` has the categories with most apps first."""

    apps: pl.DataFrame
    overlap: pl.DataFrame


def view(
    tables: ReportTables, reports: Reports, reader: Reader, managed: Sequence[ManagedApp], period: str
) -> ManagedView:
    """Compare a list with the usage of a period (``P90D``) up to the newest day."""
    used = _used(tables, reader, period)
    entries = _entries(managed, _apps_of_domains(tables, reports, reader, managed))
    rows = [*_listed(managed, entries, used), *_unlisted(entries, used)]
    return ManagedView(_frame(VIEW, rows).sort(VIEW.key), _overlap(rows))


def _used(tables: ReportTables, reader: Reader, period: str) -> dict[int, dict[str, Any]]:
    """Return the apps in use by id, with their columns of ``apps`` and ``app_usage``."""
    apps = {row["AppId"]: row for row in tables.rows(reader, APPS, Wanted()).iter_rows(named=True)}
    wanted = Wanted(periods=frozenset({period}))
    return {
        row["AppId"]: apps.get(row["AppId"], {}) | row
        for piece in tables.pieces(reader, APP_USAGE, wanted)
        for row in piece.iter_rows(named=True)
    }


def _apps_of_domains(
    tables: ReportTables, reports: Reports, reader: Reader, managed: Sequence[ManagedApp]
) -> dict[str, int]:
    """Return the app of each listed domain: the catalog's, else the one seen under that name.

    Apps outside the catalog appear under their registrable domain.
    """
    import polars as pl

    domains = list(dict.fromkeys(domain for app in managed for domain in app.domains))
    seen = dict(tables.rows(reader, APP_DOMAINS, Wanted()).select("Domain", "AppId").iter_rows())
    matched = reports.catalog(reader.tenant_id).match_hosts(pl.Series(domains, dtype=pl.String))
    found = {
        host: app_id or seen.get(host) or seen.get(registrable)
        for host, app_id, registrable in matched.select("host", "app_id", "domain").iter_rows()
    }
    return {domain: app_id for domain, app_id in found.items() if app_id is not None}


def _entries(managed: Sequence[ManagedApp], domains: Mapping[str, int]) -> dict[int, list[int]]:
    """Return the apps that each listed application stands for, by its position; each app has one position only."""
    found: dict[int, list[int]] = {}
    taken: set[int] = set()
    for place, app in enumerate(managed):
        own = [] if app.app_id is None else [app.app_id]
        wanted = dict.fromkeys([*own, *(domains[domain] for domain in app.domains if domain in domains)])
        found[place] = [app_id for app_id in wanted if app_id not in taken]
        taken.update(found[place])
    return found


def _listed(
    managed: Sequence[ManagedApp], entries: Mapping[int, Sequence[int]], used: Mapping[int, Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    for place, app in enumerate(managed):
        given = {"Name": app.name, "Owner": app.owner or None, "YearlyCost": app.yearly_cost or None}
        found = [used[app_id] for app_id in entries[place] if app_id in used]
        for row in found:
            yield {**row, **given, "Status": "managed"}
        if not found:
            yield {**given, "Status": "unused", "AppId": next(iter(entries[place]), None)}


def _unlisted(entries: Mapping[int, Sequence[int]], used: Mapping[int, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    listed = {app_id for apps in entries.values() for app_id in apps}
    for app_id, row in used.items():
        if app_id not in listed:
            yield {**row, "Name": row["AppName"], "Status": "unmanaged"}


def _overlap(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["Status"] != "unused" and row["CategoryKey"] != UNKNOWN_CATEGORY:
            groups[row["CategoryKey"]].append(row)
    found = [
        {
            "AppCategory": group[0]["AppCategory"],
            "CategoryKey": key,
            "AppCount": len(group),
            "ManagedCount": sum(row["Status"] == "managed" for row in group),
            "UserCount": max(row["UserCount"] for row in group),
            "AppNames": ", ".join(sorted(row["AppName"] for row in group)),
        }
        for key, group in groups.items()
        if len(group) > 1
    ]
    return _frame(OVERLAP, found).sort("AppCount", "CategoryKey", descending=[True, False])


def _frame(table: Table, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    import polars as pl

    cells = [tuple(row.get(name) for name in table.by_name) for row in rows]
    return pl.DataFrame(cells, schema=table.polars_schema, orient="row")
