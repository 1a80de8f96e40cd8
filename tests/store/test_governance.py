"""The governance log."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.store.database import Database
from opencasb.store.governance import GovernanceLog, governance_tasks

TENANT = 88812345


@pytest.fixture
def log(database: Database, clock: Callable[[], int]) -> GovernanceLog:
    """An empty log whose clock advances a second per call."""
    times = iter(range(clock(), clock() + 10**6, 1000))
    return GovernanceLog(database, lambda: next(times))


def test_a_task_is_pending_until_its_result_is_written(log: GovernanceLog) -> None:
    """``status`` is absent while pending; the time of creation never changes (api §14)."""
    task = log.add(TENANT, "DiscoveryParseLogTask", stream_id="a" * 24)
    ((pending,), _) = log.page(TENANT)
    assert "status" not in pending
    assert pending["updateTimestamp"] == pending["timestamp"]
    log.finish(TENANT, task, success=True, template="T", parameters={"transactionsCount": 3})
    ((done,), _) = log.page(TENANT)
    assert done["status"] == {
        "isSuccess": True,
        "templateMessage": {"template": "T", "parameters": {"transactionsCount": 3}},
    }
    assert done["timestamp"] == pending["timestamp"] < done["updateTimestamp"]


@pytest.mark.parametrize("later", [0, -5_000])
def test_a_result_is_newer_than_its_task_whatever_the_clock_says(database: Database, later: int) -> None:
    """A client that knows the pending task skips what has the same id and time of change (api §14)."""
    times = iter([10_000, 10_000 + later])
    log = GovernanceLog(database, lambda: next(times))
    log.finish(TENANT, log.add(TENANT, "X"), success=True, template="T", parameters={})
    ((done,), _) = log.page(TENANT)
    assert (done["timestamp"], done["updateTimestamp"]) == (10_000, 10_001)


def test_a_task_written_twice_is_one_task(log: GovernanceLog) -> None:
    """With a given id, the second write changes nothing, even after the result."""
    for _ in range(2):
        log.add(TENANT, "X", task_id="b" * 24)
        log.finish(TENANT, "b" * 24, success=False, template="T", parameters={})
    assert log.page(TENANT)[1] == 1


def test_pages_are_ordered_complete_and_of_one_tenant(log: GovernanceLog) -> None:
    """Every task is on exactly one page, in either order."""
    made = [log.add(TENANT, "X") for _ in range(7)]
    log.add(TENANT + 1, "X")
    newest = [record["_id"] for skip in (0, 3, 6, 9) for record in log.page(TENANT, skip=skip, limit=3)[0]]
    assert newest == made[::-1]
    oldest, total = log.page(TENANT, limit=7, ascending=True)
    assert [record["_id"] for record in oldest] == made
    assert total == 7
    assert log.page(TENANT, [governance_tasks.c.task_name == "Y"]) == ([], 0)


def test_old_tasks_go(log: GovernanceLog) -> None:
    """Tasks of one tenant from before a time, pending or not."""
    made = [log.add(TENANT, "X") for _ in range(3)]
    other = log.add(TENANT + 1, "X")
    (newest, *_), _ = log.page(TENANT)
    assert log.expire(TENANT, newest["timestamp"]) == 2
    assert [record["_id"] for record in log.page(TENANT)[0]] == made[2:]
    assert [record["_id"] for record in log.page(TENANT + 1)[0]] == [other]
