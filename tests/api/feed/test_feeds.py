"""The available feeds."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.activities.alert_columns import record
from opencasb.api.feed.changes import OPERATIONS
from opencasb.api.feed.feeds import feeds
from opencasb.model.principal import Principal
from opencasb.model.rights import OPERATIONS as KNOWN
from tests.alerts import alert
from tests.api.feed.conftest import House


def test_every_feed_is_found_by_its_name(small: Callable[..., House]) -> None:
    """Each requires an operation that callers can be granted."""
    found = feeds(small().casb)
    assert list(found) == [*OPERATIONS, "usage"]
    assert all(feed.name == name and feed.operation in KNOWN for name, feed in found.items())


def test_every_feed_goes_from_its_beginning_to_its_newest_place(small: Callable[..., House]) -> None:
    """Empty feeds are read to the same position, others to the latest."""
    house = small()
    principal = Principal(house.tenant_id, "test", frozenset({"investigation.read", "discovery.read"}))
    for feed in feeds(house.casb).values():
        assert feed.generations(house.tenant_id) == ("",)
        assert feed.beginning(house.tenant_id) == feed.newest(house.tenant_id) == 0
        answer = feed.read(principal, 0, 10)
        assert (len(answer), answer.position, answer.lines()) == (0, 0, b"")
    house.casb.alerts.put(house.tenant_id, [record(alert(1))])
    feed = feeds(house.casb)["alerts"]
    answer = feed.read(principal, feed.beginning(house.tenant_id), 10)
    assert (len(answer), answer.position) == (1, feed.newest(house.tenant_id))
    assert answer.lines().startswith(b'{"sequence":1,"resource":"alerts","record":{')
