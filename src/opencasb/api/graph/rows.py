"""The rows of a collection: filtered, sorted and paged as columns; only a page is converted to records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import polars as pl

from opencasb.api.graph import facts, filtering, ordering
from opencasb.api.graph.comparisons import Operand
from opencasb.api.graph.edm import EntityType, Enum, Primitive, Property
from opencasb.api.graph.entities import APP_INFO, find
from opencasb.api.graph.negotiation import Form

Record = dict[str, object]


@dataclass(frozen=True)
class Rows:
    """The rows of one entity type.

    ``columns`` are the expressions of each property over ``frame``; ``order`` is the default total order. ``lookup``
    finds the catalog's facts if rows are apps.
    """

    type: EntityType
    frame: pl.DataFrame
    columns: Mapping[str, pl.Expr]
    order: tuple[str, ...]
    lookup: facts.Lookup = facts.nothing

    def where(self, text: str) -> Rows:
        """Return the rows that match a ``$filter``; all of them if it is empty. Raises BadRequest."""
        if not text:
            return self
        used: set[str] = set()
        found = filtering.condition(text, partial(self._resolve, used))
        rows = self._with_facts(used)
        return replace(rows, frame=rows.frame.filter(found))

    def ordered(self, text: str) -> Rows:
        """Return the rows sorted by an ``$orderby``, ties in default order. Raises BadRequest."""
        used: set[str] = set()
        wanted = ordering.keys(text, partial(self._resolve, used))
        rows = self._with_facts(used)
        last = [ordering.Key(pl.col(name)) for name in self.order]
        return replace(rows, frame=ordering.ordered(rows.frame, [*wanted, *last]))

    def behind(self, key: str) -> int | None:
        """Return the number of rows up to and including the one with this key; None if there is none."""
        found = self.frame.select((self.columns[self.type.key] == key).arg_true().first()).item()
        return None if found is None else int(found) + 1

    @property
    def last_key(self) -> str:
        """The key of the last row; there must be one."""
        return str(self.frame.select(self.columns[self.type.key]).item(-1, 0))

    def page(self, skip: int, size: int) -> Rows:
        """Return ``size`` rows after the first ``skip``."""
        return replace(self, frame=self.frame.slice(min(skip, self.frame.height), size))

    def records(self, selection: Mapping[str, str], form: Form) -> list[Record]:
        """Return the wire records of all rows, with the properties of ``selection``."""
        wanted = {facts.DESCRIPTION} & set(selection.values()) if self._are_apps else set()
        frame = self._with_facts(wanted).frame
        return list(_records(self.type, selection, frame, self.columns, form))

    def app_infos(self, selection: Mapping[str, str], form: Form) -> list[Record]:
        """Return the wire records of the catalog's facts about each row."""
        names = {name: f"{facts.PREFIX}{name}" for name in selection.values() if name != APP_INFO.key}
        columns = {name: pl.col(column) for name, column in names.items()} | {"id": self.columns["id"]}
        frame = self._with_facts(set(names.values())).frame
        return list(_records(APP_INFO, selection, frame, columns, form))

    @property
    def _are_apps(self) -> bool:
        return "appInfo" in self.type.navigations

    def _with_facts(self, names: set[str]) -> Rows:
        return replace(self, frame=facts.join(self.frame, self.lookup, names)) if names else self

    def _resolve(self, used: set[str], path: str) -> Operand | None:
        first, slash, rest = path.partition("/")
        if slash and first.strip().lower() == "appinfo" and self._are_apps:
            found = find(APP_INFO, rest)
            return None if found is None else self._fact(used, found)
        found = find(self.type, path)
        if found is not None and found.name == facts.DESCRIPTION and self._are_apps:
            used.add(found.name)
        return None if found is None else Operand(found.name, found, self.columns[found.name])

    def _fact(self, used: set[str], fact: Property) -> Operand:
        if fact.name == APP_INFO.key:
            return Operand("appInfo/id", fact, self.columns["id"])
        name = f"{facts.PREFIX}{fact.name}"
        used.add(name)
        return Operand(name, fact, pl.col(name))


def _records(
    entity: EntityType, selection: Mapping[str, str], frame: pl.DataFrame, columns: Mapping[str, pl.Expr], form: Form
) -> Iterator[Record]:
    values = frame.select(columns[name].alias(wire) for wire, name in selection.items())
    start: Record = {"@odata.type": f"#{entity.full_name}"} if form.annotated else {}
    written = {wire: partial(_written, entity.properties[name], form) for wire, name in selection.items()}
    for row in values.iter_rows(named=True):
        yield start | {wire: None if value is None else written[wire](value) for wire, value in row.items()}


def _written(property_: Property, form: Form, value: object) -> object:
    """Return the JSON value of a non-null property value."""
    match property_.type, value:
        case Enum() as enum, list():
            return [enum.shown(each, include_late=form.late_members) for each in value]
        case Enum() as enum, str():
            return enum.shown(value, include_late=form.late_members)
        case Primitive.INSTANT, int():
            return instant(value)
        case Primitive.INT64, int() if form.long_as_text:
            return str(value)
    return value


def instant(ms: int) -> str:
    """Return ms since the epoch as DateTimeOffset text; fractional seconds only if non-zero."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{ms % 1000:03}Z" if ms % 1000 else f"{text}Z"
