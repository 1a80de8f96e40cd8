"""Score overrides of tenants."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.model.score_override import ScoreOverride
from opencasb.model.written_line import LONGEST_NOTE
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.score_overrides import ScoreOverrides
from tests.conftest import NOW

TENANT = 88812345


@pytest.fixture
def overrides(database: Database, clock: Callable[[], int]) -> ScoreOverrides:
    """The repository under test."""
    return ScoreOverrides(database, clock)


def test_an_override_is_kept_until_it_is_removed(overrides: ScoreOverrides) -> None:
    """A second one replaces the first; other tenants have none."""
    overrides.put(TENANT, 7, 3, "first", by="ann")
    made = overrides.put(TENANT, 7, 9, " reviewed \n in May ", by="ben")
    assert made == ScoreOverride(app_id=7, score=9, note="reviewed \n in May", author="ben", created=NOW)
    assert overrides.all(TENANT) == [made]
    assert overrides.get(TENANT, 7) == made
    assert overrides.get(TENANT, 8) is None
    assert overrides.all(TENANT + 1) == []
    assert overrides.remove(TENANT, 7)
    assert not overrides.remove(TENANT, 7)
    assert overrides.all(TENANT) == []


def test_every_change_counts_and_is_on_record(overrides: ScoreOverrides, database: Database) -> None:
    """The audit log has score, note and author; the revision grows."""
    overrides.put(TENANT, 7, 0, "no contract", by="ann")
    overrides.remove(TENANT, 7, by="ben")
    assert overrides.revision(TENANT) == 2
    entries = [(each.action, each.target, each.actor, each.details) for each in AuditLog(database, int).latest(TENANT)]
    assert sorted(entries) == [
        ("score.override", "7", "ann", {"score": 0, "note": "no contract"}),
        ("score.remove_override", "7", "ben", {}),
    ]


@pytest.mark.parametrize("score", [-1, 11, True])
def test_a_score_is_0_to_10(overrides: ScoreOverrides, score: int) -> None:
    """The message names the value and what is allowed."""
    with pytest.raises(ValueError, match=r"score .* must be 0 \(risky\) to 10 \(safe\)"):
        overrides.put(TENANT, 7, score, "")
    assert overrides.all(TENANT) == []


@pytest.mark.parametrize("note", ["a\0b", "x" * (LONGEST_NOTE + 1), "\x1b[31m"])
def test_a_note_is_for_reading(overrides: ScoreOverrides, note: str) -> None:
    """Control characters and long texts are rejected."""
    with pytest.raises(
        ValueError, match=r"note (.* must be printable|may have at most 2000 characters; this one has 2001)"
    ):
        overrides.put(TENANT, 7, 5, note)
