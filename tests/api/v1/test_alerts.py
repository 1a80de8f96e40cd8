"""Alerts: list, single alert, and read state (api §8.2, §8.5, §8.6)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.alert_columns import record
from opencasb.activities.entity_columns import record as entity_record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.people import ScannedEntities
from opencasb.model.roles import Role
from tests.alerts import alert, alert_id
from tests.api.v1.conftest import BASE, Client
from tests.conftest import NOW

PATH = "alerts/"


def put(client: Client, *alerts: dict[str, Any]) -> None:
    """Store alerts."""
    client.casb.alerts.put(client.known.tenant_id, [record(each) for each in alerts])


def stream(stream_id: str) -> list[dict[str, Any]]:
    """Return the entities of an alert about a report."""
    return [{"type": "discovery_stream", "id": stream_id, "label": "report"}]


@pytest.fixture
def alerts(client: Client) -> Client:
    """A client with five alerts: two threats, two discovery alerts in one report each, and one of both kinds."""
    put(
        client,
        alert(1, severityValue=3, resolutionStatusValue=4),
        alert(2, severityValue=0),
        alert(3, severityValue=2, stories=[4], entities=stream(client.known.proxy)),
        alert(4, severityValue=1, stories=[4], entities=stream(client.known.firewall)),
        alert(5, severityValue=2, stories=[0, 4]),
    )
    return client


def numbers(client: Client, given: dict[str, Any] | None = None, **more: Any) -> list[int]:
    """Return the numbers of the alerts on a page."""
    return [int(each["_id"][-2:], 16) for each in client.post(PATH, given, **more)["data"]]


def test_a_record_is_as_it_was_stored_with_its_address(alerts: Client) -> None:
    """The URL of its page on the requested server, and the five keys of the envelope."""
    page = alerts.post(PATH, {"limit": 1})
    link = f"{BASE}/#/alerts/{alert_id(5)}"
    assert page.pop("data") == [{**alert(5, severityValue=2, stories=[0, 4]), "URL": link}]
    assert page == {"total": 5, "hasNext": True, "max": 1, "moreThanTotal": False}


def test_who_chose_no_severity_gets_any(alerts: Client) -> None:
    """A connector fetches with empty lists where its user chose nothing; other empty lists match nothing (api §6.1)."""
    since = {"date": {"gte": 0}}
    nothing: dict[str, Any] = {"severity": {"eq": []}, "resolutionStatus": {"eq": []}}
    assert numbers(alerts, {"filters": {**since, **nothing}, "sortDirection": "asc"}) == [1, 2, 3, 4, 5]
    assert numbers(alerts, {"filters": {**nothing, "severity": {"eq": [2]}}, "sortDirection": "asc"}) == [3, 5]
    assert numbers(alerts, {"filters": {**since, "id": {"eq": []}}}) == []
    but_two = {"filters": {"severity": {"eq": [], "neq": [2]}}, "sortDirection": "asc"}
    assert numbers(alerts, but_two) == [1, 2, 4]


def test_counting_stops_some_records_behind_the_page(alerts: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of five alerts, two are counted beyond a page of one, so the first two pages have a lower total."""
    monkeypatch.setattr("opencasb.api.v1.record_list.COUNTED_AHEAD", 2)
    pages = [alerts.post(PATH, {"limit": 1, "skip": skip}) for skip in range(4)]
    assert [(page["total"], page["moreThanTotal"]) for page in pages] == [(3, True), (4, True), (5, False), (5, False)]


def test_the_address_is_the_configured_one(open_client: Any) -> None:
    """The host that the client used does not matter."""
    client = open_client(public_url="https://casb.example.org")
    put(client, alert(1))
    assert client.get(f"{PATH}{alert_id(1)}/")["URL"] == f"https://casb.example.org/#/alerts/{alert_id(1)}"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, [5, 4, 3, 2, 1]),
        ({"sortDirection": "asc"}, [1, 2, 3, 4, 5]),
        ({"sortField": "severity"}, [5, 3, 4, 2, 1]),
        ({"sortField": "status", "sortDirection": "asc"}, [2, 3, 4, 5, 1]),
        ({"sortField": "whatever"}, [5, 4, 3, 2, 1]),
        ({"filters": {"severity": {"eq": 2}}}, [5, 3]),
        ({"filters": {"alertOpen": {"eq": False}}}, [1]),
        ({"filters": {"ID": {"eq": [alert_id(2), alert_id(9)]}}}, [2]),
        ({"filters": {"entity.ip": {"eq": "192.0.2.0/24"}}}, [5, 2, 1]),
        ({"filters": {"entity.service": {"eq": [20893]}, "risk": {"neq": [4]}}}, [2, 1]),
        ({"filters": {"source": {"eq": "built-in"}}, "limit": 2, "skip": 4}, [1]),
    ],
)
def test_a_list_is_sorted_and_filtered(alerts: Client, given: dict[str, Any] | None, expected: list[int]) -> None:
    """By date, severity (high before medium, low and informational) and resolution status."""
    assert numbers(alerts, given) == expected


