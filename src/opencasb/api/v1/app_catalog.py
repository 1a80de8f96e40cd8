"""The app catalog: search, and everything known about one app (api §12.4, §12.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import polars as pl

from opencasb.api.v1.call import Call
from opencasb.api.v1.discovered_apps import app_object_id
from opencasb.api.v1.errors import or_not_found
from opencasb.api.v1.facts import info, with_facts
from opencasb.api.v1.frame_page import frame_page
from opencasb.api.v1.lists import Sorting, envelope, list_request
from opencasb.api.v1.routes import Route
from opencasb.catalog.description import description
from opencasb.catalog.fact import Fact, facts_by_app
from opencasb.catalog.score import rounded
from opencasb.filters.fields import CATALOG_APPS
from opencasb.filters.frames import expression
from opencasb.model.app import App
from opencasb.model.factor import Group
from opencasb.model.score_override import ScoreOverride

if TYPE_CHECKING:
    from opencasb.app import Casb
    from opencasb.catalog.catalog import Catalog

SORTING: Final = Sorting(
    {"name": "name", "score": "score", "appid": "app_id", "category": "category"}, default="name", ascending=True
)
GROUPS: Final = {
    "provider": Group.GENERAL,
    "security": Group.SECURITY,
    "compliance": Group.COMPLIANCE,
    "legal": Group.LEGAL,
}
"""Wire name of a sub-score → its risk factor group."""


def list_catalog(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return a page of the catalog, including the tenant's custom apps."""
    request = list_request(casb, call, CATALOG_APPS, SORTING)
    catalog = casb.reports.catalog(call.tenant_id)
    frame = with_facts(_frame(catalog, casb.tags.by_app(call.tenant_id)), catalog, request.filters)
    page = frame_page(frame.filter(expression(request.filters)), request)
    more = _more(casb, call.tenant_id, [row["app_id"] for row in page.rows])
    records = [_record(_app(row), row["tags"], more) for row in page.rows]
    return envelope(records, request, total=page.total, has_next=page.has_next, next_filters=page.next_filters)


def one_app(casb: Casb, call: Call) -> dict[str, Any]:  # JSON
    """Return what is known about one app, including unlisted ones."""
    app = or_not_found(casb.reports.app(call.tenant_id, call.app_id))
    tags = casb.tags.by_app(call.tenant_id).get(app.app_id, ())
    return _record(app, tags, _more(casb, call.tenant_id, [app.app_id]))


class _More(NamedTuple):
    """Further data about some apps, keyed by app."""

    catalog: Catalog
    facts: Mapping[int, Sequence[Fact]]
    notes: Mapping[int, str]
    overrides: Mapping[int, ScoreOverride]


def _more(casb: Casb, tenant_id: int, app_ids: Sequence[int]) -> _More:
    catalog = casb.reports.catalog(tenant_id)
    return _More(
        catalog,
        facts_by_app(catalog.facts, app_ids),
        casb.catalog_corrections.notes(tenant_id),
        {each.app_id: each for each in casb.score_overrides.all(tenant_id)},
    )


def _frame(catalog: Catalog, tags: Mapping[int, Sequence[str]]) -> pl.DataFrame:
    apps = catalog.apps
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
        flags=frozenset(row["flags"]),
    )


def _record(app: App, tags: Sequence[str], more: _More) -> dict[str, Any]:  # JSON
    """Return the record of api §12.6; unknown values are null, and ``info`` has known facts only."""
    facts = more.facts.get(app.app_id, ())
    override = more.overrides.get(app.app_id)
    score = more.catalog.score_of(facts)
    parts = {group.group: None if score.total is None else rounded(group.score) for group in score.groups}
    return {
        "_id": app_object_id(app.app_id),
        "appId": app.app_id,
        "name": app.name,
        "category": app.category,
        "domains": app.domains,
        "description": description(app, facts),
        "vendor": app.vendor,
        "score": app.score,
        "revised_score": {"total": app.score} | {name: parts[group] for name, group in GROUPS.items()},
        "overriddenScore": None if override is None else override.score,
        "knownFactors": score.known,
        "countingFactors": score.of,
        "tags": tags,
        "notes": more.notes.get(app.app_id, ""),
        "info": info(facts, app.vendor),
        "listed": app.listed,
    }


PATHS: Final = ("discovery/app_catalog", "saasdb")
"""The second is the path that the PowerShell module of 2018 uses."""

ROUTES: Final = (
    *(Route(path, "discovery.view", {"GET": list_catalog, "POST": list_catalog}) for path in PATHS),
    Route("saasdb/<app_id>", "discovery.view", {"GET": one_app}),
)
