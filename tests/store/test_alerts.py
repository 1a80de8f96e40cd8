"""Alerts as stored, on both engines."""

from __future__ import annotations

import pytest

from opencasb.activities.alert_columns import record
from opencasb.store.alerts import Alerts
from opencasb.store.database import Database
from tests.alerts import alert, alert_id


@pytest.mark.parametrize(
    ("order", "expected"),
    [("timestamp", [1, 2, 3, 4]), ("severity_rank", [2, 1, 4, 3]), ("resolution_status", [1, 3, 4, 2])],
)
def test_alerts_are_sorted_by_time_urgency_and_status(database: Database, order: str, expected: list[int]) -> None:
    """Equal keys are ordered by id; informational is the least urgent."""
    alerts = Alerts(database)
    severities = {1: 0, 2: 3, 3: 2, 4: 1}
    made = [alert(number, severityValue=value) for number, value in severities.items()]
    made[1]["resolutionStatusValue"] = 5
    assert alerts.add(7, [record(each) for each in made]) == 4
    for ascending in (True, False):
        rows = alerts.page(7, order=order, ascending=ascending)
        ids = [alert_id(number) for number in (expected if ascending else expected[::-1])]
        assert [row.record_id for row in rows] == ids
