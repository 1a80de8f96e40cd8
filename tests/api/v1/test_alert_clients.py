"""The calls that public clients make for alerts (api §18, 5, 7, 11 to 13, 18 to 21)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opencasb.store.database import Database
from tests.alerts import alert, alert_id
from tests.api.v1.conftest import BASE, Client
from tests.api.v1.engines import client_of
from tests.api.v1.test_alerts import put
from tests.conftest import NOW


@pytest.fixture
def alerts(client: Client) -> Client:
    """A client with 250 alerts, a second apart."""
    put(client, *(alert(number, severityValue=number % 4) for number in range(1, 251)))
    return client


def test_a_soar_integration_fetches_lists_and_closes(alerts: Client) -> None:
    """GET with a body, no slash after an id, ``reason`` and nulls; it fails if the response has ``alertsNotFound``."""

    def call(method: str, path: str, json: Any = None) -> Any:
        answer = alerts.call(method, f"{BASE}//api/v1{path}", json=json)
        assert answer.status_code == 200
        return answer.json()

    first = call("GET", "/alerts/", {"filters": {"severity": {"eq": 2}}, "skip": "0", "limit": "2"})["data"]
    assert [each["_id"] for each in first] == [alert_id(250), alert_id(246)]
    rules = [entity["label"] for entity in first[0]["entities"] if entity["type"] == "policyRule"]
    services = [entity["label"] for entity in first[0]["entities"] if entity["type"] == "service"]
    assert (rules[0], services[0]) == ("Impossible travel", "Microsoft Exchange Online")
    one = call("GET", f"/alerts/{first[0]['_id']}")
    assert one == first[0]
    optional = {"sendFeedback": None, "feedbackText": None, "allowContact": None, "contactEmail": None}
    body = {"filters": {"id": {"eq": [one["_id"]]}}, "comment": None, "reason": 5, **optional}
    closed = alerts.call("POST", "alerts/close_benign/", json=body)
    assert "alertsNotFound" not in closed.text
    assert closed.json()["closed_benign"] == 1
    custom = {"filters": {"id": {"eq": [alert_id(1)]}}, "comment": "seen", "customFilter": None}
    assert call("POST", "/alerts/resolve/", custom)["resolved"] == 1
    assert call("POST", "/alerts/dismiss_bulk/", {"filters": {"id": {"eq": [alert_id(2)]}}})["dismissed"] == 1


def test_a_soar_client_strips_its_prefix_after_an_error(alerts: Client) -> None:
    """Ids with the prefix ``ca`` are rejected with a text it recognises, so it retries without."""
    prefixed = f"ca{alert_id(7)}"
    assert alerts.call("GET", f"alerts/{prefixed}").status_code == 404
    body = {"filters": {"id": {"eq": [prefixed]}}, "comment": "x", "reasonId": 4}
    refused = alerts.call("POST", "alerts/close_false_positive/", json=body)
    assert refused.status_code == 400
    assert prefixed in "".join(each["error"] for each in refused.json()["errors"])
    body["filters"] = {"id": {"eq": [prefixed.removeprefix("ca")]}}
    assert alerts.post("alerts/close_false_positive/", body) == {"closed_false_positive": 1}


def test_a_collector_follows_the_clock(alerts: Client) -> None:
    """From the last time plus one, ascending, without a sort field or slash: everything once, then nothing."""
    since, seen = NOW - 1_000_000, []
    while True:
        body = {"filters": {"date": {"gte": since}}, "sortDirection": "asc", "limit": 100}
        page = alerts.post("alerts", body)["data"]
        if not page:
            break
        seen += [each["_id"] for each in page]
        since = page[-1]["timestamp"] + 1
    assert seen == [alert_id(number) for number in range(1, 251)]


def test_a_shell_asks_for_the_cap_and_pages_to_the_end(alerts: Client) -> None:
    """``max`` from an empty POST, then ``skip`` until ``hasNext`` is false; all pages but the last are full."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    cap = alerts.call("POST", "alerts/", content=b"null", headers=headers).json()["max"]
    assert cap == 100
    sizes, skip, more = [], 0, True
    while more:
        form = {"skip": str(skip), "limit": str(cap), "filters": '{"severity":{"neq":3}}', "sortField": "date"}
        page = alerts.call("POST", "alerts/", data=form).json()
        sizes.append(len(page["data"]))
        skip, more = skip + cap, page["hasNext"]
    assert sizes == [100, 88]
    beyond = alerts.post("alerts/", {"skip": 10_000})
    assert (beyond["data"], beyond["hasNext"]) == ([], False)


