"""Built-in reports: what stored records say, counted (api §15, portal §13).

Those that the records cannot answer are not listed. A report is for who may see the records that it counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.lists import Sorting, list_request, of_records
from opencasb.api.v1.routes import Route
from opencasb.api.v1.streams import NO_FILTERS
from opencasb.filters.field import Kind, column
from opencasb.filters.tree import AllOf, Node, Not, OneOf, Range, Within
from opencasb.governance.visibility import visible
from opencasb.model.derived_id import derived_id
from opencasb.model.permissions import permits

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.store.records import Records
    from opencasb.store.summaries import Group

DAY_MS: Final = 86_400_000
DAYS: Final = 30
"""How far back reports of activities go, as the ordinary activity log does (api §7.1)."""

INACTIVE_DAYS: Final = 60
MOST_ROWS: Final = 1_000
SORTING: Final = Sorting({"name": "name"}, default="name", ascending=True)

_TIME: Final = column("timestamp", Kind.INTEGER)
_LAST_SEEN: Final = column("last_seen", Kind.INTEGER)
_ENTITY_TYPE: Final = column("entity_type", Kind.INTEGER)
_ENTITY_STATUS: Final = column("status", Kind.INTEGER)
_IS_ADMIN: Final = column("is_admin", Kind.FLAG)
_ACCESS: Final = column("access_level", Kind.INTEGER)
_FILE_STATUS: Final = column("file_status", Kind.INTEGER)
_IS_FOLDER: Final = column("is_folder", Kind.FLAG)

_ACCOUNT: Final = 1
_DELETED_ACCOUNT: Final = 4
_DELETED_FILE: Final = 2
_REACHES_OUT: Final = (2, 3, 4)
"""Shared with external people, with everybody who has the link, on the internet (api §10.3)."""

Row = tuple[str, dict[str, Any]]  # what identifies a row, and JSON
_Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """A report: ``operation`` is what a caller must be allowed.

    ``rows`` makes its content for a tenant, from the records that the caller may see.
    """

    code: str
    name: str
    category: str
    operation: str
    rows: Callable[[Casb, int, Node], Iterable[Row]]

    @property
    def report_id(self) -> str:
        """The id, the same in every installation."""
        return derived_id(0, "report", self.code)


def list_reports(casb: Casb, call: Call) -> _Json:
    """Answer the reports that the caller may read, by name."""
    records = [
        {
            "_id": report.report_id,
            "name": report.name,
            "non_entities_report": report.code,
            "report_category": report.category,
        }
        for report in REPORTS.values()
        if permits(call.principal, report.operation)
    ]
    return of_records(records, list_request(casb, call, NO_FILTERS, SORTING))


def one_report(casb: Casb, call: Call) -> _Json:
    """Answer the whole content of a report, named by its code or its id."""
    asked = call.path["target"].lower()
    report = REPORTS.get(asked) or next((each for each in REPORTS.values() if each.report_id == asked), None)
    if report is None or not permits(call.principal, report.operation):
        raise NotFound
    own = visible(call.principal, report.operation.partition(".")[0], casb.database)
    rows = [{"unique_identifier": name, "record_data": data} for name, data in report.rows(casb, call.tenant_id, own)]
    total = len(rows)
    return {"data": rows, "total": total, "hasNext": False, "max": MOST_ROWS, "moreThanTotal": total >= MOST_ROWS}


def _locations(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    for group in _activities(casb, tenant_id, own, "country", people="user_name"):
        country = _text(group).upper()  # the column is folded
        yield country, {"country": country, "activities": group.records, "users": group.people}


def _apps(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    from opencasb.activities.connected_apps import by_number

    for group in _activities(casb, tenant_id, own, "app_id", people="user_name"):
        app = by_number(int(group.value or 0))
        name = app.name if app else f"App {group.value}"
        data = {"appId": group.value, "appName": name, "activities": group.records, "users": group.people}
        yield _text(group), data


def _browsers(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    return _clients(casb, tenant_id, own, "browser", "family")


def _systems(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    return _clients(casb, tenant_id, own, "operatingSystem", "operatingSystem", "name")


def _clients(casb: Casb, tenant_id: int, own: Node, key: str, *path: str) -> Iterable[Row]:
    """Count activities by what their client strings were parsed to: of equal strings one is looked at."""
    from opencasb.activities.wire_parts import at
    from opencasb.model.pieces import pieces
    from opencasb.store.summaries import examples

    where = _recent(casb, own)
    found = {record_id: count for count, record_id in examples(casb.activities, tenant_id, "user_agent", where)}
    counted: Counter[str] = Counter()
    for piece in pieces(found):
        for record_id, document in casb.activities.many(tenant_id, piece).items():
            counted[str(at(document, "userAgent", *path) or "")] += found[record_id]
    return [(name, {key: name, "activities": count}) for name, count in _ordered(counted)]


def _inactive(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    before = Within(_LAST_SEEN, (Range(None, casb.clock() - INACTIVE_DAYS * DAY_MS),))
    return _accounts(casb, tenant_id, AllOf((own, before)))


def _admins(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    return _accounts(casb, tenant_id, AllOf((own, OneOf(_IS_ADMIN, (True,)))))


def _accounts(casb: Casb, tenant_id: int, where: Node) -> Iterable[Row]:
    """Return accounts that are not deleted, the longest unseen first."""
    import msgspec

    kind, status = OneOf(_ENTITY_TYPE, (_ACCOUNT,)), Not(OneOf(_ENTITY_STATUS, (_DELETED_ACCOUNT,)))
    rows = casb.entities.page(
        tenant_id, AllOf((kind, status, where)), order="last_seen", ascending=True, limit=MOST_ROWS
    )
    names = ("displayName", "email", "username", "role", "isAdmin", "isExternal", "lastSeen", "appData")
    for row in rows:
        document = msgspec.json.decode(row.document)
        yield row.record_id, {name: document[name] for name in names}


def _sharing(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    from opencasb.activities.file_columns import LEVELS

    for group in _files(casb, tenant_id, "access_level", own):
        name = LEVELS[int(group.value or 0)]
        yield name, {"fileAccessLevel": name, "files": group.records}


def _extensions(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    counted: Counter[str] = Counter()
    for group in _files(casb, tenant_id, "extension", own):
        counted[_text(group).lower()] += group.records
    return [(name, {"extension": name, "files": count}) for name, count in _ordered(counted)]


def _owners(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    for group in _files(casb, tenant_id, "owner_name", AllOf((own, OneOf(_ACCESS, _REACHES_OUT)))):
        yield _text(group), {"owner": _text(group), "files": group.records}


def _domains(casb: Casb, tenant_id: int, own: Node) -> Iterable[Row]:
    """Count the files that reach outside by the domains they are shared with, less the tenant's own."""
    from opencasb.activities.own_domains import is_external
    from opencasb.store.summaries import by_value

    internal = casb.own_domains.all(tenant_id)
    for group in by_value(casb.files, tenant_id, "domains", _kept(AllOf((own, OneOf(_ACCESS, _REACHES_OUT))))):
        if is_external(f"@{group.value}", internal) is not False:
            yield _text(group), {"domain": _text(group), "files": group.records}


