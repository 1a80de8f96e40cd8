"""The repository of user groups."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.store.database import Database
from opencasb.store.user_groups import APPLICATIONS, BUILT_IN, EXTERNAL_USERS, UserGroups, group_id

TENANT, OTHER = 81_000_001, 81_000_002


@pytest.fixture
def groups(database: Database, clock: Callable[[], int]) -> UserGroups:
    """An empty repository."""
    return UserGroups(database, clock)


def counts(groups: UserGroups) -> dict[str, int]:
    """Return id → number of members."""
    return {group["_id"]: group["usersCount"] for group in groups.all(TENANT)}


def test_built_in_groups_are_made_when_first_counted(groups: UserGroups) -> None:
    """Once, for that tenant; counting again writes only differences."""
    groups.recount(TENANT, {})
    assert counts(groups) == dict.fromkeys(BUILT_IN, 0)
    changes = groups.since(TENANT, 0, 10)
    groups.recount(TENANT, {})
    assert groups.since(TENANT, 0, 10) == changes
    groups.recount(TENANT, {EXTERNAL_USERS: 3})
    assert counts(groups) == {APPLICATIONS: 0, EXTERNAL_USERS: 3}
    assert groups.all(OTHER) == []


def test_imported_groups_are_counted_by_either_id(groups: UserGroups) -> None:
    """Our id or the app's; a group is imported once."""
    made = groups.take_over(TENANT, 11161, "g", name="Finance")
    assert made["_id"] == group_id(TENANT, 11161, "g") != group_id(TENANT, 1, "g")
    groups.recount(TENANT, {"g": 2})
    assert counts(groups)[made["_id"]] == 2
    groups.recount(TENANT, {"g": 2, made["_id"]: 5})
    assert counts(groups)[made["_id"]] == 5
    assert groups.take_over(TENANT, 11161, "g")["name"] == "Finance"
    with pytest.raises(ValueError, match="groupId: '' is not valid; 1 to 256 printable characters are allowed"):
        groups.take_over(TENANT, 1, "")
    with pytest.raises(ValueError, match="name: "):
        groups.take_over(TENANT, 1, "h", name="x" * 300)
