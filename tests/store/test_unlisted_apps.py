"""Ids of apps outside the catalog."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from opencasb.store.database import Database
from opencasb.store.unlisted_apps import FIRST_ID, UnlistedApps

TENANT = 88812345


def test_an_id_once_given_stays(database: Database) -> None:
    """Ids are assigned in ascending order; known domains keep theirs; tenants are numbered separately."""
    apps = UnlistedApps(database)
    assert apps.ids(TENANT, ["b.example", "a.example"]) == {"a.example": FIRST_ID, "b.example": FIRST_ID + 1}
    assert apps.ids(TENANT, ["c.example", "a.example"]) == {"a.example": FIRST_ID, "c.example": FIRST_ID + 2}
    assert apps.ids(TENANT + 1, ["c.example"]) == {"c.example": FIRST_ID}
    assert apps.get(TENANT, FIRST_ID + 1) == "b.example"
    assert apps.get(TENANT + 1, FIRST_ID + 1) is None
    assert apps.all(TENANT + 1) == {FIRST_ID: "c.example"}
    assert apps.ids(TENANT, []) == {}


def test_workers_that_meet_the_same_domains_agree(database: Database) -> None:
    """Concurrent requests assign one id per domain, and no id twice."""
    apps = UnlistedApps(database)
    wanted = [[f"d{n}.example" for n in range(start, start + 20)] for start in range(0, 40, 5)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda domains: apps.ids(TENANT, domains), wanted))
    merged = {domain: app_id for answer in answers for domain, app_id in answer.items()}
    assert all(answer.items() <= merged.items() for answer in answers)
    assert len(set(merged.values())) == len(merged)
