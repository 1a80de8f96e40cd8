"""PostgreSQL's statistics of fast-growing tables."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from opencasb.store.records import Records
from opencasb.store.statistics import CHANGES
from tests.store.test_records import KIND, OTHER, TENANT, record, sightings

__all__ = ["sightings"]


def known(records: Records) -> list[float]:
    """Return the server's row estimates for both tables."""
    size = sa.text("SELECT reltuples FROM pg_class WHERE oid = to_regclass(:name)")
    with records.database.read() as connection:
        return [connection.execute(size, {"name": table.name}).scalar_one() for table in (KIND.table, KIND.values)]


def test_the_server_looks_when_there_are_a_hundred(sightings: Records) -> None:
    """Not before, and not again for another tenant while the estimate is as high."""
    if sightings.database.is_sqlite:
        pytest.skip("SQLite plans without statistics")
    few = CHANGES[0]
    sightings.add(TENANT, [record(f"a{number}") for number in range(few - 1)])
    assert known(sightings) == [-1, -1]
    sightings.add(TENANT, [record("last")])
    assert known(sightings) == [few, few]
    sightings.add(OTHER, [record(f"b{number}") for number in range(few)])
    assert known(sightings) == [few, few]
