"""Clients that come back for what is new, from the descriptions of their calls (api §4.2, §6.3, §8.2, §14).

Two are connectors of SOAR and SIEM products, one is a collector of metrics; what they keep between runs is a time and
some ids. Between the runs records arrive, also some that are older than the last one seen.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import httpx

from opencasb.activities.alert_columns import record as alert_record
from tests.activities.example import wire
from tests.alerts import alert, alert_id
from tests.conformance.conftest import Shop
from tests.conftest import NOW

FIRST_ALERT: Final = 1000
"""Numbers of alerts from here on are free; alert n is n seconds after ``EARLIEST``."""

EARLIEST: Final = NOW - 1_000_000
LOGIN, FAILED = "EVENT_CATEGORY_LOGIN", "EVENT_CATEGORY_FAILED_LOGIN"


def raise_alerts(shop: Shop, numbers: Sequence[int], **changes: Any) -> list[str]:
    """Store alerts; return their ids."""
    made = [alert(number, **changes) for number in numbers]
    shop.client.casb.alerts.put(shop.mine.tenant_id, [alert_record(each) for each in made])
    return [alert_id(number) for number in numbers]


class SoarConnector:
    """Keeps the time of the last alert and the ids of all, looks back by ``PADDING``, and skips what it knows."""

    PADDING: Final = 40_000
    PAGE: Final = 100

    def __init__(self, http: httpx.Client, limit: int) -> None:
        self._http = http
        self._limit = limit
        self._since = EARLIEST + FIRST_ALERT * 1000
        self._known: list[str] = []

    def run(self) -> list[str]:
        """Return the ids of the new alerts, at most ``limit`` of them; ask for the activities of each."""
        found: list[dict[str, Any]] = []
        skip = 0
        while len(found) < self._limit:
            page = self._page(skip)
            found += [each for each in page["data"] if each["_id"] not in self._known]
            skip += len(page["data"])
            if not page["hasNext"]:
                break
        new = found[: self._limit]
        for each in new:
            body = {"filters": {"activity.alertId": {"eq": each["_id"]}}}
            assert self._http.post("/api/v1/activities/", json=body).json()["data"] == []
        if new:
            self._since = max(self._since, new[-1]["timestamp"] + 1 - self.PADDING)
        self._known += [each["_id"] for each in new]
        return [each["_id"] for each in new]

    def _page(self, skip: int) -> Any:
        body = {
            "filters": {"date": {"gte": self._since}},
            "sortDirection": "asc",
            "sortField": "date",
            "skip": skip,
            "limit": str(self.PAGE),
        }
        answer = self._http.post("/api/v1/alerts/", json=body)
        assert answer.status_code == 200
        return answer.json()


def test_a_soar_connector_brings_every_alert_once_also_late_ones(shop: Shop, http: httpx.Client) -> None:
    """Runs of 70 with arrivals between; alerts of one time, and one within the padding, are not lost."""
    connector = SoarConnector(http, limit=70)
    wanted = raise_alerts(shop, range(FIRST_ALERT, FIRST_ALERT + 120))
    seen = connector.run() + connector.run()
    assert seen == wanted
    assert connector.run() == []
    last = EARLIEST + (FIRST_ALERT + 119) * 1000
    late = raise_alerts(shop, [FIRST_ALERT + 500, FIRST_ALERT + 501], timestamp=last - 30_000)
    same = raise_alerts(shop, [FIRST_ALERT + 502], timestamp=last)
    assert connector.run() == [*late, *same]
    closed = http.post("/api/v1/alerts/resolve/", json={"filters": {"id": {"eq": same}}, "comment": "done"}).json()
    assert closed["resolved"] == 1
    assert connector.run() == []


class SiemCollector:
    """Three kinds of events by GET with a query and no slash; each goes on from its own last time plus one.

    Its newer version asks for pages of ``LIMIT`` events, scans activities (not alerts), and drops the events of a kind
    for which a call fails, so more calls than are allowed in a minute would never bring any.
    """

    LIMIT: Final = 500
    KINDS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
        "alerts": ("alerts", {}),
        "activities_admin": ("activities", {"activity.type": {"eq": True}}),
        "activities_login": ("activities", {"activity.eventType": {"eq": [LOGIN, FAILED]}}),
    }

    def __init__(self, http: httpx.Client, *, newer: bool = False) -> None:
        self._http = http
        self._newer = newer
        self._since = dict.fromkeys(self.KINDS, EARLIEST)
        self.calls: Counter[str] = Counter()
        """How often each kind was asked for."""

    def run(self) -> Counter[tuple[str, str]]:
        """Return kind and id of the new events, with how often each came."""
        self.calls.clear()
        return Counter((kind, event["_id"]) for kind in self.KINDS for event in self._events(kind))

    def _events(self, kind: str) -> Iterator[dict[str, Any]]:
        path, own = self.KINDS[kind]
        more = True
        while more:
            query = {"sortDirection": "asc", "filters": json.dumps({**own, "date": {"gte": self._since[kind]}})}
            answer = self._http.get(f"/api/v1/{path}", params=query | self._sized(path))
            self.calls[kind] += 1
            assert answer.status_code == 200
            page = answer.json()
            yield from page["data"]
            if page["data"]:
                self._since[kind] = page["data"][-1]["timestamp"] + 1
            more = page["hasNext"]

    def _sized(self, path: str) -> dict[str, str]:
        if not self._newer:
            return {}
        return {"limit": str(self.LIMIT)} | ({"isScan": "true"} if path == "activities" else {})


def deliver(shop: Shop, prefix: str, times: Sequence[int], **changes: Any) -> set[str]:
    """Deliver activities of those times; return their ids."""
    made = [wire(0, _id=f"{prefix}-{time}", timestamp=time, **changes) for time in times]
    shop.mine.deliver("activities", made)
    return {each["_id"] for each in made}


def arrive(shop: Shop, word: str, times: range) -> set[tuple[str, str]]:
    """Store events of each kind at those times, and others; return kind and id of those that are collected."""
    deliver(shop, f"{word}-other", times, eventTypeName="EVENT_CATEGORY_DOWNLOAD_FILE")
    edited: dict[str, Any] = {"eventTypeName": "EVENT_CATEGORY_EDIT", "eventRouting": {"adminEvent": True}}
    by_kind: dict[str, set[str]] = {
        "alerts": {each for time in times for each in raise_alerts(shop, [FIRST_ALERT + time - NOW], timestamp=time)},
        "activities_admin": deliver(shop, f"{word}-admin", times, **edited),
        "activities_login": deliver(shop, f"{word}-login", times, eventTypeName=LOGIN),
    }
    return {(kind, each) for kind, ids in by_kind.items() for each in ids}


def test_a_siem_collector_brings_every_event_of_its_kinds_once(shop: Shop, http: httpx.Client) -> None:
    """Over several pages and runs; sign-ins, administrative activities and alerts do not mix."""
    collector = SiemCollector(http)
    collector.run()
    first = arrive(shop, "first", range(NOW + 1, NOW + 231))
    assert collector.run() == dict.fromkeys(first, 1)
    assert not collector.run()
    second = arrive(shop, "second", range(NOW + 1000, NOW + 1003))
    assert collector.run() == dict.fromkeys(second, 1)


def test_a_newer_siem_collector_needs_a_fifth_of_the_calls_for_activities(shop: Shop, http: httpx.Client) -> None:
    """Its pages are honoured in a scan by GET; of alerts, a page is no larger than ever."""
    collector = SiemCollector(http, newer=True)
    collector.run()
    made = arrive(shop, "newer", range(NOW + 2001, NOW + 2602))
    assert collector.run() == dict.fromkeys(made, 1)
    assert collector.calls == {"alerts": 7, "activities_admin": 2, "activities_login": 2}


def test_a_soar_command_that_scans_by_get_is_not_throttled(shop: Shop, http: httpx.Client) -> None:
    """Its body has the command's own limit, by default 50; a page has at least as many records as any scan's."""
    since = NOW + 3000
    made = deliver(shop, "scanned", range(since, since + 1200))
    body: dict[str, Any] = {"limit": 50, "isScan": True, "filters": {"date": {"range": [{"start": since}]}}}
    pages = []
    while body["filters"]:
        page = http.request("GET", "/api/v1/activities/", json=body).json()
        pages.append([each["_id"] for each in page["data"]])
        body["filters"] = page.get("nextQueryFilters")
    assert [len(page) for page in pages] == [500, 500, 200]
    assert {each for page in pages for each in page} == made


class GovernancePoll:
    """Asks for the tasks since the newest one less an overlap, and tells each state of a task once."""

    OVERLAP: Final = 3_600_000

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._newest = NOW
        self._seen: set[tuple[str, int]] = set()

    def run(self) -> list[tuple[str, bool | None]]:
        """Return the id of each task that is new or has changed, and its success if it has ended."""
        tasks: list[dict[str, Any]] = []
        while True:
            filters = {"timestamp": {"gte": self._newest - self.OVERLAP}}
            body = {"limit": 100, "skip": len(tasks), "filters": filters}
            page = self._http.post("/api/v1/governance/", json=body).json()
            tasks += page["data"]
            if len(tasks) >= page["total"] or len(page["data"]) < 100:
                break
        fresh = [each for each in tasks if (each["_id"], each["updateTimestamp"]) not in self._seen]
        self._seen |= {(each["_id"], each["updateTimestamp"]) for each in fresh}
        self._newest = max([self._newest, *(each["timestamp"] for each in fresh)])
        return [(each["_id"], each.get("status", {}).get("isSuccess")) for each in reversed(fresh)]


def test_a_poll_of_the_log_sees_a_task_when_it_is_queued_and_when_it_ends(shop: Shop, http: httpx.Client) -> None:
    """Over several pages, each state once; the time that a task was made at never changes."""
    poll, casb, tenant = GovernancePoll(http), shop.client.casb, shop.mine.tenant_id
    poll.run()

    def queue() -> str:
        casb.now += 1000
        return casb.governance_log.add(tenant, "DiscoveryParseLogTask", app_id=20595, created_by="ana", label="a.log")

    queued = [queue() for _ in range(130)]
    assert poll.run() == [(each, None) for each in queued]
    for at, each in enumerate(queued):
        casb.now += 10
        casb.governance_log.finish(tenant, each, success=at % 2 == 0, template="X", parameters={})
    later = queue()
    assert poll.run() == [*((each, at % 2 == 0) for at, each in enumerate(queued)), (later, None)]
    assert poll.run() == []
