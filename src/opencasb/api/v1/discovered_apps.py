"""Discovered apps: a report's app list, single app, categories and tags (api §12.3, §12.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.call import Call
from opencasb.api.v1.errors import or_not_found
from opencasb.api.v1.frame_page import frame_page
from opencasb.api.v1.lists import ListRequest, Sorting, envelope, list_request
from opencasb.api.v1.reports import report_frame
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import DISCOVERED_APPS
from opencasb.filters.tree import EVERYTHING
from opencasb.store.tags import SANCTIONED

if TYPE_CHECKING:
    from opencasb.app import Casb

FIELDS: Final[Mapping[str, str]] = {
    "appId": "app_id",
    "name": "name",
    "category": "category",
    "score": "score",
    "listed": "listed",
    "trafficTotalBytes": "total_bytes",
    "trafficUploadedBytes": "uploaded_bytes",
    "trafficDownloadedBytes": "downloaded_bytes",
    "trafficTotalEvents": "transactions",
    "trafficBlockedEvents": "blocked_transactions",
    "usersCount": "users",
    "ipAddressesCount": "ip_addresses",
    "devicesCount": "devices",
    "firstUsed": "first_seen",
    "lastUsed": "last_seen",
    "tags": "tags",
    "domains": "domains",
}
"""Wire name → report column."""

SORTING: Final = Sorting(
    {name.lower(): column for name, column in FIELDS.items() if column not in {"tags", "domains", "listed"}},
    default="trafficTotalBytes",
)
CATEGORY_SORTING: Final = Sorting({"id": "id", "score": "total"}, default="id", ascending=True)


def list_apps(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a page of a report's apps; ``nextQueryFilters`` is present whenever more follow (api §12.4)."""
    request = list_request(casb, call, DISCOVERED_APPS, SORTING)
    page = frame_page(report_frame(casb, call, request.filters), request)
    records = [record(row) for row in page.rows]
    return envelope(records, request, total=page.total, has_next=page.has_next, next_filters=page.next_filters)


def one_app(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return one app of a report, by default the global report."""
    frame = report_frame(casb, call, EVERYTHING)
    rows = frame.filter(frame["app_id"] == call.app_id).to_dicts()
    return record(or_not_found(rows)[0])


def list_categories(casb: Casb, call: Call) -> list[dict[str, Any]]:  # JSON
    """Return the categories of a report with their app counts as a bare array (api §12.3)."""
    request = list_request(casb, call, DISCOVERED_APPS, CATEGORY_SORTING)
    counts = Counter(report_frame(casb, call, request.filters, required=True)["category"].to_list())
    return _counted(counts, "total", request)


def list_tags(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return the tags of a report's apps with the number of apps that have each."""
    request = list_request(casb, call, DISCOVERED_APPS, Sorting({"count": "count", "id": "id"}, default="count"))
    tags = report_frame(casb, call, request.filters)["tags"].explode().drop_nulls()
    return {"data": _counted(Counter(tags.to_list()), "count", request)}


def record(row: Mapping[str, Any]) -> dict[str, Any]:  # any column, JSON
    """Return the wire record of a report row.

    ``_id`` and ``timestamp`` are present because the Splunk add-on keys events by them (api §18, 31).
    """
    made: dict[str, Any] = {"_id": app_object_id(row["app_id"]), "timestamp": row["last_seen"]}
    made |= {name: row[column] for name, column in FIELDS.items()}
    made["sanctioned"] = SANCTIONED in row["tags"]
    return made


def app_object_id(app_id: int) -> str:
    """Return an app number as a built-in object id (api §1.2)."""
    return f"{app_id:08x}" + "0" * 16


def _counted(counts: Mapping[str, int], name: str, request: ListRequest) -> list[dict[str, Any]]:  # JSON
    by_id = request.column == "id"
    pairs = sorted(counts.items(), key=lambda pair: (0 if by_id else pair[1], pair[0]), reverse=not request.ascending)
    return [{"id": key, name: count} for key, count in pairs[request.skip : request.skip + request.limit]]


ROUTES: Final = (
    Route("discovery", "discovery.view", {"GET": list_apps, "POST": list_apps}),
    Route("discovery/discovered_apps", "discovery.view", {"GET": list_apps, "POST": list_apps}),
    Route("discovery/discovered_apps/categories", "discovery.view", {"GET": list_categories, "POST": list_categories}),
    Route("discovery/discovered_apps/tags", "discovery.view", {"GET": list_tags, "POST": list_tags}),
    Route("discovery/discovered_apps/<app_id>", "discovery.view", {"GET": one_app, "POST": one_app}),
)
