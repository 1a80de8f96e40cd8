"""The apps of a stream, their facts, and who used them from where (graph §1, rows 6 to 13)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import polars as pl

from opencasb.api.graph.columns import APP_COLUMNS
from opencasb.api.graph.edm import EntityType
from opencasb.api.graph.entities import APP, APP_INFO, DEVICE, ENDPOINT_APP, IP_ADDRESS, USER
from opencasb.api.graph.errors import BadRequest, NotFound, quoted
from opencasb.api.graph.facts import lookup
from opencasb.api.graph.options import PAGE_SIZE
from opencasb.api.graph.path import Kind, Related
from opencasb.api.graph.query import Query, annotated, collection, selected
from opencasb.api.graph.rows import Record, Rows
from opencasb.api.graph.selection import expand, select
from opencasb.api.graph.streams import stream_of
from opencasb.model.stream import Stream

if TYPE_CHECKING:
    from opencasb.app import Casb

_RELATED: Final[Mapping[Related, tuple[EntityType, Literal["user", "ip", "device"]]]] = {
    "users": (USER, "user"),
    "ipAddresses": (IP_ADDRESS, "ip"),
    "devices": (DEVICE, "device"),
}
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}|0")


@dataclass(frozen=True, slots=True)
class _Report:
    """The apps of one stream in one period up to ``day`` (None: there are no data)."""

    casb: Casb
    query: Query
    stream: Stream
    day: str | None

    def apps(self) -> Rows:
        tenant_id = self.stream.tenant_id
        frame = self.casb.reports.apps(tenant_id, self.stream.stream_id, self.query.target.days, self.day)
        entity = ENDPOINT_APP if self.stream.has_devices else APP
        known = lookup(self.casb.reports.catalog(tenant_id))
        return Rows(entity, frame, APP_COLUMNS, ("app_id",), known)

    def app(self) -> Rows:
        """Return the app in the path. Raises NotFound."""
        rows, app_id = self.apps(), self.query.target.app_id
        number = int(app_id) if _NUMBER.fullmatch(app_id) else -1
        found = Rows(rows.type, rows.frame.filter(pl.col("app_id") == number), rows.columns, rows.order, rows.lookup)
        if found.frame.is_empty():
            raise NotFound(f"There is no app with the id {quoted(app_id)} in this stream and period.")
        return found

    def related(self, name: Related, app_id: int) -> Rows:
        """Return an app's users, addresses or devices. Raises BadRequest for devices if the stream has none."""
        if name == "devices" and not self.stream.has_devices:
            raise BadRequest("This stream does not identify devices (no machineName in its supportedEntityTypes).")
        entity, kind = _RELATED[name]
        window = (self.stream.tenant_id, self.stream.stream_id, self.query.target.days)
        names = self.casb.reports.entities(*window, app_id, kind, self.day)
        frame = pl.DataFrame({entity.key: names}, schema={entity.key: pl.String}).unique(maintain_order=True)
        return Rows(entity, frame, {entity.key: pl.col(entity.key)}, (entity.key,))


def answer(casb: Casb, query: Query) -> Record | int:
    """Return the body for a path at or below the apps of a stream. Raises GraphError."""
    stream = stream_of(casb, query)
    day = query.options.day or casb.reports.newest_day(stream.tenant_id, stream.stream_id)
    report = _Report(casb, query, stream, day)
    match query.target.kind:
        case Kind.APPS:
            return _apps(report)
        case Kind.APP:
            return _app(report)
        case Kind.APP_INFO:
            return _app_info(report)
        case Kind.ROWS:
            return _rows(report)
    return _row(report)


def _apps(report: _Report) -> Record | int:
    query = report.query
    expanded = expand(query.options.expand, ("appInfo",), "the list of apps; ask for one app to expand its collections")

    def extend(page: Rows, records: list[Record]) -> None:
        if "appInfo" in expanded:
            infos = page.app_infos(select(APP_INFO, expanded["appInfo"]), query.form)
            for record, info in zip(records, infos, strict=True):
                record["appInfo"] = info

    return collection(query, report.apps(), f"Collection({APP.full_name})", day=report.day, extend=extend)


def _app(report: _Report) -> Record:
    query, app = report.query, report.app()
    selection = selected(query, app.type)
    expanded = expand(query.options.expand, ("appInfo", *_RELATED), "an app")
    (record,) = app.records(selection, query.form)
    for name, chosen in expanded.items():
        if name == "appInfo":
            (record[name],) = app.app_infos(select(APP_INFO, chosen), query.form)
    for related in (each for each in _RELATED if each in expanded):
        record |= _expanded(report, related, expanded[related], app.frame.item(0, "app_id"))
    return annotated(query, app.type.full_name, selection, record)


def _expanded(report: _Report, name: Related, chosen: str, app_id: int) -> Record:
    rows = report.related(name, app_id)
    page = rows.ordered("").page(0, PAGE_SIZE)
    found: Record = {name: page.records(select(rows.type, chosen), report.query.form)}
    if rows.frame.height > PAGE_SIZE:
        link = report.query.links.related(name, report.day, page.last_key)
        found[f"{name}@odata.nextLink"] = link
    return found


def _app_info(report: _Report) -> Record:
    selection = selected(report.query, APP_INFO)
    expand(report.query.options.expand, (), "appInfo")
    (record,) = report.app().app_infos(selection, report.query.form)
    return annotated(report.query, APP_INFO.full_name, selection, record)


def _rows(report: _Report) -> Record | int:
    expand(report.query.options.expand, (), f"the collection {report.query.target.related}")
    rows = _related(report)
    return collection(report.query, rows, f"Collection({rows.type.full_name})", day=report.day)


def _row(report: _Report) -> Record:
    query, rows = report.query, _related(report)
    selection = selected(query, rows.type)
    expand(query.options.expand, (), "a row")
    found = Rows(rows.type, rows.frame.filter(pl.col(rows.type.key) == query.target.key), rows.columns, rows.order)
    if found.frame.is_empty():
        raise NotFound(f"{query.target.related} has no {rows.type.key} {quoted(query.target.key)}.")
    (record,) = found.records(selection, query.form)
    return annotated(query, rows.type.full_name, selection, record)


def _related(report: _Report) -> Rows:
    return report.related(report.query.target.related, report.app().frame.item(0, "app_id"))
