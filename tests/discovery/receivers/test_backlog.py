"""The room for syslog lines is shared, and never exceeded."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.receivers.backlog import Backlog

ROOM, TENANTS = 800, 4
LARGEST = 90
SHARE = ROOM / 2 / TENANTS


@given(st.lists(st.tuples(st.integers(1, TENANTS), st.integers(1, LARGEST), st.sampled_from(["come", "go", "count"]))))
def test_the_room_is_shared_whatever_comes_and_goes(steps: list[tuple[int, int, str]]) -> None:
    """A tenant below its share is never full, and all exceed the room by at most a piece each."""
    backlog, waiting = Backlog(ROOM), Counter(dict.fromkeys(range(1, TENANTS + 1), 0))
    backlog.count(waiting)
    for tenant_id, size, what in steps:
        assert waiting[tenant_id] >= SHARE or not backlog.is_full(tenant_id)
        if what == "come" and not backlog.is_full(tenant_id):
            backlog.add(tenant_id, size)
            waiting[tenant_id] += size
            assert waiting.total() < ROOM + TENANTS * LARGEST
        elif what == "go":
            waiting[tenant_id] = max(0, waiting[tenant_id] - size)
        elif what == "count":
            backlog.count(waiting)


def test_the_only_tenant_with_the_room_has_all_of_it() -> None:
    """And a tenant that comes later has its share at once, before the next count."""
    backlog = Backlog(ROOM)
    backlog.count({1: ROOM - 1})
    assert not backlog.is_full(1)
    backlog.add(1, 1)
    assert backlog.is_full(1)
    assert not backlog.is_full(2)
