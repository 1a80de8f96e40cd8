"""The score history."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from opencasb.store.database import Database
from opencasb.store.score_history import ScoreChange, ScoreHistory

TENANT = 88812345
CAUSES = {"weights": "weights changed", "catalog": "newer catalog"}


@pytest.fixture
def history(database: Database) -> ScoreHistory:
    """The repository under test."""
    return ScoreHistory(database)


def settle(
    history: ScoreHistory,
    basis: Mapping[str, object],
    scores: Mapping[int, int | None],
    time: int = 1,
    by: str = "",
    tenant_id: int = TENANT,
) -> list[ScoreChange]:
    """Store the scores for ``basis``; app 900 was never scored."""
    return history.settle(tenant_id, basis, scores, unseen={900: None}, causes=CAUSES, time=time, author=by)


def test_a_change_has_its_cause(history: ScoreHistory) -> None:
    """The changed parts of the basis, and their author; a new app has not changed."""
    assert settle(history, {"weights": 1, "catalog": "a"}, {1: 5, 2: None}) == []
    assert history.basis(TENANT) == {"weights": 1, "catalog": "a"}
    (first,) = settle(history, {"weights": 2, "catalog": "a"}, {1: 7, 2: None, 3: 4}, 2, "ann")
    assert (first.app_id, first.before, first.after, first.cause, first.author, first.time) == (
        *(1, 5, 7, "weights changed", "ann"),
        2,
    )
    second, third = settle(history, {"weights": 3, "catalog": "b"}, {1: 7, 2: 6, 3: None}, 3)
    assert (second.app_id, second.before, second.after) == (2, None, 6)
    assert (third.app_id, third.before, third.after) == (3, 4, None)
    assert third.cause == "weights changed, newer catalog"
    assert history.latest(TENANT, app_id=1) == [first]


def test_nothing_changes_on_the_same_basis(history: ScoreHistory) -> None:
    """Two concurrent comparisons record a change once."""
    settle(history, {"weights": 1}, {1: 5})
    assert len(settle(history, {"weights": 2}, {1: 6})) == 1
    assert settle(history, {"weights": 2}, {1: 6}) == []
    assert len(history.latest(TENANT) or []) == 1


def test_an_app_that_cannot_have_had_another_score_has_changed(history: ScoreHistory) -> None:
    """An app outside the catalog is unscored until it gets an override."""
    settle(history, {"weights": 1}, {1: 5})
    (change,) = settle(history, {"weights": 2}, {1: 5, 900: 3})
    assert (change.app_id, change.before, change.after) == (900, None, 3)


def test_old_changes_are_forgotten_and_scores_are_not(history: ScoreHistory) -> None:
    """The next comparison still uses the last known score."""
    for number in range(1, 5):
        settle(history, {"weights": number}, {1: number}, time=number)
    assert history.expire(TENANT, 4) == 2
    assert [each.time for each in history.latest(TENANT) or []] == [4]
    assert history.expire(TENANT + 1, 9) == 0
    (change,) = settle(history, {"weights": 9}, {1: 9}, time=9)
    assert (change.before, change.after) == (4, 9)


def test_scores_of_other_tenants_are_not_what_was_known(history: ScoreHistory) -> None:
    """An app that only another tenant scored is new here, and its changes cannot be paged from here."""
    settle(history, {"weights": 1}, {1: 5})
    (theirs,) = settle(history, {"weights": 2}, {1: 6})
    assert settle(history, {"weights": 1}, {1: 9}, tenant_id=TENANT + 1) == []
    (ours,) = settle(history, {"weights": 2}, {1: 8}, tenant_id=TENANT + 1)
    assert ours.before == 9
    assert history.latest(TENANT + 1, before=theirs.change_id) is None
    assert history.expire(TENANT, 9) == 1
    assert history.latest(TENANT + 1, app_id=1) == [ours]


def test_pages_go_from_new_to_old(history: ScoreHistory) -> None:
    """Changes before a given one follow, even at equal times; tenants only see their own."""
    for number in range(1, 8):
        settle(history, {"weights": number}, {1: number, 2: 10 - number}, time=number // 3)
    every = history.latest(TENANT) or []
    assert [(each.time, each.change_id) for each in every] == sorted(
        ((each.time, each.change_id) for each in every), reverse=True
    )
    assert len(every) == 12
    pages = [history.latest(TENANT, limit=5) or []]
    while pages[-1]:
        pages.append(history.latest(TENANT, before=pages[-1][-1].change_id, limit=5) or [])
    assert [each for page in pages for each in page] == every
    assert {each.app_id for each in history.latest(TENANT, app_id=2) or []} == {2}
    assert history.latest(TENANT, before="0" * 24) is None
    assert history.latest(TENANT + 1) == []
    assert history.basis(TENANT + 1) is None
