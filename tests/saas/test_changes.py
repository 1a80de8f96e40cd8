"""Changes between two runs."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.saas import AppRow, Change
from opencasb.saas.changes import GROWTH, LEAST, changes


def row(app_id: str = "1", /, **values: Any) -> AppRow:  # of each field's type
    """Return a row."""
    return AppRow(app_id=app_id, display_name=f"App {app_id}", **values)


def found(before: AppRow, after: AppRow) -> list[tuple[str, str, int | None, int | None]]:
    """Return the changes between two rows of an app."""
    made = changes({before.app_id: before}, {after.app_id: after})
    return [(each.kind, each.field, each.before, each.after) for each in made]


def test_apps_come_and_go() -> None:
    """Apps are compared by id."""
    made = changes({"1": row("1"), "2": row("2")}, {"2": row("2"), "3": row("3")})
    assert made == [
        Change(app_id="3", kind="new", display_name="App 3"),
        Change(app_id="1", kind="gone", display_name="App 1"),
    ]


def test_scores_change_in_both_directions_and_to_none() -> None:
    assert found(row(risk_score=8), row(risk_score=3)) == [("risk", "risk_score", 8, 3)]
    assert found(row(risk_score=None), row(risk_score=3)) == [("risk", "risk_score", None, 3)]
    assert found(row(risk_score=3), row(risk_score=None)) == [("risk", "risk_score", 3, None)]
    assert found(row(risk_score=3), row(risk_score=3)) == []


@pytest.mark.parametrize("field", LEAST)
def test_usage_jumps_at_both_thresholds(field: str) -> None:
    """An increase by at least half that also reaches a minimum; decreases are not reported."""
    least = LEAST[field]
    old = round(least / (GROWTH - 1))
    assert found(row(**{field: old}), row(**{field: old + least})) == [("usage", field, old, old + least)]
    assert found(row(**{field: old + 2}), row(**{field: old + 2 + least})) == []  # less than half
    assert found(row(**{field: 0}), row(**{field: least - 1})) == []
    assert found(row(**{field: 0}), row(**{field: least})) == [("usage", field, 0, least)]
    assert found(row(**{field: 9 * least}), row(**{field: least})) == []


def test_devices_that_were_not_counted_do_not_jump() -> None:
    assert found(row(device_count=None), row(device_count=1000)) == []
