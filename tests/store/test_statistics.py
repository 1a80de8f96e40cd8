"""What PostgreSQL knows of tables that have grown from nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from opencasb.store.records import Records
from opencasb.store.statistics import CHANGES
from tests.store.test_records import KIND, OTHER, TENANT, record, sightings

__all__ = ["sightings"]


def known(records: Records) -> list[float]:
    """Return how many rows the server takes both tables to have."""
    size = sa.text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
    with records.database.read() as connection:
        return [connection.execute(size, {"name": table.name}).scalar_one() for table in (KIND.table, KIND.values)]


def test_the_server_looks_when_there_are_a_hundred(sightings: Records) -> None:
    """And not before, nor again for another tenant while it knows of as many."""
    if sightings.database.is_sqlite:
        pytest.skip("SQLite plans without statistics")
    few = CHANGES[0]
    sightings.add(TENANT, [record(f"a{number}") for number in range(few - 1)])
    assert known(sightings) == [-1, -1]
    sightings.add(TENANT, [record("last")])
    assert known(sightings) == [few, few]
    sightings.add(OTHER, [record(f"b{number}") for number in range(few)])
    assert known(sightings) == [few, few]
