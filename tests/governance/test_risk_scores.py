"""Changes of a tenant's weights and scores."""

from __future__ import annotations

from pathlib import Path

import pytest

from opencasb.catalog.explanation import FROM_FACTS, FROM_OVERRIDE
from opencasb.governance.risk_scores import TASK, TEMPLATE
from opencasb.model.factor import Importance
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from tests.catalog.scored import BOX, SAML
from tests.discovery.scored_house import TENANT, House


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    """A tenant with usage of Box and Dropbox."""
    return House(database, tmp_path / "lake")


def test_every_change_of_scores_is_a_task(house: House) -> None:
    """The governance log has the recalculation, its author, and the number of changed scores."""
    house.scores.override(TENANT, BOX, 2, "no contract", by="ann")
    (task,) = house.governance_log.page(TENANT)[0]
    assert (task["taskName"], task["createdBy"], task["isAutomatic"]) == (TASK, "ann", False)
    message = {"template": TEMPLATE, "parameters": {"changedScores": 1}}
    assert task["status"] == {"isSuccess": True, "templateMessage": message}
    entries = AuditLog(house.database, house.clock).latest(TENANT)
    assert "score.override" in {entry.action for entry in entries}


def test_what_changes_nothing_is_refused_before_scores_are_worked_out(house: House) -> None:
    """An invalid value leaves no task."""
    with pytest.raises(ValueError, match="score 11 must be 0"):
        house.scores.override(TENANT, BOX, 11, "", by="ann")
    assert house.governance_log.page(TENANT) == ([], 0)
    assert not house.scores.remove_override(TENANT, BOX, by="ann")


def test_an_explanation_is_of_the_tenants_settings_and_override(house: House) -> None:
    """It has the calculated score, and the override."""
    house.scores.weigh(TENANT, factors={SAML: Importance.IGNORED}, by="ann")
    app = house.catalogs.of(TENANT).app(BOX)
    assert app is not None
    before = house.scores.explain(TENANT, app)
    assert (before["score"], before["score_from"], before["known"], before["override"]) == (6, FROM_FACTS, 4, None)
    made = house.scores.override(TENANT, BOX, 1, "no contract", by="ann")
    given = house.catalogs.of(TENANT).app(BOX)
    assert given is not None
    after = house.scores.explain(TENANT, given)
    assert (after["score"], after["score_from"], after["total"]) == (1, FROM_OVERRIDE, before["total"])
    assert after["override"] == {
        "app_id": BOX,
        "score": 1,
        "note": "no contract",
        "author": "ann",
        "created": made.created,
    }
