"""Built-in reports: aggregates of stored records (api §15, portal §13).

Reports that the records cannot answer are not listed. A caller may read a report if they may read the records it
counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from opencasb.activities.connected_apps import by_number
from opencasb.activities.file_sharing import LEVELS
from opencasb.activities.own_domains import is_external
from opencasb.api.v1 import address_reports, file_reports
from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.lists import Sorting, short_list
from opencasb.api.v1.report_rows import (
    ACCOUNT,
    DATA_MANAGEMENT,
    DELETED_ACCOUNT,
    ENTITY_STATUS,
    ENTITY_TYPE,
    IS_ADMIN,
    MOST_ROWS,
    SECURITY,
    USER_MANAGEMENT,
    Report,
    Row,
    kept,
    reaching_out,
    recent,
    text,
)
from opencasb.api.v1.routes import Route
from opencasb.filters.field import Kind, column
from opencasb.filters.tree import AllOf, Node, Not, OneOf, Range, Within
from opencasb.governance.visibility import visible
from opencasb.model.durations import DAY
from opencasb.model.pieces import pieces
from opencasb.store.summaries import by_column, by_value, examples

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.model.principal import Principal
    from opencasb.store.summaries import Group

INACTIVE_DAYS: Final = 60
SORTING: Final = Sorting({"name": "name"}, default="name", ascending=True)

_LAST_SEEN: Final = column("last_seen", Kind.INTEGER)

_Json = dict[str, Any]


def list_reports(casb: Casb, call: Call) -> _Json:
    """Return the reports that the caller may read, by name."""
    records = [
        {
            "_id": report.report_id,
            "name": report.name,
            "non_entities_report": report.code,
            "report_category": report.category,
        }
        for report in REPORTS.values()
        if report.is_for(call.principal)
    ]
    return short_list(casb, call, records, SORTING)


def one_report(casb: Casb, call: Call) -> _Json:
    """Return the whole content of a report, given by code or id."""
    asked = call.path["target"].lower()
    report = REPORTS.get(asked) or next((each for each in REPORTS.values() if each.report_id == asked), None)
    if report is None or not report.is_for(call.principal):
        raise NotFound
    own = visible(call.principal, report.operations[0].partition(".")[0], casb.database)
    rows = [{"unique_identifier": name, "record_data": data} for name, data in report.rows(casb, call.principal, own)]
    total = len(rows)
    return {"data": rows, "total": total, "hasNext": False, "max": MOST_ROWS, "moreThanTotal": total >= MOST_ROWS}


def _locations(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    for group in _activities(casb, principal, own, "country"):
        country = text(group.value).upper()  # the column is case-folded
        yield country, {"country": country, "activities": group.records, "users": group.people}


def _apps(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    for group in _activities(casb, principal, own, "app_id"):
        app = by_number(int(group.value or 0))
        name = app.name if app else f"App {group.value}"
        data = {"appId": group.value, "appName": name, "activities": group.records, "users": group.people}
        yield text(group.value), data


def _browsers(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    return _clients(casb, principal, own, "browser", "family")


def _systems(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    return _clients(casb, principal, own, "operatingSystem", "operatingSystem", "name")


def _clients(casb: Casb, principal: Principal, own: Node, key: str, *path: str) -> Iterable[Row]:
    """Count activities by parsed user agent; each distinct string is looked up only once."""
    from opencasb.activities.wire_parts import at

    where = recent(casb, own)
    found = {
        record_id: count for count, record_id in examples(casb.activities, principal.tenant_id, "user_agent", where)
    }
    counted: Counter[str] = Counter()
    for piece in pieces(found):
        for record_id, document in casb.activities.many(principal.tenant_id, piece).items():
            counted[str(at(document, "userAgent", *path) or "")] += found[record_id]
    return [(name, {key: name, "activities": count}) for name, count in _ordered(counted)]


def _inactive(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    before = Within(_LAST_SEEN, (Range(None, casb.clock() - INACTIVE_DAYS * DAY),))
    return _accounts(casb, principal.tenant_id, AllOf((own, before)))


def _admins(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    return _accounts(casb, principal.tenant_id, AllOf((own, OneOf(IS_ADMIN, (True,)))))


def _accounts(casb: Casb, tenant_id: int, where: Node) -> Iterable[Row]:
    """Return accounts that are not deleted, least recently seen first."""
    kind, status = OneOf(ENTITY_TYPE, (ACCOUNT,)), Not(OneOf(ENTITY_STATUS, (DELETED_ACCOUNT,)))
    rows = casb.entities.page(
        tenant_id, AllOf((kind, status, where)), order="last_seen", ascending=True, limit=MOST_ROWS
    )
    names = ("displayName", "email", "username", "role", "isAdmin", "isExternal", "lastSeen", "appData")
    for row in rows:
        document = msgspec.json.decode(row.document)
        yield row.record_id, {name: document[name] for name in names}


def _sharing(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    for group in by_column(casb.files, principal.tenant_id, "access_level", kept(own)):
        name = LEVELS[int(group.value or 0)]
        yield name, {"fileAccessLevel": name, "files": group.records}


def _extensions(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    counted: Counter[str] = Counter()
    for group in by_column(casb.files, principal.tenant_id, "extension", kept(own)):
        counted[text(group.value).lower()] += group.records
    return [(name, {"extension": name, "files": count}) for name, count in _ordered(counted)]


def _owners(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    for group in by_column(casb.files, principal.tenant_id, "owner_name", reaching_out(own)):
        yield text(group.value), {"owner": text(group.value), "files": group.records}


def _domains(casb: Casb, principal: Principal, own: Node) -> Iterable[Row]:
    """Count the externally shared files per domain they are shared with, excluding the tenant's own domains."""
    internal = casb.own_domains.all(principal.tenant_id)
    for group in by_value(casb.files, principal.tenant_id, "domains", reaching_out(own)):
        if is_external(f"@{group.value}", internal) is not False:
            yield text(group.value), {"domain": text(group.value), "files": group.records}


def _activities(casb: Casb, principal: Principal, own: Node, name: str) -> list[Group]:
    return by_column(casb.activities, principal.tenant_id, name, recent(casb, own), "user_name")


def _ordered(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


REPORTS: Final[Mapping[str, Report]] = {
    report.code: report
    for report in (
        Report("geolocation_summary", "Activity by Location", SECURITY, ("activities.view",), _locations),
        Report("browser_usage", "Browser Use", SECURITY, ("activities.view",), _browsers),
        Report("os_usage", "OS Use", SECURITY, ("activities.view",), _systems),
        Report("app_summary", "Cloud App Overview", USER_MANAGEMENT, ("activities.view",), _apps),
        Report("zombie_users", "Inactive Accounts", USER_MANAGEMENT, ("entities.view",), _inactive),
        Report("admins", "Privileged Users", USER_MANAGEMENT, ("entities.view",), _admins),
        Report("files_summary", "Data Sharing Overview", DATA_MANAGEMENT, ("files.view",), _sharing),
        Report("file_extensions", "File Extensions", DATA_MANAGEMENT, ("files.view",), _extensions),
        Report("external_domains", "Outbound Sharing by Domain", DATA_MANAGEMENT, ("files.view",), _domains),
        Report("shared_files_owners", "Owners of Shared Files", DATA_MANAGEMENT, ("files.view",), _owners),
        *address_reports.REPORTS,
        *file_reports.REPORTS,
    )
}

ROUTES: Final = (
    Route("reports", "policies.view", {"GET": list_reports, "POST": list_reports}),
    Route("reports/<target>", "policies.view", {"GET": one_report, "POST": one_report}),
)
