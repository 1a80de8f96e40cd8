"""Creation of alerts, on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.activities import raising
from opencasb.activities.columns import to_record
from opencasb.activities.invalid import Invalid
from opencasb.activities.raising import raise_alerts
from opencasb.filters.fields import ACTIVITIES, ALERTS
from opencasb.filters.parse import parse
from opencasb.store.activities import Activities
from opencasb.store.alerts import Alerts
from opencasb.store.database import Database
from tests.activities.example import wire
from tests.alerts import alert, alert_id
from tests.conftest import NOW


def test_activities_are_found_by_the_alert_about_them(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown activities are skipped; an existing alert is unchanged, and nothing is marked twice."""
    monkeypatch.setattr(raising, "MARKED_AT_ONCE", 2)
    alerts, activities = Alerts(database), Activities(database, clock)
    known = [wire(number) for number in range(1, 5)]
    activities.add(1, [to_record(each) for each in known])
    ids = [each["_id"] for each in known[:3]]
    made = [alert(1, audits=[*ids, "unknown"]), alert(2, audits=[]), alert(3)]
    assert raise_alerts(alerts, activities, 1, made) == 3
    assert raise_alerts(alerts, activities, 1, [alert(1, title="another", audits=ids)]) == 0
    assert alerts.get(1, alert_id(1)) == made[0]
    where = parse({"activity.alertId": {"eq": [alert_id(1)]}}, ACTIVITIES, NOW)
    rows = activities.page(1, where, order="timestamp", ascending=True)
    assert {row.record_id for row in rows} == set(ids)


def test_activities_are_found_by_the_policies_of_an_alert_about_them(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each policy finds them (api §7.5); an activity without an alert matches none."""
    monkeypatch.setattr(raising, "MARKED_AT_ONCE", 2)
    alerts, activities = Alerts(database), Activities(database, clock)
    ids = [wire(number)["_id"] for number in range(1, 6)]
    activities.add(1, [to_record(wire(number)) for number in range(1, 6)])
    first, second = "66aa00000000000000000001", "66aa00000000000000000002"
    both = [{"type": "policyRule", "id": first}, {"type": "policyRule", "id": second.upper()}]
    raise_alerts(alerts, activities, 1, [alert(1, audits=ids[:3]), alert(2, audits=ids[2:4], entities=both)])
    assert alerts.count(1, parse({"entity.policy": {"eq": [second]}}, ALERTS, NOW)) == (1, False)
    for condition, expected in (
        ({"eq": [first]}, ids[:4]),
        ({"eq": [second.upper()]}, ids[2:4]),
        ({"neq": [second]}, [*ids[:2], ids[4]]),
        ({"isset": True}, ids[:4]),
        ({"isnotset": True}, ids[4:]),
    ):
        where = parse({"policy": condition}, ACTIVITIES, NOW)
        found = activities.page(1, where, order="timestamp", ascending=False)
        assert [row.record_id for row in found] == expected, condition


def test_of_alerts_together_none_is_taken_if_one_cannot_be(database: Database, clock: Callable[[], int]) -> None:
    """The error names the first invalid one."""
    alerts = Alerts(database)
    with pytest.raises(Invalid, match="severityValue"):
        raise_alerts(alerts, Activities(database, clock), 1, [alert(1), alert(2, severityValue=9)])
    assert alerts.count(1) == (0, False)
