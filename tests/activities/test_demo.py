"""The demo's month of activities."""

from __future__ import annotations

from collections import Counter

from opencasb.activities import demo
from opencasb.activities.normalised import to_wire
from tests.conftest import NOW

USERS = [f"user{number}@lindgren-logistics.example" for number in range(6)]
DAY = 86_400_000


def test_a_seed_is_a_month() -> None:
    """The same seed, time and users give the same activities, another seed others; none is in the future."""
    first = list(demo.activities(1, NOW, USERS))
    assert first == list(demo.activities(1, NOW, USERS))
    assert first != list(demo.activities(2, NOW, USERS))
    assert all(NOW - 31 * DAY < each["timestamp"] <= NOW for each in first)


def test_every_activity_is_one() -> None:
    """The ingest accepts each, and no two are equal."""
    made = [to_wire(each, 1, NOW) for each in demo.activities(1, NOW, USERS)]
    assert len({each["_id"] for each in made}) == len(made) > 500
    failed = Counter(each["user"]["userName"] for each in made if "FAILED" in each["eventTypeName"])
    assert failed == {USERS[0]: 40}


def test_files_have_owners() -> None:
    """A file's owner is in the recorded event."""
    raw = [each["raw"] for each in demo.activities(1, NOW, USERS) if each["objects"][0]["type"] == "file"]
    assert {each["owner"] for each in raw} == set(USERS)
    assert all(each["ObjectId"].startswith("https://files.lindgren-logistics.example/") for each in raw)
