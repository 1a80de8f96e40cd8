"""The SQL interpreter implements the table of operators on both engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.filters.clauses import clause
from opencasb.filters.parse import parse
from opencasb.filters.tree import Among, Not
from tests.conftest import NOW
from tests.filters.looked_up import Looked
from tests.filters.reference import FIELDS, matches
from tests.filters.strategies import combined, every_condition, records

TABLE = sa.Table(
    "filtered",
    sa.MetaData(),
    sa.Column("at", sa.Integer),
    sa.Column("number", sa.Integer),
    sa.Column("moment", sa.BigInteger),
    sa.Column("switch", sa.Boolean),
    *(sa.Column(name, sa.Text) for name in ("word", "code", "place")),
    prefixes=["TEMPORARY"],
)
FOLDED = {field.column for field in FIELDS.values() if field.folded and not field.many}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest) -> Iterator[sa.Connection]:
    """A connection to an engine with an empty table of records."""
    url = "sqlite://" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
    engine = sa.create_engine(url)
    with engine.connect() as opened:
        TABLE.create(opened)
        yield opened
    engine.dispose()


def store(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Replace the records in the table with ``rows``."""
    connection.execute(sa.delete(TABLE))
    names = [column.name for column in TABLE.c if column.name != "at"]
    stored = [{name: _stored(name, row.get(name)) for name in names} | {"at": at} for at, row in enumerate(rows)]
    connection.execute(sa.insert(TABLE), stored)


def chosen(connection: sa.Connection, rows: list[dict[str, Any]], wanted: Mapping[str, Any]) -> list[bool]:
    """Return which of ``rows`` the interpreter selects."""
    store(connection, rows)
    condition = clause(parse(wanted, FIELDS, NOW), TABLE.c)
    kept = set(connection.execute(sa.select(TABLE.c.at).where(condition)).scalars())
    return [at in kept for at in range(len(rows))]


def _stored(name: str, value: Any) -> Any:
    return value.lower() if name in FOLDED and value is not None else value


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records, every_condition(many=False), st.integers(15, 30))
def test_it_agrees_with_the_naive_reference(
    connection: sa.Connection, rows: list[dict[str, Any]], conditions: dict[tuple[str, str], Any], few: int
) -> None:
    """For random records and every operator, alone and combined, the results equal those of the reference."""
    filters: list[dict[str, Any]] = [{name: {each: operand}} for (name, each), operand in conditions.items()]
    filters.append(combined(conditions, few))
    store(connection, rows)
    # WHERE rejects false and NULL alike; a column distinguishes them.
    columns = [sa.func.coalesce(clause(parse(wanted, FIELDS, NOW), TABLE.c), sa.false()) for wanted in filters]
    found = connection.execute(sa.select(*columns).order_by(TABLE.c.at)).all()
    for at, wanted in enumerate(filters):
        assert [bool(row[at]) for row in found] == [matches(row, wanted, NOW) for row in rows], wanted


def test_the_largest_filter_is_one_statement(connection: sa.Connection) -> None:
    """The databases accept the largest filter that the parser accepts."""
    operands = {
        "deq": list(range(1000)),
        "neq": list(range(1000)),
        "range": [{"start": 20, "end": 30}] * 100,
        "isset": True,
    }
    texts = {name: ["x" * 1000] * 100 for name in ("contains", "startswith", "endswith")}
    wanted: dict[str, dict[str, Any]] = {"number": {"gte": -(2**63) + 1, **operands}, "word": texts}
    assert chosen(connection, [{"number": 25, "word": "x" * 1000}], wanted) == [False]
    wanted["number"] |= {"deq": [1], "neq": [1]}
    assert chosen(connection, [{"number": 25, "word": "x" * 1000}], wanted) == [True]


def test_values_that_are_looked_up(connection: sa.Connection) -> None:
    """For a single-valued field; a missing value does not match. Stored records test many-valued fields."""
    store(connection, [{"code": "ana"}, {"code": "eve"}, {"code": None}])
    for node, expected in ((Among(FIELDS["code"], Looked()), [0]), (Not(Among(FIELDS["code"], Looked())), [1, 2])):
        query = sa.select(TABLE.c.at).where(clause(node, TABLE.c)).order_by(TABLE.c.at)
        assert connection.scalars(query).all() == expected
