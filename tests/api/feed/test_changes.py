"""Reading a feed without HTTP."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.activities.alert_columns import record
from opencasb.api.feed.changes import OPERATIONS, newest, page
from opencasb.model.principal import Principal
from opencasb.model.rights import OPERATIONS as KNOWN
from tests.alerts import alert, alert_id
from tests.api.feed.conftest import House


def caller(house: House, *permissions: str) -> Principal:
    """Return a caller with these permissions."""
    return Principal(house.tenant_id, "test", frozenset(permissions))


def test_every_feed_has_its_store_and_its_operation() -> None:
    """The operations are those of the lists."""
    assert all(operation in KNOWN for operation in OPERATIONS.values())


def test_the_place_is_behind_what_was_looked_at(small: Callable[..., House]) -> None:
    """Even if the caller may see none of them, but never after a change that did not fit into the page."""
    house = small()
    stories = [0, 4, 4, 0]
    house.casb.alerts.put(house.tenant_id, [record(alert(at, stories=[story])) for at, story in enumerate(stories, 1)])
    partly = caller(house, "discovery.read")
    found = page(house.casb, "alerts", partly, 0, 1)
    assert ([change.record_id for change in found.changes], found.position) == ([alert_id(2)], 2)
    found = page(house.casb, "alerts", partly, found.position, 1)
    assert ([change.record_id for change in found.changes], found.position) == ([alert_id(3)], 4)
    assert page(house.casb, "alerts", partly, 3, 1).position == 4
    assert newest(house.casb, "alerts", house.tenant_id) == 4
    assert newest(house.casb, "files", house.tenant_id) == 0
    assert page(house.casb, "alerts", caller(house, "investigation.read"), 0, 3).position == 3


def test_records_of_each_kind(small: Callable[..., House]) -> None:
    """A feed has the name of its records."""
    casb = small().casb
    assert [casb.records(name).kind.name for name in OPERATIONS] == list(OPERATIONS)
