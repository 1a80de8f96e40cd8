"""Statements whose plans PostgreSQL keeps: planning takes longer than most queries on partitions."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from opencasb.filters.tree import EVERYTHING
from opencasb.store.records import Records
from tests.store.test_records import TENANT, record, sightings

__all__ = ["sightings"]

PREPARED = sa.text(
    "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE :like"
)
OFTEN = 20
"""Executions after which the driver has prepared a statement, and the server has compared the costs of its plans."""


def prepared(records: Records, like: str) -> list[tuple[str, int, int]]:
    """Return the prepared statements of the last connection: text, uses of the generic plan, and of custom plans."""
    with records.database.lookup() as connection:
        return [(text, kept, others) for text, kept, others in connection.execute(PREPARED, {"like": like})]


def test_the_plan_of_a_page_is_kept(sightings: Records) -> None:
    """For the list and its count, across read transactions."""
    if sightings.database.is_sqlite:
        pytest.skip("SQLite plans in no time")
    sightings.add(TENANT, [record(f"a{number}") for number in range(30)])
    for _ in range(OFTEN):
        with sightings.database.read() as connection:
            page = sightings.page(TENANT, order="timestamp", ascending=False, limit=10, connection=connection)
            assert len(page) == 10
            assert sightings.count(TENANT, EVERYTHING, 20, connection=connection) == (20, True)
    found = prepared(sightings, "SELECT %LIMIT%")
    assert len(found) == 2
    assert all(kept > others for _, kept, others in found)


def test_any_number_of_records_is_looked_for_by_one_statement(sightings: Records) -> None:
    """Its plan is kept, whatever the number of records."""
    if sightings.database.is_sqlite:
        pytest.skip("SQLite plans in no time")
    for many in range(1, OFTEN):
        sightings.put(TENANT, [record(f"a{number}") for number in range(many)])
    (found,) = prepared(sightings, "%record_id%= ANY%RETURNING%")
    _, kept, others = found
    assert kept > 0 == others
