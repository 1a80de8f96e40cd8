"""Store, lake and policies agree with the contract on the meaning of filters (design rule 2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.filters import predicate
from opencasb.filters.clauses import clause
from opencasb.filters.frames import expression
from opencasb.filters.parse import MOST_LOOKUPS, MOST_TEXTS, MOST_VALUES, parse
from opencasb.filters.tree import AllOf, AnyOf, Node, Not
from opencasb.store.database import Database
from opencasb.store.record_tables import TEXT, RecordKind
from opencasb.store.records import Record, Records
from opencasb.store.sequences import record_sequences
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
        table.metadata.remove(table)  # it is not a table of the product
    return made


KINDS: Final = {resource: _kind(resource) for resource in TABLES}


@dataclass(frozen=True)
class Stored:
    """A database with an empty table per resource, and its connection."""

    database: Database
    connection: sa.Connection

    def put(self, resource: str, rows: Sequence[dict[str, Any]]) -> None:
        """Replace the records of a resource with ``rows``, each in its own tenant because their ids may be equal."""
        kind = KINDS[resource]
        for table in (kind.values, kind.table):
            self.connection.execute(sa.delete(table))
        lists = {name for name, each in types(resource).items() if each is list}
        for at, row in enumerate(rows):
            columns = {name: value for name, value in row.items() if name not in lists | {"record_id"}}
            record = Record(row.get("record_id", "x"), columns, {name: row[name] for name in lists}, {})
            Records(self.database, kind).put(at, [record], connection=self.connection)

    def kept(self, resource: str, trees: Sequence[Node]) -> list[list[bool]]:
        """Return, for each tree, which records match it."""
        kind = KINDS[resource]
        # WHERE rejects false and NULL alike; a column distinguishes them.
        found = sa.select(*(sa.func.coalesce(clause(each, kind.columns), sa.false()) for each in trees))
        rows = self.connection.execute(found.select_from(kind.table).order_by(kind.table.c.tenant_id)).all()
        return [[bool(row[at]) for row in rows] for at in range(len(trees))]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """A database on each engine, rolled back afterwards."""
    file = f"sqlite:///{tmp_path_factory.mktemp('resources')}/opencasb.sqlite3"
    url = file if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
    database = Database(url)
    with database.engine.connect() as opened:
        for kind in KINDS.values():
            kind.table.create(opened)
            kind.values.create(opened)
        record_sequences.create(opened, checkfirst=True)
        yield Stored(database, opened)
        opened.rollback()
    database.close()


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
    """Return whether a record passes a shape, computed naively."""
    match shape:
        case ("not", [inner]):
            return not meaning(resource, inner, row)
        case ("all", list(parts)):
            return all(meaning(resource, each, row) for each in parts)
        case ("any", list(parts)):
            return any(meaning(resource, each, row) for each in parts)
    return holds(resource, row, shape)


def shapes(resource: str) -> st.SearchStrategy[Shape]:
    """Draw conditions, alone and combined."""
    one = conditions(resource)
    parts = st.lists(one, max_size=3)
    joined = st.tuples(st.sampled_from(["all", "any"]), parts)
    return one | one | joined | st.tuples(st.just("not"), st.lists(joined, min_size=1, max_size=1))


@pytest.mark.parametrize("resource", TABLES)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_interpreter_agrees_with_the_naive_reference(stored: Stored, resource: str, data: st.DataObject) -> None:
    """Random records and random trees with every filter and operator: all interpreters agree."""
    rows = data.draw(records(resource))
    drawn = data.draw(st.lists(shapes(resource), min_size=5, max_size=15))
    trees = [tree(resource, shape) for shape in drawn]
    schema = {name: FRAME_TYPES[each] for name, each in types(resource).items()}
    frame = pl.DataFrame(rows, schema=schema).with_row_index("at")
    stored.put(resource, rows)
    for shape, each, in_store in zip(drawn, trees, stored.kept(resource, trees), strict=True):
        expected = [meaning(resource, shape, row) for row in rows]
        assert [predicate.holds(each, row) for row in rows] == expected, shape
        kept = set(frame.filter(expression(each))["at"])
        assert [number in kept for number in range(len(rows))] == expected, shape
        assert in_store == expected, shape


BLOCKS: Final = [f"10.{number}.0.0/16" for number in range(MOST_TEXTS)]
PEOPLE: Final = [{"id": f"user{number}", "saas": 1} for number in range(MOST_TEXTS)]
PAIRS: Final = [f"{number}|1" for number in range(MOST_TEXTS)]
WORDS: Final = " ".join(f'"w{number}"' for number in range(MOST_LOOKUPS // 5))
APPS: Final = list(range(MOST_VALUES))


@pytest.mark.parametrize(
    ("resource", "filters"),
    [
        ("activities", {"ip.address": BLOCKS, "entity": PEOPLE, "instance": PAIRS, "service": APPS, "fileid": APPS}),
        ("alerts", {"entity.ip": BLOCKS, "entity.entity": PEOPLE, "entity.service": APPS, "instance": PAIRS}),
        ("files", {"owner.entity": PEOPLE, "collaborators.entity": PEOPLE, "instance": PAIRS, "fileid": APPS}),
    ],
)
def test_the_largest_filters_are_one_statement(stored: Stored, resource: str, filters: dict[str, list[Any]]) -> None:
    """The databases accept the largest filter that the parser accepts."""
    table, row = TABLES[resource], dict.fromkeys(types(resource))
    lists: dict[str, Any] = {name: [] for name, each in types(resource).items() if each is list}
    stored.put(resource, [{**row, **lists, "record_id": "x"}])
    wanted: dict[str, Any] = {name: {"eq": each, "neq": each} for name, each in filters.items()}
    if resource == "files":
        wanted |= {name: {"text": WORDS} for name in ("filename", "fileName", "Filename", "FILENAME")}
    assert stored.kept(resource, [parse(wanted, table, NOW)]) == [[False]]
