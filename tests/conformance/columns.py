"""The columns of a tenant's stored records, and the records that a filter must find among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl
import sqlalchemy as sa

from opencasb.catalog.catalog import Catalog
from opencasb.filters import predicate
from opencasb.filters.field import WORDING, Field, Kind
from opencasb.filters.fields import CATALOG_APPS, DISCOVERED_APPS, GOVERNANCE, Table
from opencasb.filters.parse import parse
from opencasb.filters.tables.risk_factors import RISK_FACTORS
from opencasb.model.factors import FACTORS
from opencasb.store.governance import governance_tasks
from opencasb.store.record_tables import RecordKind
from tests.conformance.conftest import Shop
from tests.conformance.stock import DAY
from tests.conftest import NOW
from tests.filters import resources

Row = dict[str, Any]  # values of any column, with the id as ``record_id``

SAMPLES: Final = {
    *("vendor", "isSupportsSaml", "latestBreachDateTime", "ssoSurchargePercent", "dataRetentionPolicy", "dataCenter"),
}
"""One risk factor per kind of value; the others work the same way."""


def _sampled(fields: Table) -> Table:
    """Return the filters of apps with the sample risk factors only."""
    return {name: each for name, each in fields.items() if each not in RISK_FACTORS or each.name in SAMPLES}


TABLES: Final[Mapping[str, Table]] = {
    **resources.TABLES,
    "governance": GOVERNANCE,
    "discovered_apps": _sampled(DISCOVERED_APPS),
    "app_catalog": _sampled(CATALOG_APPS),
}
PATHS: Final = {
    "ip_ranges": "subnet/",
    "user_groups": "user_tags/",
    "discovered_apps": "discovery/discovered_apps/",
    "app_catalog": "discovery/app_catalog/",
}
"""Resource → path, if it differs from the name."""


def path_of(resource: str) -> str:
    """Return the path of a list."""
    return PATHS.get(resource, f"{resource}/")


def stored(shop: Shop) -> dict[str, list[Row]]:
    """Return the columns of all records of the first tenant."""
    casb, tenant = shop.client.casb, shop.mine.tenant_id
    for path in ("subnet/", "user_tags/"):  # built-in records are stored on first use
        shop.mine.post(path, {"filters": {"builtIn": {"eq": False}} if path == "subnet/" else {}})
    kinds: dict[str, RecordKind] = {
        **{name: getattr(casb, name).kind for name in resources.TABLES if name != "ip_ranges"},
        "ip_ranges": casb.ip_ranges.records.kind,
    }
    with casb.database.read() as connection:
        found = {name: _records(connection, name, kind, tenant) for name, kind in kinds.items()}
        tasks = connection.execute(sa.select(governance_tasks).where(governance_tasks.c.tenant_id == tenant))
        found["governance"] = [{**row, "record_id": row["task_id"]} for row in tasks.mappings()]
    apps = casb.reports.apps(tenant, shop.client.known.global_view, 30).to_dicts()
    catalog = casb.reports.catalog(tenant)
    facts = {row["app_id"]: row for row in _facts(catalog).to_dicts()}
    unknown = dict.fromkeys(FACTORS)
    found["discovered_apps"] = [
        {**row, "record_id": row["app_id"], **facts.get(row["app_id"], unknown)} for row in apps
    ]
    tags = casb.tags.by_app(tenant)
    found["app_catalog"] = [
        {**row, "record_id": row["app_id"], "tags": list(tags.get(row["app_id"], ())), "listed": True}
        | facts.get(row["app_id"], unknown)
        for row in catalog.apps.to_dicts()
    ]
    return found


def _facts(catalog: Catalog) -> pl.DataFrame:
    """Return the facts about listed apps as filters compare them: integers, and dates in ms."""
    known = catalog.known(catalog.apps["app_id"], list(FACTORS))
    days = pl.col(pl.Date).cast(pl.Datetime("ms")).cast(pl.Int64)
    return known.with_columns(pl.col(pl.Float64).round().cast(pl.Int64), days)


def _records(connection: sa.Connection, resource: str, kind: RecordKind, tenant: int) -> list[Row]:
    values: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in connection.execute(sa.select(kind.values).where(kind.values.c.tenant_id == tenant)).mappings():
        values[row["seq"]][row["field"]].append(row["value"])
    many: Row = {name: [] for name, type_ in resources.types(resource).items() if type_ is list}
    rows = connection.execute(sa.select(kind.table).where(kind.table.c.tenant_id == tenant)).mappings()
    return [{**row, **many, **values[row["seq"]]} for row in rows]


def found(resource: str, rows: Sequence[Row], name: str, operator: str, operand: Any) -> set[Any]:  # any JSON
    """Return the ids of the rows that a list with one condition must show."""
    if resource in resources.TABLES:
        passing = [row for row in rows if resources.holds(resource, row, (name, operator, operand))]
    else:
        tree = parse({name: {operator: operand}}, TABLES[resource], NOW)
        passing = [row for row in rows if predicate.holds(tree, row)]
    once = resource == "entities" and (name, operator) == ("displayName", "eq")
    users = {row["record_id"] for row in passing} if once else set()  # their accounts are part of them (api §9.3)
    shown = (row for row in passing if not _hidden(resource, row, name) and row.get("parent_id") not in users)
    return {row["record_id"] for row in shown}


def _hidden(resource: str, row: Row, name: str) -> bool:
    """Return whether a record is only shown on request (api §10.4, §11.3)."""
    if resource == "files":
        return row["file_status"] == 2 and name not in {"allowDeleted", "trashed"}
    return resource == "ip_ranges" and row["is_built_in"] and name != "builtIn"


def operands(resource: str, rows: Sequence[Row], field: Field, operator: str) -> Iterator[Any]:
    """Yield operands for a condition, derived from the values in the field's column."""
    values = _values(rows, field)
    if operator in {"isset", "isnotset"}:
        yield True
    elif operator in {"eq", "neq", "deq", "cabinetmatchedrulesequals"}:
        yield from _exact(resource, values, field)
    else:
        make = _MADE[operator]
        yield from (operand for each in values for operand in make(each))


