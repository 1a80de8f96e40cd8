"""The repository of files."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from opencasb.activities.file_columns import record
from opencasb.activities.file_wire import file_from
from opencasb.filters.parse import parse
from opencasb.filters.tables.files import APP
from opencasb.filters.tables.files import FILES as FILTERS
from opencasb.filters.tree import AnyOf, OneOf
from opencasb.store.database import Database
from opencasb.store.files import Files
from tests.conftest import NOW

TENANT, OTHER = 81_000_001, 81_000_002


@pytest.fixture
def files(database: Database, clock: Callable[[], int]) -> Files:
    """A repository with one file."""
    made = Files(database)
    made.put(TENANT, [record(file_from({"id": "site|1", "appId": 20892, "_id": "old"}, TENANT, NOW))])
    return made


def test_a_file_is_found_by_each_of_its_ids(files: Files) -> None:
    """The record's id, the app's id, and its id elsewhere, within its tenant."""
    found = files.named(TENANT, "site|1")
    assert found is not None
    assert found == files.named(TENANT, found["_id"]) == files.named(TENANT, "old")
    assert [files.named(TENANT, text) for text in ("site", "", "\0")] == [None] * 3
    assert files.named(OTHER, "site|1") is None


def test_a_file_outside_of_a_scope_is_not_found(files: Files) -> None:
    """Nor does it hide one inside the scope with the same id."""
    files.put(TENANT, [record(file_from({"id": "site|1", "appId": 10489}, TENANT, NOW))])
    for app_id in (20892, 10489):
        found = files.named(TENANT, "site|1", within=OneOf(APP, (app_id,)))
        assert found is not None
        assert found["appId"] == app_id
        assert files.named(TENANT, found["_id"], within=AnyOf()) is None


def test_a_folder_is_named_by_its_record_too(files: Files) -> None:
    """Its contents are in its app and instance; an id of no known folder is compared unchanged."""
    delivered = [
        {"id": "f", "appId": 20892, "isFolder": True},
        {"id": "in it", "appId": 20892, "parentId": "f"},
        {"id": "elsewhere", "appId": 10489, "parentId": "f"},
    ]
    files.put(TENANT, [record(file_from(each, TENANT, NOW)) for each in delivered])
    folder = files.named(TENANT, "f")
    assert folder is not None

    def found(tenant_id: int, **operators: list[str]) -> list[str]:
        node = files.in_folders(tenant_id)(parse({"parentFolder": operators}, FILTERS, NOW))
        rows = files.page(TENANT, node, order="modified", ascending=True)
        return sorted(msgspec.json.decode(row.document)["id"] for row in rows)

    assert found(TENANT, eq=["f"]) == ["elsewhere", "in it"]
    assert found(TENANT, eq=[folder["_id"]]) == found(TENANT, eq=[folder["_id"].upper()]) == ["in it"]
    assert found(TENANT, neq=[folder["_id"]]) == ["elsewhere", "f", "site|1"]
    assert found(OTHER, eq=[folder["_id"]]) == []