def _activities(casb: Casb, tenant_id: int, own: Node, name: str, people: str | None = None) -> list[Group]:
    return _by_column(casb.activities, tenant_id, name, _recent(casb, own), people)


def _recent(casb: Casb, where: Node) -> Node:
    return AllOf((where, Within(_TIME, (Range(casb.clock() - DAYS * DAY_MS, None),))))


def _files(casb: Casb, tenant_id: int, name: str, where: Node) -> list[Group]:
    return _by_column(casb.files, tenant_id, name, _kept(where))


def _by_column(records: Records, tenant_id: int, name: str, where: Node, people: str | None = None) -> list[Group]:
    from opencasb.store.summaries import by_column

    return by_column(records, tenant_id, name, where, people)


def _kept(where: Node) -> Node:
    """Return the condition of files that are there, and no folders."""
    return AllOf((where, Not(OneOf(_FILE_STATUS, (_DELETED_FILE,))), OneOf(_IS_FOLDER, (False,))))


def _ordered(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def _text(group: Group) -> str:
    return "" if group.value is None else str(group.value)


_SECURITY, _USERS, _DATA = "Security", "User Management", "Data Management"

REPORTS: Final[Mapping[str, Report]] = {
    report.code: report
    for report in (
        Report("geolocation_summary", "Activity by Location", _SECURITY, "activities.view", _locations),
        Report("browser_usage", "Browser Use", _SECURITY, "activities.view", _browsers),
        Report("os_usage", "OS Use", _SECURITY, "activities.view", _systems),
        Report("app_summary", "Cloud App Overview", _USERS, "activities.view", _apps),
        Report("zombie_users", "Inactive Accounts", _USERS, "entities.view", _inactive),
        Report("admins", "Privileged Users", _USERS, "entities.view", _admins),
        Report("files_summary", "Data Sharing Overview", _DATA, "files.view", _sharing),
        Report("file_extensions", "File Extensions", _DATA, "files.view", _extensions),
        Report("external_domains", "Outbound Sharing by Domain", _DATA, "files.view", _domains),
        Report("shared_files_owners", "Owners of Shared Files", _DATA, "files.view", _owners),
    )
}

ROUTES: Final = (
    Route("reports", "policies.view", {"GET": list_reports, "POST": list_reports}),
    Route("reports/<target>", "policies.view", {"GET": one_report, "POST": one_report}),
)
