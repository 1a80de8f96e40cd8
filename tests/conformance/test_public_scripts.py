"""The published script for fetching activities, reimplemented from its description with an HTTP client (api §4.4).

A SIEM connector works differently. Another script, which synchronises IP ranges with a file, is tested in
``tests/api/v1/test_subnet.py``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from opencasb.api.v1.cursor import NAME
from tests.activities.example import wire
from tests.conformance.conftest import Shop
from tests.conftest import NOW

FIRST: Final = 700
"""Activities present when the script starts, seven with each timestamp: two pages."""

FILTERS: Final = {"service": {"eq": [26069]}, "date": {"gte": NOW - 10_000_000}}
EARLIEST, LATEST = NOW - 1_000_000, NOW - 1_000_000 + FIRST // 7


def store(shop: Shop, prefix: str, times: list[int], created: int = 0) -> list[str]:
    """Deliver activities with these times, created at the same times or at ``created``; return their ids."""
    made = [
        wire(0, _id=f"{prefix}-{at}", appId=26069, saasId=11770, timestamp=time, created=created or time)
        for at, time in enumerate(times)
    ]
    report = shop.client.casb.ingest.activities(shop.mine.tenant_id, [json.dumps(each).encode() for each in made])
    assert report.accepted == len(times)
    return [each["_id"] for each in made]


def scan(http: httpx.Client, body: dict[str, Any], after_page: Callable[[int], object]) -> Counter[str]:
    """Send back the continuation filters, like the script, until there are none; return how often each id came."""
    seen: Counter[str] = Counter()
    keys: set[int] = set()
    page_number, has_next = 0, True
    while has_next:
        answer = http.post("/cas/api/v1/activities/", json=body)
        assert answer.status_code == 200
        page = answer.json()
        assert 0 < len(page["data"]) <= 500
        seen.update(each["_id"] for each in page["data"])
        found = {each["created" if body.get("sortField") == "created" else "timestamp"] for each in page["data"]}
        assert keys.isdisjoint(found), "records of one time are on two pages: one that arrives between them is lost"
        keys |= found
        has_next = page.get("hasNext", False)
        assert ("nextQueryFilters" in page) is has_next
        body["filters"] = page.get("nextQueryFilters")
        page_number += 1
        after_page(page_number)
    assert body["filters"] is None
    return seen


ARRIVING: Final = {
    "early": [EARLIEST - 1, EARLIEST, EARLIEST + 1],
    "late": [LATEST - 1, LATEST, LATEST + 1],
}


@pytest.mark.parametrize(
    ("field", "direction", "ahead"),
    [
        ("date", "desc", {"early"}),
        ("date", "asc", {"late"}),
        ("created", "asc", {"early", "late"}),
        ("created", "desc", set()),
    ],
)
def test_a_scan_brings_every_activity_once_while_others_arrive(
    shop: Shop, http: httpx.Client, field: str, direction: str, ahead: set[str]
) -> None:
    """Of those arriving meanwhile, it returns the ones still ahead of it, by creation or by date."""
    there = store(shop, "there", [EARLIEST + number // 7 for number in range(FIRST)])
    arrived: dict[str, list[str]] = {"early": [], "late": []}

    def arrive(page: int) -> None:
        for word, times in ARRIVING.items() if page == 1 else ():
            arrived[word] += store(shop, f"{word}{page}", times, NOW + page)

    body = {"filters": FILTERS, "isScan": True, "limit": 500, "sortField": field, "sortDirection": direction}
    seen = scan(http, body, arrive)
    assert seen == Counter([*there, *(each for word in ahead for each in arrived[word])])
    again = scan(http, {"filters": FILTERS, "isScan": True}, lambda _: None)
    assert again == Counter([*there, *arrived["early"], *arrived["late"]])


def test_a_scan_finds_nothing_where_nothing_is(http: httpx.Client) -> None:
    """One call, without a continuation."""
    body = {"filters": {"service": {"eq": [1]}}, "isScan": True, "limit": 500}
    assert http.post("/api/v1/activities/", json=body).json() == {
        "data": [],
        "total": 0,
        "hasNext": False,
        "max": 500,
        "moreThanTotal": False,
    }


@pytest.mark.parametrize("direction", ["desc", "asc"])
def test_a_connector_goes_on_by_the_time_alone(shop: Shop, http: httpx.Client, direction: str) -> None:
    """It adds the date bound from the continuation filters to its own filters and sends no cursor."""
    there = store(shop, "there", [EARLIEST + number // 7 for number in range(2 * FIRST)])
    date: dict[str, Any] = {"range": {"start": EARLIEST, "end": NOW}}
    bound = "lte" if direction == "desc" else "gte"
    body = {"filters": {"date": date}, "isScan": True, "sortDirection": direction}
    seen: Counter[str] = Counter()
    for _ in range(4):
        page = http.post("/api/v1/activities/", json=body).json()
        seen.update(each["_id"] for each in page["data"])
        if not page["hasNext"]:
            break
        date[bound] = page["nextQueryFilters"]["date"][bound]
    assert not page["hasNext"]
    assert {each: seen[each] for each in there} == dict.fromkeys(there, 1)


def test_a_page_that_parts_a_time_has_no_bound(shop: Shop, http: httpx.Client) -> None:
    """A client that continued by time alone would lose the rest."""
    store(shop, "there", [EARLIEST] * 501)
    page = http.post("/api/v1/activities/", json={"filters": FILTERS, "isScan": True}).json()
    assert page["nextQueryFilters"].keys() == {*FILTERS, NAME}
    assert page["nextQueryFilters"]["date"] == FILTERS["date"]
