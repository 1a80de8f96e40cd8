"""Activities in the store: filters, feedback, and links to alerts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opencasb.activities.columns import to_record
from opencasb.filters.parse import parse
from opencasb.filters.tables.activities import ACTIVITIES as FILTERS
from opencasb.store.activities import Activities
from opencasb.store.database import Database
from tests.activities.example import ANA, TENANT, wire
from tests.conftest import NOW
from tests.store.feedback import feedback_on

OTHER = TENANT + 1


@pytest.fixture
def activities(database: Database, clock: Callable[[], int]) -> Activities:
    """Three activities, newest first: 1, 2 and 3; the other tenant has its own number 1."""
    made = Activities(database, clock)
    second = wire(
        2,
        appId=11599,
        saasId=11599,
        eventRouting={"adminEvent": True},
        device={"clientIP": "198.51.100.7"},
        internals={},
        user={"userName": "ben@contoso.example"},
    )
    made.add(TENANT, [to_record(each) for each in (wire(1), second, wire(3, description="x" * 5000 + " needle"))])
    made.add(OTHER, [to_record(wire(1))])
    return made


def found(activities: Activities, **filters: Any) -> list[int]:
    """Return the numbers of the activities that match, newest first."""
    node = parse({name.replace("__", "."): value for name, value in filters.items()}, FILTERS, NOW)
    rows = activities.page(TENANT, node, order="timestamp", ascending=False)
    return [int(row.record_id.rpartition("_")[2]) for row in rows]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"service": {"eq": [11161]}}, [1, 3]),
        ({"activity__type": {"eq": True}}, [2]),
        ({"activity__eventType": {"eq": "EVENT_CATEGORY_FAILED_LOGIN"}}, [1, 2, 3]),
        ({"activity__actionType": {"eq": "11599:EVENT_AAD_LOGIN_FAILED:UserLoginFailed"}}, [2]),
        ({"ip__address": {"eq": "192.0.2.0/24"}}, [1, 3]),
        ({"ip__address": {"startswith": "198.51."}}, [2]),
        ({"ip__tags": {"eq": "000000290000000000000000"}}, [1, 2, 3]),
        ({"location__country": {"eq": "PT"}}, [1, 2, 3]),
        ({"user__username": {"eq": "BEN@contoso.example"}}, [2]),
        ({"user__domain": {"neq": "example.org"}}, [2]),
        ({"entity": {"eq": [ANA]}}, [1, 2, 3]),
        ({"fileId": {"eq": "site|F1"}}, [1, 2, 3]),
        ({"office365url": {"endswith": "/Plan.xlsx"}}, [1, 2, 3]),
        ({"text": {"text": "needle"}}, [3]),
        ({"text": {"text": '"wrong password" firefox'}}, [1]),
        ({"text": {"eq": "Ana Silva"}}, [1, 2, 3]),
        ({"date": {"gte": NOW - 1000}}, [1]),
        ({"source": {"eq": "t:2"}}, [1, 2, 3]),
    ],
)
def test_filters_find_activities(activities: Activities, filters: dict[str, Any], expected: list[int]) -> None:
    """The columns support the filters on both engines."""
    assert found(activities, **filters) == expected


def test_feedback_is_kept_with_who_gave_it(activities: Activities) -> None:
    """Returns the activity; nothing is stored for an unknown one, or for another tenant's (api §7.3)."""
    activity_id = wire(2)["_id"]
    answer = activities.give_feedback(
        TENANT,
        activity_id,
        by="soc",
        rating="0",
        text="not me",
        allow_contact=True,
        contact_email="ana@example.org",
    )
    assert answer is not None
    assert answer["_id"] == activity_id
    activities.give_feedback(TENANT, activity_id, by="ops")
    kept = {row.given_by: row for row in feedback_on(activities.database, TENANT, activity_id)}
    assert (kept["soc"].rating, kept["soc"].text) == ("0", "not me")
    assert (kept["soc"].allow_contact, kept["soc"].contact_email) == (True, "ana@example.org")
    assert (kept["soc"].timestamp, kept["ops"].allow_contact) == (NOW, False)
    assert activities.give_feedback(OTHER, activity_id, by="soc") is None
    assert activities.give_feedback(TENANT, "nothing", by="soc") is None
    assert feedback_on(activities.database, OTHER, activity_id) == []


def test_an_alert_is_found_by_its_activities_once(activities: Activities) -> None:
    """Links survive redelivery and are not duplicated."""
    alert = "f" * 24
    ids = [wire(1)["_id"], wire(3)["_id"], "unknown"]
    assert activities.mark(TENANT, "alerts", alert, ids) == 2
    assert activities.mark(TENANT, "alerts", alert, ids[:1]) == 1
    assert activities.add(TENANT, [to_record(wire(1))]) == 0
    assert found(activities, activity__alertId={"eq": alert}) == [1, 3]
    assert found(activities, policy={"eq": alert}) == []
    with activities.writing() as connection:
        activities.mark(TENANT, "policies", alert, ids, connection=connection)
    assert found(activities, policy={"eq": alert}) == [1, 3]