_BOUNDS: Final[Callable[[Any], list[Any]]] = lambda value: [value, value + 1, str(value), [value - 1]]  # noqa: E731
_AGO: Final[Callable[[Any], list[Any]]] = lambda value: [(NOW - value) / DAY]  # noqa: E731

_MADE: Final[Mapping[str, Callable[[Any], list[Any]]]] = {
    **dict.fromkeys(("gt", "gte", "lt", "lte"), _BOUNDS),
    **dict.fromkeys(("gte_ndays", "lte_ndays"), _AGO),
    "range": lambda value: [{"start": value, "end": value + 10}, [{"start": value}], {"end": value}],
    **dict.fromkeys(("descendantof", "ndescendantof"), lambda value: [[value.split("/")[0]]]),
    "text": lambda value: [value.split("\n")[0].split(" ")[-1].upper()],
    "endswith": lambda value: [[value[-5:]], value[-4:]],
    "startswithsingle": lambda value: [value.split("\n")[-1][:4]],
    **dict.fromkeys(("startswith", "doesnotstartwith"), lambda value: [[value.split("|")[0][:4]]]),
    **dict.fromkeys(("contains", "ncontains"), lambda value: [[value[1:5]], value[2:4].upper()]),
}
"""Operator → operands derived from one value."""


def _values(rows: Sequence[Row], field: Field) -> list[Any]:
    given = [row[field.column] for row in rows if field.column]
    flat = [each for value in given for each in (value if isinstance(value, list) else [value])]
    return sorted({each for each in flat if each is not None})


def _exact(resource: str, values: Sequence[Any], field: Field) -> Iterator[Any]:
    match field.kind, field.name:
        case _, "user.entity":
            yield from (["Ana"], ["ben"])
        case _, "source" if resource == "alerts":
            yield from (["built-in"], ["policy"])
        case Kind.TEXT, "source":
            yield from (["t:3"], ["s:66ae00000000000000000001"])
        case Kind.TEXT, "text":
            yield from (line for each in values for line in each.split("\n"))
        case Kind.FLAG, _:
            yield from (True, False, "true")
        case Kind.ENTITY, _:
            yield from ([dict(zip(("id", "inst"), each.split("|"), strict=False))] for each in values)
        case Kind.INTEGER, _:
            yield from ([each] for each in values)
            yield [99, "98"]
        case _:
            yield from ([each] for each in values)
    if field.nulls:
        yield [None]


def wrong(resource: str, field: Field, operator: str) -> tuple[Any, str]:
    """Return an invalid operand, and its form in the error message."""
    free = field.kind is Kind.ENTITY or (field.kind is Kind.TEXT and (resource, field.name) not in _STRICT)
    if operator in {"isset", "isnotset"} or (operator not in _OF_TEXTS and not free):
        return "banana", "banana"
    return True, "true"


_OF_TEXTS: Final = WORDING | {"text"}
_STRICT: Final = {("alerts", "id"), ("alerts", "source"), ("activities", "source")}
"""Text fields with few allowed values."""
