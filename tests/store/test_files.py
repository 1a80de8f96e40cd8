"""The repository of files."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.activities.file_columns import file_from, record
from opencasb.store.database import Database
from opencasb.store.files import Files
from tests.conftest import NOW

TENANT, OTHER = 81_000_001, 81_000_002


@pytest.fixture
def files(database: Database, clock: Callable[[], int]) -> Files:
    """A repository with one file."""
    made = Files(database, clock)
    made.put(TENANT, [record(file_from({"id": "site|1", "appId": 20892, "_id": "old"}, TENANT, NOW))])
    return made


def test_a_file_is_found_by_each_of_its_ids(files: Files) -> None:
    """That of the record, that of the app, and the one it had elsewhere; in its own tenant."""
    found = files.named(TENANT, "site|1")
    assert found is not None
    assert found == files.named(TENANT, found["_id"]) == files.named(TENANT, "old")
    assert [files.named(TENANT, text) for text in ("site", "", "\0")] == [None] * 3
    assert files.named(OTHER, "site|1") is None
