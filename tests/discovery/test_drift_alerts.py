"""Alerts about data sources whose lines changed, on both engines."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from opencasb.activities.alert_columns import record
from opencasb.discovery.drift_alerts import DriftAlerts
from opencasb.model.stream import Stream, StreamType
from opencasb.store.alerts import Alerts
from opencasb.store.database import Database
from opencasb.store.source_shapes import SourceShapes, SourceWarning
from tests.conftest import NOW

EDGE, BRANCH = (
    Stream(
        tenant_id=1,
        stream_id=stream_id,
        display_name=name,
        stream_type=StreamType.INPUT,
        created=NOW,
        last_modified=NOW,
    )
    for stream_id, name in (("65a1f0c2d4b7e8a901234567", "edge"), ("65a1f0c2d4b7e8a901234568", "branch"))
)


class House:
    """The alerts of an installation with a ticking clock."""

    def __init__(self, database: Database) -> None:
        ticks: Iterator[int] = itertools.count(NOW)
        self.database = database
        self.alerts = Alerts(database)
        self.shapes = SourceShapes(database, lambda: next(ticks))
        self.tested = DriftAlerts(self.shapes, self.alerts, record)

    def warn(self, stream: Stream = EDGE, kind: str = "field count") -> tuple[SourceWarning, bool]:
        """Raise a warning and report it; return it and whether an alert was created."""
        with self.database.write() as connection:
            shown: dict[str, list[str]] = {"before": ["a line of ana"], "after": ["another of ana"]}
            made = self.shapes.warn(connection, stream.tenant_id, stream.stream_id, kind=kind, text="9 not 7", **shown)
            return made, self.tested.add(connection, stream, made)

    def close(self, alert_id: str) -> None:
        """Close an alert as benign."""
        self.alerts.put(1, [record({**(self.alerts.get(1, alert_id) or {}), "resolutionStatusValue": 4})])


@pytest.fixture
def house(database: Database) -> House:
    """Return an installation."""
    return House(database)


def test_an_alert_stands_for_all_changes_of_its_kind_until_it_is_closed(house: House) -> None:
    """Even if its warning was resolved; the next change after closing creates an alert again."""
    first, raised = house.warn()
    assert raised
    house.shapes.resolve(1, first.warning_id, "ana")
    assert house.warn()[1] is False
    house.close(first.warning_id)
    second, raised = house.warn()
    assert raised
    assert house.warn()[1] is False
    assert house.alerts.count(1) == (2, False)
    assert [house.alerts.get(1, each.warning_id) is not None for each in (first, second)] == [True, True]


def test_other_kinds_and_other_sources_have_alerts_of_their_own(house: House) -> None:
    """So do other tenants."""
    assert house.warn()[1]
    assert house.warn(kind="empty field")[1]
    assert house.warn(BRANCH)[1]
    assert house.alerts.count(1) == (3, False)
    assert house.alerts.count(2) == (0, False)


def test_an_alert_that_is_gone_is_not_open(house: House) -> None:
    """Retention deletes old ones."""
    first, _ = house.warn()
    house.alerts.delete(1, [first.warning_id])
    assert house.warn()[1]


def test_an_alert_goes_with_its_transaction(house: House) -> None:
    """A file that is processed again raises it once."""

    def killed() -> None:
        with house.database.write() as connection:
            told = {"kind": "format", "text": "", "before": [], "after": []}
            made = house.shapes.warn(connection, 1, EDGE.stream_id, **told)
            house.tested.add(connection, EDGE, made)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        killed()
    assert house.alerts.count(1) == (0, False)
