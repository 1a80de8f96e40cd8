"""Common behaviour of lists (api §3.3, §4), tested on discovered apps and the governance log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from opencasb.api.v1.lists import SCAN_LEAST
from tests.api.v1.conftest import Client

APPS, LOG = "discovery/discovered_apps/", "governance/"


def add_tasks(client: Client, count: int, *, step: int = 1) -> list[str]:
    """Write ``count`` tasks, ``step`` ms apart, and return their ids, oldest first."""
    made = []
    for number in range(count):
        client.casb.now += step
        made.append(client.casb.governance_log.add(client.known.tenant_id, f"DiscoveryTask{number}"))
    return made


def ids(answer: dict[str, Any]) -> list[str]:
    """Return the ids on a page."""
    return [record["_id"] for record in answer["data"]]


@pytest.mark.parametrize(
    ("limit", "maximum"),
    [
        *((None, 100), ("", 100), (0, 100), (1, 1), ("2", 2), (100, 100), (101, 100)),
        *((10**9, 100), (2**63, 100), ("9" * 20, 100), (1e300, 100)),
    ],
)
@pytest.mark.parametrize("path", [APPS, LOG])
def test_limits_are_clamped_and_max_tells_the_one_in_force(
    reader: Client, path: str, limit: object, maximum: int
) -> None:
    """Larger pages are not rejected but clamped (api §4.2)."""
    answer = reader.post(path, {"limit": limit})
    assert answer["max"] == maximum
    assert len(answer["data"]) <= maximum
    assert answer.keys() >= {"data", "total", "hasNext", "max", "moreThanTotal"}


@pytest.mark.parametrize("number", [2**63 - 1, 2**64 - 1, "18446744073709551615", 1e30, "9" * 5000])
@pytest.mark.parametrize("path", [APPS, LOG, "subnet/"])
def test_no_limit_and_no_skip_is_too_large(reader: Client, path: str, number: object) -> None:
    """Some languages write the largest number that they have."""
    assert reader.post(path, {"limit": number})["max"] == 100
    beyond = reader.post(path, {"skip": number})
    assert (beyond["data"], beyond["hasNext"]) == ([], False)


def test_the_cap_is_a_setting(open_client: Callable[..., Client]) -> None:
    """The cap is configurable, and clients read it from ``max`` (api §4.2)."""
    assert open_client(page_size=7).post(LOG, {"limit": 50})["max"] == 7


@pytest.mark.parametrize(
    ("json", "said"),
    [
        ({"skip": -1}, "skip: -1 is negative"),
        ({"skip": "x"}, "skip: a whole number is expected"),
        ({"limit": -5}, "limit: -5 is negative"),
        ({"limit": -1e300}, "limit: a whole number is expected"),
        ({"limit": [1]}, "limit: a whole number is expected"),
        ({"filters": [1]}, "filters: an object is expected"),
        ({"filters": False}, "filters: an object is expected"),
        ({"filters": "{"}, "filters: this is not JSON"),
        ({"isScan": 3}, "isScan: true or false is expected"),
    ],
)
def test_a_wrong_list_parameter_is_named(reader: Client, json: object, said: str) -> None:
    """400 with the parameter and what is expected."""
    assert said in reader.refusal(400, APPS, json)


@pytest.mark.parametrize("filters", [None, {}, [], "[]", "{}", ""])
def test_no_filters_have_several_forms(reader: Client, filters: object) -> None:
    """Some languages write an empty object as a list."""
    assert reader.post(APPS, {"filters": filters}) == reader.post(APPS)


def test_skip_pages_through_everything_once_in_order(client: Client) -> None:
    """Pages are full, without duplicates or gaps, and the end is reported, even far beyond it (api §18, 12-14)."""
    made = add_tasks(client, 25)
    seen: list[str] = []
    skip = 0
    while True:
        page = client.post(LOG, {"skip": skip, "limit": 10})
        assert page["total"] == 25
        assert page["hasNext"] is (len(page["data"]) == 10)
        seen += ids(page)
        skip += 10
        if not page["hasNext"]:
            break
    assert seen == made[::-1]
    for beyond in (25, 10**6, 10**18, 2**63, 1e300):
        page = client.post(LOG, {"skip": beyond})
        assert (page["data"], page["hasNext"], page["total"]) == ([], False, 25)


def test_records_of_equal_keys_are_ordered_by_id(client: Client) -> None:
    """Sorting is total: pages of one form the whole list (api §4.3)."""
    made = add_tasks(client, 6, step=0)
    pages = [ids(client.post(LOG, {"skip": skip, "limit": 1, "sortDirection": "ASC"})) for skip in range(6)]
    assert [one for page in pages for one in page] == sorted(made)


def scan(client: Client, path: str, body: dict[str, Any]) -> list[list[str]]:
    """Follow ``nextQueryFilters`` to the end and return the ids by page."""
    pages = []
    while True:
        page = client.post(path, body)
        pages.append(ids(page))
        assert page["hasNext"] is ("nextQueryFilters" in page)
        if not page["hasNext"]:
            return pages
        body = {**body, "filters": page["nextQueryFilters"]}


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize(("count", "step"), [(0, 1), (500, 1), (501, 1), (1100, 1), (1100, 0)])
def test_a_scan_delivers_every_record_once(client: Client, direction: str, count: int, step: int) -> None:
    """Even if all records have the same time, or the last page is exactly full (api §4.4)."""
    log, tenant_id = client.casb.governance_log, client.known.tenant_id
    rows = [f"{number:024x}" for number in range(count)]
    _insert(client, rows, step)
    pages = scan(client, LOG, {"isScan": True, "sortDirection": direction, "skip": 7, "limit": 3})
    found = [one for page in pages for one in page]
    assert found == (rows if direction == "asc" else rows[::-1])
    assert all(len(page) <= SCAN_LEAST for page in pages)
    assert log.page(tenant_id, limit=0)[1] == count


@pytest.mark.parametrize("form", [int, str, lambda bound: [bound]])
@pytest.mark.parametrize(("direction", "operator", "total"), [("asc", "gte", 1050), ("desc", "lte", 1051)])
def test_every_page_of_a_scan_has_the_total_within_a_bound(
    client: Client, direction: str, operator: str, total: int, form: Callable[[int], Any]
) -> None:
    """The client's own bound, which the cursor's filter replaces."""
    _insert(client, [f"{number:024x}" for number in range(1100)], 1)
    (first,) = client.post(LOG, {"sortDirection": "asc", "limit": 1})["data"]
    bound = first["timestamp"] + (50 if operator == "gte" else 1050)
    body = {"isScan": True, "sortDirection": direction, "filters": {"timestamp": {operator: form(bound)}}}
    totals, found = [], 0
    while body["filters"]:
        page = client.post(LOG, body)
        totals.append(page["total"])
        found += len(page["data"])
        body["filters"] = page.get("nextQueryFilters")
    assert (totals, found) == ([total] * 3, total)


def test_a_record_that_arrives_under_the_last_key_of_a_page_is_delivered(client: Client) -> None:
    """The last records with equal keys move to the next page, so a late one is not lost (api §4.4)."""
    rows = [f"{number:024x}" for number in range(1, 700)]
    _insert(client, rows, 1, same_from=498)
    body: dict[str, Any] = {"isScan": "true", "sortDirection": "asc"}
    page = client.post(LOG, body)
    assert len(page["data"]) == 498
    _insert(client, [f"{0:024x}"], 0, at=498)
    rest = scan(client, LOG, {**body, "filters": page["nextQueryFilters"]})
    assert f"{0:024x}" in rest[0]
    assert [one for part in rest for one in part] == [f"{0:024x}", *rows[498:]]


def test_a_scan_by_get_is_capped_and_one_may_end_with_filters_null(client: Client) -> None:
    """The largest pages require POST; ``filters: null`` means no filter (api §4.4)."""
    add_tasks(client, 3)
    by_get = [client.get(f"{LOG}?isScan=true{limit}")["max"] for limit in ("", "&limit=7", "&limit=500", "&limit=5000")]
    assert by_get == [500, 500, 500, 500]
    assert client.get(f"{LOG}?isScan=false&limit=500")["max"] == 100
    assert client.post(LOG, {"isScan": True, "limit": 600, "filters": None})["max"] == 600
    assert client.post(LOG, {"isScan": True, "limit": 9000})["max"] == 5000


@pytest.mark.parametrize(
    "place", [None, 5, "x", {"eq": "x"}, {"eq": ["W10"]}, {"eq": "WzEsInRpbWVzdGFtcCIsZmFsc2UsInhcdTAwMDAiLDFd"}, {}]
)
def test_a_cursor_that_is_not_ours_is_refused(reader: Client, place: object) -> None:
    """It must be sent back unchanged."""
    said = "scanCursor: send nextQueryFilters back as it came"
    assert reader.refusal(400, LOG, {"filters": {"scancursor": place}}) == said


def test_a_cursor_belongs_to_its_order(client: Client) -> None:
    """The rest of the request must stay the same."""
    _insert(client, [f"{number:024x}" for number in range(600)], 1)
    filters = client.post(LOG, {"isScan": True})["nextQueryFilters"]
    said = client.refusal(400, LOG, {"isScan": True, "filters": filters, "sortDirection": "asc"})
    assert "sortField and sortDirection must stay" in said
    assert "sortField" in client.refusal(400, APPS, {"filters": filters})


def test_unknown_filters_are_an_error_or_empty_as_configured(
    reader: Client, open_client: Callable[..., Client]
) -> None:
    """They are never ignored, which would return too much (api §6.2)."""
    wrong = {"filters": {"colour": {"eq": 1}}}
    answer = reader.call("POST", LOG, json=wrong)
    assert answer.status_code == 400
    assert answer.json()["filters"][0]["errorMessageParams"] == {"filter": "colour"}
    imitating = open_client(unknown_filters="empty")
    add_tasks(imitating, 2)
    assert imitating.post(LOG, wrong)["data"] == []
    assert imitating.post(LOG)["total"] == 2
    bad = {"filters": {"colour": {"eq": 1}, "timestamp": {"gte": "banana"}}}
    assert imitating.call("POST", LOG, json=bad).status_code == 400


def _insert(client: Client, rows: list[str], step: int, *, same_from: int = 10**9, at: int = 0) -> None:
    """Write tasks with given ids, in one statement, ``step`` ms apart until one from which times are equal."""
    import sqlalchemy as sa

    from opencasb.store.governance import governance_tasks

    values = [
        {
            "tenant_id": client.known.tenant_id,
            "task_id": task_id,
            "task_name": "DiscoveryParseLogTask",
            "timestamp": client.casb.now + at + min(number, same_from) * step,
            "update_timestamp": client.casb.now,
            "created_by": "",
            "label": "",
            "parameters": {},
        }
        for number, task_id in enumerate(rows)
    ]
    if values:
        with client.casb.database.write() as connection:
            connection.execute(sa.insert(governance_tasks), values)
