"""The tables as an OData 4.0 feed below ``/odata/v1/`` (saas-management §6.2)."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote, unquote

import msgspec
import polars as pl

from opencasb.api.graph import options
from opencasb.api.graph.errors import BadRequest, NotFound, quoted
from opencasb.api.graph.exchange import Reply, json_reply
from opencasb.api.graph.negotiation import Form, negotiate
from opencasb.api.graph.options import Options
from opencasb.api.reporting import csdl, entity_keys, parameters
from opencasb.api.reporting.cursor import Cursor, read_cursor
from opencasb.api.reporting.entity_keys import KeyValue
from opencasb.api.reporting.pages import Pages, Query
from opencasb.api.reporting.parameters import ReportRequest
from opencasb.reporting.reader import Wanted
from opencasb.reporting.schema import AS_OF, Table, Type

ROOT: Final = "/odata/v1/"
COLLECTION_OPTIONS: Final = frozenset({"select", "filter", "top", "skip", "orderby", "count"})
COUNT_OPTIONS: Final = frozenset({"filter"})
ENTITY_OPTIONS: Final = frozenset({"select"})

_RESOURCE: Final = re.compile(r"(?P<name>\w+)(?:\((?P<key>.*)\))?(?P<count>/\$count)?/?", re.DOTALL)
_LINKED: Final = "!#$%&'()*+,-./:;=?@[]_~"


def answer(asked: ReportRequest) -> Reply:
    """Return the response to a request below :data:`ROOT`. Raises GraphError."""
    below = unquote(asked.path, errors="replace")
    if below == "$metadata":
        return Reply(csdl.document(asked.tables.all.values()), "application/xml")
    given = options.parse(asked.query)
    form = negotiate("" if below.endswith("/$count") else asked.accept, given.format, "")
    if not below:
        return _service(asked, form)
    found = _RESOURCE.fullmatch(below)
    table = asked.tables.all.get(found["name"]) if found else None
    if found is None or table is None or (found["key"] is not None and found["count"]):
        raise NotFound(f"There is no table {quoted(below)}; there are {', '.join(asked.tables.all)}.")
    feed = _Feed(asked, table, given, form)
    if found["count"]:
        return feed.count()
    return feed.collection() if not found["key"] else feed.entity(found["key"])


def _service(asked: ReportRequest, form: Form) -> Reply:
    sets = [{"name": name, "kind": "EntitySet", "url": name} for name in asked.tables.all]
    return json_reply({**_context(asked, form, ""), "value": sets}, form.content_type)


@dataclasses.dataclass(frozen=True, slots=True)
class _Feed:
    asked: ReportRequest
    table: Table
    options: Options
    form: Form

    def collection(self) -> Reply:
        """Return a page."""
        self.options.allow(COLLECTION_OPTIONS, "a table")
        chosen, query = self._selected(), self._query()
        pages = Pages(self.asked.tables, self.asked.reader)
        cursor = query.cursor
        if self.options.count and cursor.count is None:
            counted = msgspec.structs.replace(cursor, count=pages.count(query))
            query = dataclasses.replace(query, cursor=counted)
        page = pages.page(query)
        body = _context(self.asked, self.form, "#" + self.table.name + self._suffix(chosen))
        if self.options.count:
            body["@odata.count"] = str(query.cursor.count) if self.form.long_as_text else query.cursor.count
        if page.following is not None:
            body["@odata.nextLink"] = self._link(page.following)
        body["value"] = records(page.rows.select(chosen), self.table, self.form)
        return json_reply(body, self.form.content_type)

    def count(self) -> Reply:
        """Return the number of rows as text."""
        self.options.allow(COUNT_OPTIONS, "a number of rows")
        number = Pages(self.asked.tables, self.asked.reader).count(self._query())
        return Reply(str(number).encode(), "text/plain;charset=utf-8")

    def entity(self, key: str) -> Reply:
        """Return the row with a key."""
        self.options.allow(ENTITY_OPTIONS, "a row")
        chosen, values = self._selected(), entity_keys.read(self.table, key)
        same = [pl.col(name) == value for name, value in values.items()]
        rows = [part.filter(same) for part in self.asked.tables.pieces(self.asked.reader, self.table, self._of(values))]
        row = pl.concat([pl.DataFrame(schema=self.table.polars_schema), *rows])
        if row.is_empty():
            raise NotFound(f"The table {self.table.name} has no row {quoted(key)}.")
        (record,) = records(row.select(chosen), self.table, self.form)
        context = _context(self.asked, self.form, f"#{self.table.name}{self._suffix(chosen)}/$entity")
        return json_reply({**context, **record}, self.form.content_type)

    def _of(self, key: Mapping[str, KeyValue]) -> Wanted:
        """Return the part of the table to read for the row with a key."""
        day, period = key.get(AS_OF), key.get("Period")
        return Wanted(
            first=day if isinstance(day, date) else None,
            last=day if isinstance(day, date) else None,
            periods=frozenset({period}) if isinstance(period, str) else None,
            users=parameters.users(self.asked),
        )

    def _query(self) -> Query:
        """Return the query: from the cursor in the link, or from the beginning."""
        written = parameters.page(self.asked)
        if written:
            cursor = read_cursor(written, self.table)
        else:
            newest = self.asked.tables.newest(self.asked.reader)
            cursor = Cursor(newest=newest, skip=self.options.skip, left=self.options.top)
        wanted = Wanted(newest=cursor.newest, users=parameters.users(self.asked))
        return Query(self.table, wanted, self.options.filter, self.options.orderby, cursor)

    def _selected(self) -> list[str]:
        """Return the columns of ``$select``, in table order. Raises BadRequest."""
        names = [name for part in self.options.select.split(",") if (name := part.strip())]
        if not names or "*" in names:
            return list(self.table.by_name)
        known = {name.lower(): name for name in self.table.by_name}
        for name in names:
            if name.lower() not in known:
                raise BadRequest(
                    f"The property {quoted(name)} in $select does not exist on {self.table.name}; "
                    f"it has {', '.join(self.table.by_name)}."
                )
        wanted = {known[name.lower()] for name in names}
        return [name for name in self.table.by_name if name in wanted]

    def _suffix(self, chosen: Sequence[str]) -> str:
        return f"({','.join(chosen)})" if self.options.select else ""

    def _link(self, following: Cursor) -> str:
        """Return the URL of the next page: the same query with another cursor."""
        kept = [part for part in self.options.raw if parameters.name_of(part) != parameters.PAGE]
        parts = "&".join([*kept, f"{parameters.PAGE}={following.text()}"])
        return quote(f"{self.asked.base}{ROOT}{self.table.name}?{parts}", safe=_LINKED, encoding="latin-1")


def records(rows: pl.DataFrame, table: Table, form: Form) -> list[dict[str, object]]:
    """Return rows as JSON objects; days and instants are ISO 8601 text."""
    written: list[pl.Expr] = []
    for name in rows.columns:
        match table.by_name[name].type:
            case Type.INSTANT:
                written.append(pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
            case Type.DATE:
                written.append(pl.col(name).cast(pl.String))
            case Type.INT64 if form.long_as_text:
                written.append(pl.col(name).cast(pl.String))
    return rows.with_columns(written).to_dicts()


def _context(asked: ReportRequest, form: Form, fragment: str) -> dict[str, object]:
    return {"@odata.context": f"{asked.base}{ROOT}$metadata{fragment}"} if form.annotated else {}
