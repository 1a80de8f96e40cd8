"""The tables of a resource."""

from __future__ import annotations

import sqlalchemy as sa

from opencasb.store.activities import ACTIVITIES
from opencasb.store.record_tables import RecordKind
from tests.store.test_records import KIND


def test_columns_stand_between_the_keys_and_the_document() -> None:
    """A record's own columns are the declared ones, and every order ends with the id."""
    assert [column.name for column in KIND.table.c] == [
        *("tenant_id", "record_id", "seq", "changed"),
        *("timestamp", "rank", "name"),
        "document",
    ]
    ends = {str(index.name): [column.name for column in index.columns][-1] for index in KIND.table.indexes}
    assert ends["ix_sightings_timestamp_record_id"] == ends["ix_sightings_rank_record_id"] == "record_id"


def test_a_record_with_a_text_has_one_number() -> None:
    """Activities have no separate change number, because the text index identifies them by their number."""
    assert ACTIVITIES.changed is ACTIVITIES.table.c.seq
    assert "changed" not in ACTIVITIES.table.c


def test_every_index_begins_with_the_tenant() -> None:
    """No query of a tenant reads other tenants' rows, except in the text index, which has no order."""
    tables = (ACTIVITIES.table, ACTIVITIES.values)
    first = {list(index.columns)[0].name: index.name for table in tables for index in table.indexes}  # noqa: RUF015
    assert first.pop("search_text") == "ix_activities_search_text"
    assert set(first) == {"tenant_id"}
    assert {list(table.primary_key.columns)[0].name for table in tables} == {"tenant_id"}  # noqa: RUF015


def test_records_without_a_time_have_values_at_none() -> None:
    """The values of a resource without retention are all at time 0."""
    kind = RecordKind.of("timeless", order=("rank",), columns=[sa.Column("rank", sa.Integer)])
    for table in (kind.table, kind.values):
        table.metadata.remove(table)
    assert "timeless_values.at = :" in str(kind.columns.holding("tags", lambda value: value == "x")).replace("_1.", ".")
