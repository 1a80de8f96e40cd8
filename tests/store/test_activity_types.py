"""The activity categories of a tenant."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.activities.columns import to_record
from opencasb.filters.field import Kind, column
from opencasb.filters.tree import OneOf
from opencasb.governance.closing import BENIGN, TRUE_POSITIVE, Closing
from opencasb.governance.closing_activity import activity_of
from opencasb.store import activity_types
from opencasb.store.activities import Activities
from opencasb.store.database import Database
from tests.alerts import alert
from tests.conftest import NOW


def test_each_pair_of_app_and_category_comes_once(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For one tenant, in order; activities without a category and older ones are not counted."""
    dismissed, resolved = (Closing(verdict=verdict) for verdict in (BENIGN, TRUE_POSITIVE))
    closings = [dismissed, resolved, dismissed, resolved]
    made = [activity_of(alert(), each, 1, call_id="c", by="x", now=NOW + place) for place, each in enumerate(closings)]
    made[2] = {**made[2], "appId": 11161}
    made[3] = {**made[3], "eventTypeName": None}
    Activities(database, clock).add(1, [to_record(each) for each in made])
    seen = activity_types.activity_types
    office, dismiss, resolve = 11161, "EVENT_CATEGORY_DISMISS_ALERT", "EVENT_CATEGORY_RESOLVE_ALERT"
    assert seen(database, 1) == [(office, dismiss), (20595, dismiss), (20595, resolve)]
    assert seen(database, 1, office) == [(office, dismiss)]
    assert seen(database, 2) == []
    within = OneOf(column("app_id", Kind.INTEGER), (20595,))
    assert seen(database, 1, within=within) == [(20595, dismiss), (20595, resolve)]
    assert seen(database, 1, office, within) == []
    monkeypatch.setattr(activity_types, "LOOKED_AT", 2)
    assert seen(database, 1) == [(office, dismiss)]
