"""Deletions are part of the sequence of changes."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import sqlalchemy as sa

from opencasb.activities.alert_columns import record
from opencasb.store import deletions, records
from opencasb.store.alerts import Alerts
from opencasb.store.database import Database
from tests.alerts import alert, alert_id

LATER = 2**40 * 10


@pytest.fixture
def alerts(database: Database) -> Alerts:
    """Alerts 1, 2 and 3 of tenant 1, with change numbers 1, 2 and 3."""
    made = Alerts(database)
    made.put(1, [record(alert(number)) for number in (1, 2, 3)])
    return made


def told(alerts: Alerts, seq: int = 0, limit: int = 100, tenant_id: int = 1) -> list[tuple[int, str, bool]]:
    """Return the changes after a number: number, id and whether it is a deletion."""
    return [(each.seq, each.record_id, each.deleted) for each in alerts.since(tenant_id, seq, limit)]


def test_a_deletion_is_a_change(alerts: Alerts) -> None:
    """It gets the next number, is reported once, and has only the id; deleting an unknown record is not reported."""
    assert alerts.delete(1, [alert_id(2), alert_id(9), "\0"]) == 1
    assert told(alerts, 3) == [(4, alert_id(2), True)]
    assert alerts.since(1, 3, 1)[0].document == b'{"_id":"%s","deleted":true}' % alert_id(2).encode()
    assert [each[0] for each in told(alerts)] == [1, 3, 4]
    assert alerts.delete(1, [alert_id(2)]) == 0
    assert told(alerts, 4) == []
    assert told(alerts, tenant_id=2) == []


def test_what_came_back_is_told_after_its_deletion(alerts: Alerts) -> None:
    """A reader that applies every change ends with the current state; of two deletions it sees the last."""
    alerts.delete(1, [alert_id(2)])
    alerts.put(1, [record(alert(2))])
    assert told(alerts, 3) == [(4, alert_id(2), True), (5, alert_id(2), False)]
    alerts.delete(1, [alert_id(2)])
    assert told(alerts, 3) == [(6, alert_id(2), True)]


def test_retention_is_told_as_one_mark(alerts: Alerts) -> None:
    """Without an id, with the time before which nothing is kept; only the last one, and none if nothing expired."""
    assert not alerts.tell_expiry(1, 0)
    assert alerts.expire(1, 0) == 0
    assert told(alerts, 3) == []
    assert alerts.tell_expiry(1, LATER)
    (mark,) = alerts.since(1, 3, 10)
    assert (mark.seq, mark.record_id, mark.deleted) == (4, "", True)
    assert mark.document == b'{"_id":"","deleted":true,"expiredBefore":%d}' % LATER
    assert alerts.expire(1, LATER) == 3
    assert told(alerts) == [(5, "", True)]
    assert alerts.expire(1, LATER + 1) == 0
    assert told(alerts, 5) == told(alerts, tenant_id=2) == []


def test_what_is_expired_bit_by_bit_is_told_behind_every_change(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that changes between two transactions of retention is not reported last."""
    monkeypatch.setattr(records, "DELETED_AT_ONCE", dict.fromkeys(records.DELETED_AT_ONCE, 1))
    note, changes = deletions.note_expiry, iter((1, 2, 3))

    def changing(database: Database, connection: sa.Connection, *given: Any) -> None:
        note(database, connection, *given)
        for number in [3] if next(changes) == 1 else []:
            alerts.put(1, [record(alert(number))], connection=connection)

    monkeypatch.setattr(deletions, "note_expiry", changing)
    assert alerts.expire(1, LATER) == 3
    assert told(alerts) == [(7, "", True)]


def test_small_pages_mix_changes_and_deletions(alerts: Alerts) -> None:
    """Each number comes once and in order, however small the page."""
    alerts.delete(1, [alert_id(1), alert_id(3)])
    alerts.put(1, [record(alert(4))])
    seen, seq = [], 0
    while found := told(alerts, seq, 1):
        seen += found
        seq = found[-1][0]
    assert seen == told(alerts)
    assert [each[0] for each in seen] == [2, 4, 5, 6]


def test_readers_of_writers_and_deleters_end_with_what_there_is(alerts: Alerts) -> None:
    """Two threads write and delete concurrently; a reader that applies every change ends with the table's state."""

    def work(first: int) -> None:
        for number in range(first, first + 8):
            alerts.put(1, [record(alert(number)), record(alert(number + 100))])
            alerts.delete(1, [alert_id(number)])

    workers = [threading.Thread(target=work, args=(first,)) for first in (10, 30)]
    for each in workers:
        each.start()
    mine: set[str] = set()
    seq = 0
    while True:
        over = not any(each.is_alive() for each in workers)
        found = told(alerts, seq, 3)
        for number, record_id, deleted in found:
            assert number > seq
            seq = number
            (mine.discard if deleted else mine.add)(record_id)
        if over and not found:
            break
    there = alerts.page(1, order="timestamp", ascending=True, limit=100)
    assert mine == {row.record_id for row in there}
    assert len(mine) == 3 + 16