def test_a_small_scan_stays_small(alerts: Client) -> None:
    """A page limit applies to alerts, unlike activities; above it, the scan limit applies (api §4.4)."""
    page = alerts.post(PATH, {"isScan": True, "limit": 2})
    assert ([each["_id"] for each in page["data"]], page["max"]) == ([alert_id(5), alert_id(4)], 2)
    limits = [alerts.post(PATH, {"isScan": True, "limit": limit})["max"] for limit in (0, 100, 101, 9999)]
    assert limits == [500, 100, 500, 5000]


def test_a_user_stands_for_the_users_accounts(alerts: Client) -> None:
    """In filters of lists and of closing (api §6.6)."""
    tenant_id, guid = alerts.known.tenant_id, "3b0f4c3e-0000-4000-8000-0000000000aa"
    ana = {"id": guid, "appId": 11161, "email": "ana@example.org", "displayName": "Ana Silva"}
    github = {"id": "ana-s", "appId": 38536, "email": "ana@example.org", "displayName": "ana"}
    scanned = [entity_record(entities_from(each, tenant_id, NOW)) for each in (ana, github)]
    ScannedEntities(alerts.casb.database, alerts.casb.clock).put(tenant_id, scanned)
    put(alerts, alert(6, entities=[{"type": "account", "id": "ana-s", "saas": 38536, "inst": 0}]))
    given = {"filters": {"entity.entity": {"eq": [{"id": guid, "inst": 0}]}}}
    assert numbers(alerts, given) == [6, 5, 2, 1]
    assert numbers(alerts, {"filters": {"entity.entity": {"eq": [{"id": "ana-s"}]}}}) == [6]
    assert alerts.post(f"{PATH}close_benign/", given) == {"closed_benign": 3}


def test_an_alert_is_fetched_and_stays_unread(alerts: Client) -> None:
    """By both methods, with and without a slash, in any case; unknown ids are not found."""
    found = alerts.get(f"{PATH}{alert_id(2)}/")
    assert found == alerts.post(f"{PATH}{alert_id(2)}") == alerts.get(f"/cas/api/v1/alerts/{alert_id(2).upper()}/")
    assert found["statusValue"] == 0
    for wrong in (alert_id(9), f"ca{alert_id(2)}", "x", "%00", "f" * 3000):
        assert alerts.call("GET", f"{PATH}{wrong}/").status_code == 404


@pytest.mark.parametrize("content", [b"", b"null", b"{}", None])
def test_reading_is_noted_and_taken_back(alerts: Client, content: bytes | None) -> None:
    """Whatever body is sent; repeating it is not an error; unknown ids are not found (api §8.6)."""
    one = f"{PATH}{alert_id(2)}/"
    for name, status in (("read/", 1), ("read", 1), ("unread/", 0)):
        assert alerts.call("POST", f"{one}{name}", content=content).json() == {}
        assert alerts.get(one)["statusValue"] == status
    assert alerts.call("POST", f"{PATH}{alert_id(9)}/read/", content=content).status_code == 404
    assert alerts.call("POST", f"{PATH}ca{alert_id(2)}/unread/", content=content).status_code == 404


def test_rights_of_discovery_alone_open_alerts_of_discovery(alerts: Client) -> None:
    """Silently; a report admin gets those of their own reports (api §2.3)."""
    assert numbers(alerts, role=Role.SECURITY_READER) == [5, 4, 3, 2, 1]
    assert numbers(alerts, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN) == [5, 4, 3]
    assert numbers(alerts, role=Role.CLOUD_DISCOVERY_REPORT_ADMIN) == [4]
    other = {"filters": {"risk": {"eq": 0}}}
    assert numbers(alerts, other, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN) == [5]
    seen = [
        alerts.call("GET", f"{PATH}{alert_id(number)}/", role=Role.CLOUD_DISCOVERY_REPORT_ADMIN).status_code
        for number in (1, 3, 4)
    ]
    assert seen == [404, 404, 200]
    read = alerts.call("POST", f"{PATH}{alert_id(1)}/read/", role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN)
    assert read.status_code == 404
    assert numbers(alerts, role=Role.USER_GROUP_ADMIN) == []


def test_another_tenant_has_other_alerts(alerts: Client) -> None:
    """None of these."""
    assert alerts.post(PATH, by=alerts.known.stranger)["total"] == 0
    for path in (f"{PATH}{alert_id(1)}/", f"{PATH}{alert_id(1)}/read/"):
        assert alerts.call("POST", path, by=alerts.known.stranger).status_code == 404


def test_wrong_filters_are_named(alerts: Client) -> None:
    """In both formats that clients read."""
    answer = alerts.call("POST", PATH, json={"filters": {"severity": {"eq": "banana"}}})
    assert answer.status_code == 400
    assert answer.json()["filters"][0]["error"] == "banana is not valid"
    assert "banana" in answer.json()["errors"][0]["error"]


def test_times_are_those_of_the_alert(alerts: Client) -> None:
    """Date filters include both ends."""
    between = {"range": [{"start": NOW - 1_000_000 + 2000, "end": NOW - 1_000_000 + 4000}]}
    assert numbers(alerts, {"filters": {"date": between}}) == [4, 3, 2]
