"""Store, lake and policies give a filter one meaning: the one that the contract has (design rule 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.filters import predicate
from opencasb.filters.clauses import clause
from opencasb.filters.frames import expression
from opencasb.filters.parse import parse
from opencasb.filters.tree import AllOf, AnyOf, Node, Not
from opencasb.store.database import Database
from opencasb.store.records import TEXT, RecordKind
from tests.conftest import NOW
from tests.filters.resources import TABLES, conditions, holds, records, types

FRAME_TYPES: Final[dict[type, Any]] = {int: pl.Int64, bool: pl.Boolean, str: pl.String, list: pl.List(pl.String)}
SQL_TYPES: Final[dict[type, Any]] = {int: sa.BigInteger(), bool: sa.Boolean(), str: TEXT}

Shape = Any  # a condition (filter, operator, operand), or ("not" | "all" | "any", [shapes])


def _kind(resource: str) -> RecordKind:
    scalars = {name: SQL_TYPES[each] for name, each in types(resource).items() if each is not list}
    scalars.pop("record_id", None)  # every table has it
    columns = [sa.Column(name, each) for name, each in scalars.items()]
    made = RecordKind.of(f"filtered_{resource}", order=(), columns=columns)
    for table in (made.table, made.values):
        table.metadata.remove(table)  # it is no table of the product
    return made


KINDS: Final = {resource: _kind(resource) for resource in TABLES}


@pytest.fixture(scope="module")
def connection() -> Iterator[sa.Connection]:
    """A connection to an embedded database in memory with an empty table for each resource."""
    database = Database("sqlite://")
    with database.engine.connect() as opened:
        for kind in KINDS.values():
            kind.table.create(opened)
            kind.values.create(opened)
        yield opened
    database.close()


def store(connection: sa.Connection, resource: str, rows: Sequence[dict[str, Any]]) -> None:
    """Make ``rows`` the records of a resource, each of a tenant of its own, for their ids may be the same."""
    kind, columns = KINDS[resource], types(resource)
    for table in (kind.values, kind.table):
        connection.execute(sa.delete(table))
    for at, row in enumerate(rows):
        key = {"tenant_id": at, "record_id": row.get("record_id", "x")}
        scalars = {name: row[name] for name, each in columns.items() if each is not list}
        connection.execute(sa.insert(kind.table).values(seq=0, document="", **(scalars | key)))
        for field in (name for name, each in columns.items() if each is list):
            for value in set(row[field]):
                connection.execute(sa.insert(kind.values).values(field=field, value=value, at=0, **key))


def tree(resource: str, shape: Shape) -> Node:
    """Return the tree of a shape, its conditions parsed."""
    match shape:
        case ("not", [inner]):
            return Not(tree(resource, inner))
        case ("all" | "any" as word, list(parts)):
            return (AllOf if word == "all" else AnyOf)(tuple(tree(resource, each) for each in parts))
        case (name, operator, operand):
            return parse({name: {operator: operand}}, TABLES[resource], NOW)
    raise AssertionError(shape)


def meaning(resource: str, shape: Shape, row: dict[str, Any]) -> bool:
    """Tell whether a record passes a shape, naively."""
    match shape:
        case ("not", [inner]):
            return not meaning(resource, inner, row)
        case ("all", list(parts)):
            return all(meaning(resource, each, row) for each in parts)
        case ("any", list(parts)):
            return any(meaning(resource, each, row) for each in parts)
    return holds(resource, row, shape)


def shapes(resource: str) -> st.SearchStrategy[Shape]:
    """Draw conditions, alone and joined."""
    one = conditions(resource)
    parts = st.lists(one, max_size=3)
    joined = st.tuples(st.sampled_from(["all", "any"]), parts)
    return one | one | joined | st.tuples(st.just("not"), st.lists(joined, min_size=1, max_size=1))


@pytest.mark.parametrize("resource", TABLES)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_interpreter_agrees_with_the_naive_reference(
    connection: sa.Connection, resource: str, data: st.DataObject
) -> None:
    """Random records and random trees of every filter and operator: four readings, one answer."""
    rows = data.draw(records(resource))
    drawn = data.draw(st.lists(shapes(resource), min_size=5, max_size=15))
    trees = [tree(resource, shape) for shape in drawn]
    schema = {name: FRAME_TYPES[each] for name, each in types(resource).items()}
    frame = pl.DataFrame(rows, schema=schema).with_row_index("at")
    store(connection, resource, rows)
    kind = KINDS[resource]
    found = sa.select(*(sa.func.coalesce(clause(each, kind.columns), sa.false()) for each in trees))
    in_store = connection.execute(found.select_from(kind.table).order_by(kind.table.c.tenant_id)).all()
    for at, (shape, each) in enumerate(zip(drawn, trees, strict=True)):
        expected = [meaning(resource, shape, row) for row in rows]
        assert [predicate.holds(each, row) for row in rows] == expected, shape
        kept = set(frame.filter(expression(each))["at"])
        assert [number in kept for number in range(len(rows))] == expected, shape
        assert [bool(row[at]) for row in in_store] == expected, shape
