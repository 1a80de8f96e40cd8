"""The app catalog: searching it, and all that is known of one app (api §12.4, §12.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from opencasb.api.v1.apps import find_app
from opencasb.api.v1.call import Call
from opencasb.api.v1.discovered_apps import app_object_id
from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.frame_page import frame_page
from opencasb.api.v1.lists import Sorting, envelope, list_request
from opencasb.api.v1.routes import Route
from opencasb.filters.fields import CATALOG_APPS
from opencasb.model.app import App

if TYPE_CHECKING:
    import polars as pl

    from opencasb.app import Casb

SORTING: Final = Sorting(
    {"name": "name", "score": "score", "appid": "app_id", "category": "category"}, default="name", ascending=True
)
SCORES: Final = ("total", "provider", "security", "compliance", "legal")


def list_catalog(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer a page of the catalog with the tenant's own apps in it."""
    from opencasb.filters.frames import expression

    request = list_request(casb, call, CATALOG_APPS, SORTING)
    tags = casb.tags.by_app(call.tenant_id)
    page = frame_page(_frame(casb, call.tenant_id, tags).filter(expression(request.filters)), request)
    notes = casb.correcting.notes(call.tenant_id)
    records = [_record(_app(row), row["tags"], notes.get(row["app_id"], "")) for row in page.rows]
    answer = envelope(records, request, total=page.total, has_next=page.has_next)
    return answer if page.next_filters is None else {**answer, "nextQueryFilters": page.next_filters}


def one_app(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Answer what is known of one app, also of one outside the catalog."""
    app = find_app(casb, call.tenant_id, call.app_id)
    if app is None:
        raise NotFound
    tags = casb.tags.by_app(call.tenant_id).get(app.app_id, ())
    return _record(app, tags, casb.correcting.notes(call.tenant_id).get(app.app_id, ""))


def _frame(casb: Casb, tenant_id: int, tags: Mapping[int, Sequence[str]]) -> pl.DataFrame:
    import polars as pl

    apps = casb.reports.catalog(tenant_id).apps
    lists = pl.Series("tags", [list(tags.get(app_id, ())) for app_id in apps["app_id"]], pl.List(pl.String))
    return apps.with_columns(lists, pl.lit(value=True).alias("listed"))


def _app(row: Mapping[str, Any]) -> App:  # values of any column
    return App(
        app_id=row["app_id"],
        name=row["name"],
        category=row["category"],
        score=row["score"],
        vendor=row.get("vendor"),
        domains=tuple(row["domains"]),
    )


def _record(app: App, tags: Sequence[str], notes: str) -> dict[str, Any]:  # JSON
    """Return the record of api §12.6. What no source says is null, and ``info`` has only facts that are known."""
    return {
        "_id": app_object_id(app.app_id),
        "appId": app.app_id,
        "name": app.name,
        "category": app.category,
        "domains": app.domains,
        "description": "",
        "vendor": app.vendor,
        "score": app.score,
        "revised_score": {name: app.score if name == "total" else None for name in SCORES},
        "overriddenScore": None,
        "tags": tags,
        "notes": notes,
        "info": {},
        "listed": app.listed,
    }


ROUTES: Final = (
    Route("discovery/app_catalog", "discovery.view", {"GET": list_catalog, "POST": list_catalog}),
    Route("saasdb/<app_id>", "discovery.view", {"GET": one_app}),
)