def test_a_shell_marks_and_closes_one_alert_after_the_other(alerts: Client) -> None:
    """Without bodies, by path; scalars in place of lists."""
    for number in (1, 2):
        for action in ("read", "unread", "read"):
            assert alerts.call("POST", f"alerts/{alert_id(number)}/{action}/").status_code == 200
        assert alerts.call("POST", f"alerts/{alert_id(number)}/dismiss/", content=b"").json()["dismissed"] == 1
    closed = alerts.post("alerts/", {"filters": {"resolutionStatus": {"eq": "3"}, "read": {"eq": "true"}}})
    assert [each["_id"] for each in closed["data"]] == [alert_id(2), alert_id(1)]
    one = {"filters": {"id": {"eq": alert_id(1)}}}
    assert alerts.post("alerts/reopen/", one) == {"reopened": 1}
    assert alerts.post("alerts/close_true_positive", one) == {"closed_true_positive": 1}


@pytest.fixture
def anywhere(database: Database, tmp_path: Path) -> Iterator[Client]:
    """A client of an installation with three alerts, once per engine."""
    made = client_of(database, tmp_path)
    put(made, *(alert(number, severityValue=number % 3) for number in (1, 2, 3)))
    yield made
    made.close()


def test_the_flow_is_the_same_on_every_database(anywhere: Client) -> None:
    """List, close, filter by the new state, find the activity by the alert, reopen."""
    given = {"filters": {"severity": {"eq": [1, 2]}}, "sortField": "severity"}
    assert [each["_id"] for each in anywhere.post("alerts/", given)["data"]] == [alert_id(2), alert_id(1)]
    body = {"filters": {"id": {"eq": [alert_id(1), alert_id(3), alert_id(9)]}}, "comment": "x"}
    answer = anywhere.post("alerts/close_true_positive/", body)
    assert answer == {"closed_true_positive": 2, "alertsNotFound": [alert_id(9)]}
    closed = {"filters": {"alertOpen": {"eq": False}, "resolutionDate": {"gte": NOW}, "read": {"eq": True}}}
    assert anywhere.post("alerts/", closed)["total"] == 2
    about = anywhere.post("activities/", {"filters": {"activity.alertId": {"eq": alert_id(3)}}})["data"]
    assert [(each["appId"], each["adallom"]["alertMongoId"]) for each in about] == [(20595, alert_id(3))]
    (types,) = anywhere.get("autocomplete/activity-types/")["records"]
    assert [item["category"] for item in types["items"]] == ["EVENT_CATEGORY_RESOLVE_ALERT"]
    assert anywhere.post("alerts/reopen/", closed) == {"reopened": 2}
    assert anywhere.post("alerts/", closed)["total"] == 0


def test_no_record_has_keys_that_differ_in_case_only(alerts: Client) -> None:
    """A shell's JSON parser ignores case (api §18, 17); records have an id and a time (31)."""
    record = alerts.get(f"alerts/{alert_id(1)}/")
    assert len({name.lower() for name in record}) == len(record)
    assert record.keys() >= {"_id", "timestamp"}


def test_the_scripts_of_the_portal_are_not_here(reader: Client) -> None:
    """404 in JSON (api §15)."""
    assert reader.call("GET", "/cas/constants.js").status_code == 404
