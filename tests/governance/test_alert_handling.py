"""Closing, reopening and marking of alerts, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from opencasb.activities.alert_columns import record
from opencasb.filters.fields import ALERTS
from opencasb.filters.parse import parse
from opencasb.filters.tree import EVERYTHING, OneOf
from opencasb.governance import alert_handling
from opencasb.governance.alert_handling import AlertHandling, Chosen, Outcome
from opencasb.governance.closing import BENIGN, FALSE_POSITIVE, Closing
from opencasb.store.activities import Activities
from opencasb.store.alerts import Alerts
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from tests.alerts import alert, alert_id
from tests.conftest import NOW

BY = "soc@example.org"
CLOSING = Closing(verdict=BENIGN, comment="known")


class Desk:
    """Three alerts of tenant 1 and one of tenant 2, and their handling."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self.alerts = Alerts(database)
        self.activities = Activities(database, clock)
        self.handling = AlertHandling(self.alerts, self.activities, clock)
        self.alerts.add(1, [record(alert(number, severityValue=number % 3)) for number in (1, 2, 3)])
        self.alerts.add(2, [record(alert(4))])

    def state(self, tenant_id: int = 1) -> dict[int, int]:
        """Return the resolution status of each alert by number."""
        found = self.alerts.page(tenant_id, order="timestamp", ascending=True)
        documents = self.alerts.many(tenant_id, [row.record_id for row in found])
        return {int(each[-2:], 16): document["resolutionStatusValue"] for each, document in documents.items()}


@pytest.fixture
def desk(database: Database, clock: Callable[[], int]) -> Desk:
    """The alerts, on each database engine."""
    return Desk(database, clock)


def chosen(*numbers: int, **filters: Any) -> Chosen:
    """Return a selection of alerts by number and filter."""
    ids = tuple(map(alert_id, numbers))
    given = {**filters, "id": {"eq": list(ids)}} if ids else filters
    return Chosen(parse(given, ALERTS, NOW), EVERYTHING, ids)


def test_closing_changes_alerts_and_writes_their_activities(desk: Desk) -> None:
    """Only the selected ones; filters find the new state at once."""
    assert desk.handling.close(1, chosen(1, 3), CLOSING, by=BY) == Outcome(2, ())
    assert desk.state() == {1: 4, 2: 0, 3: 4}
    assert desk.state(2) == {4: 0}
    assert desk.alerts.count(1, parse({"alertOpen": {"eq": False}}, ALERTS, NOW)) == (2, False)
    assert desk.alerts.count(1, parse({"resolutionDate": {"gte": NOW}}, ALERTS, NOW)) == (2, False)
    written = desk.activities.page(1, order="timestamp", ascending=True)
    found = desk.activities.many(1, [row.record_id for row in written]).values()
    assert {each["adallom"]["alertMongoId"] for each in found} == {alert_id(1), alert_id(3)}
    assert len({each["adallom"]["dismissId"] for each in found}) == 1
    assert desk.activities.count(2) == (0, False)


def test_what_has_the_verdict_is_not_counted_and_not_missing(desk: Desk) -> None:
    """Another verdict closes again; ids without an alert of the tenant are returned in their order."""
    desk.handling.close(1, chosen(1), CLOSING, by=BY)
    assert desk.handling.close(1, chosen(9, 1, 2, 4), CLOSING, by=BY) == Outcome(1, (alert_id(9), alert_id(4)))
    assert desk.handling.close(1, chosen(1, 2), Closing(verdict=FALSE_POSITIVE), by=BY) == Outcome(2, ())
    assert desk.state() == {1: 3, 2: 3, 3: 0}
    assert desk.activities.count(1) == (4, False)


def test_an_alert_that_other_filters_leave_out_is_not_missing(desk: Desk) -> None:
    """It exists, but does not match."""
    assert desk.handling.close(1, chosen(1, 2, severity={"eq": 2}), CLOSING, by=BY) == Outcome(1, ())
    assert desk.state() == {1: 0, 2: 4, 3: 0}


def test_what_is_out_of_scope_does_not_exist(desk: Desk) -> None:
    """This holds for ids and for filters."""
    medium = OneOf(ALERTS["severity"], (1,))
    choice = Chosen(chosen(1, 2).where, medium, (alert_id(1), alert_id(2)))
    assert desk.handling.close(1, choice, CLOSING, by=BY) == Outcome(1, (alert_id(2),))
    assert desk.handling.mark(1, Chosen.one(alert_id(2), medium), read=True) == Outcome(0, (alert_id(2),))
    assert desk.state() == {1: 4, 2: 0, 3: 0}


def test_any_number_is_closed_in_one_call(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are closed in batches, among them many with the same time."""
    monkeypatch.setattr(alert_handling, "BATCH", 4)
    desk.alerts.add(1, [record(alert(number, timestamp=NOW)) for number in range(10, 23)])
    assert desk.handling.close(1, chosen(date={"gte": 0}), CLOSING, by=BY).changed == 16
    assert set(desk.state().values()) == {4}
    assert desk.activities.count(1) == (16, False)


def test_reopening_is_noted(desk: Desk, database: Database, clock: Callable[[], int]) -> None:
    """The audit log has one entry for each alert that was closed."""
    desk.handling.close(1, chosen(1), CLOSING, by=BY)
    assert desk.handling.reopen(1, chosen(1, 2, 9), by=BY) == Outcome(1, (alert_id(9),))
    assert desk.state() == {1: 0, 2: 0, 3: 0}
    entries = [(entry.action, entry.actor, entry.target) for entry in AuditLog(database, clock).latest(1)]
    assert entries == [("alert.reopen", BY, alert_id(1))]


def test_reading_is_noted_in_the_alert(desk: Desk) -> None:
    """It can be reversed."""
    unread = parse({"read": {"eq": False}}, ALERTS, NOW)
    assert desk.handling.mark(1, Chosen.one(alert_id(1), EVERYTHING), read=True) == Outcome(1, ())
    assert desk.alerts.count(1, unread) == (2, False)
    assert desk.handling.mark(1, Chosen.one(alert_id(1), EVERYTHING), read=False) == Outcome(1, ())
    assert desk.alerts.count(1, unread) == (3, False)


def test_a_call_that_fails_changes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alerts and activities are written in one transaction."""

    def fails(*_given: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(desk.activities, "add", fails)
    with pytest.raises(RuntimeError):
        desk.handling.close(1, chosen(1), CLOSING, by=BY)
    assert desk.state() == {1: 0, 2: 0, 3: 0}


def test_of_those_who_close_alike_one_has_closed(desk: Desk) -> None:
    """The number of concurrent calls does not matter."""
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: desk.handling.close(1, chosen(1, 2, 3), CLOSING, by=BY), range(4)))
    assert sorted(outcome.changed for outcome in outcomes) == [0, 0, 0, 3]
    assert desk.activities.count(1) == (3, False)
