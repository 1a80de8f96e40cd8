"""Closing and reopening alerts (api §8.7)."""

from __future__ import annotations

from collections.abc import Callable
from json import dumps
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.model.roles import Role
from tests.alerts import alert, alert_id
from tests.api.v1.conftest import Client
from tests.api.v1.test_alerts import put, stream
from tests.conftest import NOW
from tests.filters.test_parse import json, operators

PATH = "alerts/"
NOW_TEXT = "2025-11-20T12:00:00.000Z"
ADMIN_NAME = "global-administrator@contoso.example"
VERDICTS = [("close_benign", 4), ("close_false_positive", 3), ("close_true_positive", 5)]


@pytest.fixture
def alerts(client: Client) -> Client:
    """A client with three open alerts; the third is a discovery alert."""
    put(client, alert(1), alert(2, severityValue=2), alert(3, stories=[4], entities=stream(client.known.proxy)))
    return client


def of(*numbers: int, **more: Any) -> dict[str, Any]:
    """Return a body that selects alerts by number."""
    return {"filters": {"id": {"eq": [alert_id(number) for number in numbers]}}, **more}


def states(client: Client) -> list[int]:
    """Return the resolution status of the three alerts."""
    return [client.get(f"{PATH}{alert_id(number)}/")["resolutionStatusValue"] for number in (1, 2, 3)]


def activities(client: Client) -> list[dict[str, Any]]:
    """Return the activities written on closing, oldest first."""
    tenant_id, stored = client.known.tenant_id, client.casb.activities
    rows = stored.page(tenant_id, order="timestamp", ascending=True)
    return list(stored.many(tenant_id, [row.record_id for row in rows]).values())


@pytest.mark.parametrize(("name", "status"), VERDICTS)
@pytest.mark.parametrize("slash", ["/", ""])
def test_a_verdict_closes_what_the_filters_find(alerts: Client, name: str, status: int, slash: str) -> None:
    """The count, no ``alertsNotFound``; the alert has verdict, comment, user and time; one activity is written."""
    counter = name.replace("close", "closed")
    assert alerts.post(f"{PATH}{name}{slash}", of(1, comment="two\nlines")) == {counter: 1}
    assert alerts.get(f"{PATH}{alert_id(1)}/") == {
        **alert(1),
        "statusValue": 1,
        "resolutionStatusValue": status,
        "comment": "two\nlines",
        "handledByUser": ADMIN_NAME,
        "resolveTime": NOW_TEXT,
        "URL": f"https://localhost:8443/#/alerts/{alert_id(1)}",
    }
    (written,) = activities(alerts)
    assert (written["appId"], written["eventType"]) == (20595, 917543 if status == 5 else 917544)
    assert (written["adallom"]["alertMongoId"], written["adallom"]["comment"]) == (alert_id(1), "two\nlines")
    assert written["adallom"]["handledByUser"] == ADMIN_NAME
    tenant = alerts.casb.tenants.get(alerts.known.tenant_id)
    assert tenant is not None
    assert written["aadTenantId"] == tenant.guid


@pytest.mark.parametrize(("name", "status"), VERDICTS)
def test_a_verdict_closes_one_alert_by_its_path(alerts: Client, name: str, status: int) -> None:
    """The same counters; without a body; an unknown or malformed id is not found."""
    counter = name.replace("close", "closed")
    assert alerts.post(f"{PATH}{alert_id(2).upper()}/{name}/") == {counter: 1}
    assert states(alerts) == [0, status, 0]
    assert activities(alerts)[0]["adallom"]["alertBulk"] is False
    assert alerts.post(f"{PATH}{alert_id(2)}/{name}/", {"comment": "again"}) == {counter: 0}
    for wrong in (alert_id(9), f"ca{alert_id(1)}", "x"):
        assert alerts.call("POST", f"{PATH}{wrong}/{name}/").status_code == 404


def test_what_is_not_there_is_told_as_it_was_spelled(alerts: Client) -> None:
    """They are reported whether none are found or only some (api §8.7)."""
    missing = [alert_id(9), alert_id(8).upper()]
    body = {"filters": {"ID": {"eq": missing}}}
    assert alerts.post(f"{PATH}close_benign/", body) == {"closed_benign": 0, "alertsNotFound": missing}
    body = {"filters": {"id": {"eq": [missing[0], alert_id(1), alert_id(2)]}}}
    assert alerts.post(f"{PATH}close_benign/", body) == {"closed_benign": 2, "alertsNotFound": missing[:1]}
    assert states(alerts) == [4, 4, 0]


def test_the_same_verdict_again_is_not_counted_and_another_is(alerts: Client) -> None:
    """Neither verdict counts as "not found"."""
    alerts.post(f"{PATH}close_benign/", of(1, comment="first"))
    assert alerts.post(f"{PATH}close_benign/", of(1, comment="second")) == {"closed_benign": 0}
    assert alerts.get(f"{PATH}{alert_id(1)}/")["comment"] == "first"
    assert alerts.post(f"{PATH}close_true_positive/", of(1, 2)) == {"closed_true_positive": 2}
    assert states(alerts) == [5, 5, 0]
    assert alerts.get(f"{PATH}{alert_id(1)}/")["comment"] == ""
    assert len(activities(alerts)) == 3


def test_any_filter_closes_all_that_match(alerts: Client) -> None:
    """An id excluded by other filters is not reported as missing."""
    assert alerts.post(f"{PATH}close_benign/", {"filters": {"severity": {"eq": 2}}}) == {"closed_benign": 1}
    body = of(1, 2)
    body["filters"]["severity"] = {"eq": 1}
    assert alerts.post(f"{PATH}close_false_positive/", body) == {"closed_false_positive": 1}
    body = {"filters": {"alertOpen": {"eq": True}, "date": {"lte": NOW}}}
    assert alerts.post(f"{PATH}close_true_positive/", body) == {"closed_true_positive": 1}
    assert states(alerts) == [3, 4, 5]
    for name in ("id", "severity", "resolutionStatus"):
        assert alerts.post(f"{PATH}close_benign/", {"filters": {name: {"eq": []}}}) == {"closed_benign": 0}


def test_an_unknown_filter_closes_nothing_where_it_finds_nothing(open_client: Callable[..., Client]) -> None:
    """This applies if upstream is to be imitated exactly."""
    client = open_client(unknown_filters="empty")
    put(client, alert(1))
    body = {"filters": {"colour": {"eq": 1}, "date": {"gte": 0}}}
    assert client.post(f"{PATH}close_benign/", body) == {"closed_benign": 0}


@pytest.mark.parametrize(
    "filters",
    [
        *(None, {}, "{}", {"id": None}, {"id": {}}, {"date": {"lte": None}}, {"scanCursor": None}),
        *({"id": {"neq": []}}, {"entity.entity": {"neq": []}, "severity": {"neq": []}}),
    ],
)
@pytest.mark.parametrize("name", ["close_benign", "close_true_positive", "dismiss_bulk", "resolve", "reopen"])
def test_without_a_filter_nothing_is_closed(alerts: Client, name: str, filters: Any) -> None:
    """400, so that not everything is closed by accident."""
    body = {"comment": "x"} if filters is None else {"filters": filters}
    said = alerts.refusal(400, f"{PATH}{name}/", body)
    assert said.startswith(("filters: at least one is required", "scanCursor: "))
    assert states(alerts) == [0, 0, 0]


def test_with_another_condition_the_list_of_exceptions_may_be_empty(alerts: Client) -> None:
    """Only the other condition counts then, as in a list."""
    body = {"filters": {"severity": {"eq": 2}, "id": {"neq": []}}}
    assert alerts.post(f"{PATH}close_benign/", body) == {"closed_benign": 1}


def test_a_place_in_a_list_chooses_nothing(alerts: Client) -> None:
    """The filters of a next page would close the alerts of all pages, because a closing has no pages."""
    page = alerts.post(PATH, {"isScan": True, "limit": 2, "filters": {"severity": {"neq": 7}}})
    said = alerts.refusal(400, f"{PATH}close_benign/", {"filters": page["nextQueryFilters"]})
    assert said.startswith("filters.scanCursor: ")
    assert states(alerts) == [0, 0, 0]


@pytest.mark.parametrize("wrong", [f"ca{alert_id(1)}", "x", "", 5, None, {}])
@pytest.mark.parametrize("operator", ["eq", "neq"])
def test_a_malformed_id_is_refused_in_both_forms(alerts: Client, wrong: Any, operator: str) -> None:
    """A client strips a prefix from its ids and retries (api §18, 21)."""
    body = {"filters": {"id": {operator: [alert_id(1), wrong]}}}
    answer = alerts.call("POST", f"{PATH}close_benign/", json=body)
    assert answer.status_code == 400
    assert answer.json()["filters"][0]["errorMessageCode"] == "CONSOLE_FORMS_NOT_VALID_VALUE"
    assert answer.json()["errors"][0]["error"].startswith("filter 'id', operator")
    assert states(alerts) == [0, 0, 0]


def test_at_most_a_hundred_ids_are_taken(alerts: Client) -> None:
    """More are rejected; duplicates count once (api §4.2)."""
    assert alerts.refusal(400, f"{PATH}close_benign/", of(*range(101))).startswith("filters.id: 101 alerts are asked")
    assert states(alerts) == [0, 0, 0]
    answer = alerts.post(f"{PATH}close_benign/", of(*range(100), *range(100)))
    assert (answer["closed_benign"], len(answer["alertsNotFound"])) == (3, 97)


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("close_benign", {"reasonId": 5}, (5, "Confirmed with end user")),
        ("close_benign", {"reasonId": "6"}, (6, "Triggered by test")),
        ("close_benign", {"reasonID": 2}, (2, "Actual severity is lower")),
        ("close_benign", {"reason": 2}, (2, "Actual severity is lower")),
        ("close_benign", {"reasonId": None, "reason": 1}, (4, "Other")),
        ("close_benign", {"reasonId": 99}, (4, "Other")),
        ("close_benign", {"reasonId": 6.0}, (6, "Triggered by test")),
        ("close_benign", {"reasonId": 5.5}, (4, "Other")),
        ("close_true_positive", {"reasonId": 5.5}, (None, None)),
        ("close_benign", {}, (None, None)),
        ("close_false_positive", {"reasonId": 0, "reason": 3}, (0, "Not of interest")),
        ("close_false_positive", {"reason": "Alert is not accurate"}, (3, "Alert is not accurate")),
        ("close_true_positive", {"reasonId": 1}, (None, None)),
    ],
)
def test_the_reason_is_kept(
    alerts: Client, name: str, given: dict[str, Any], reason: tuple[int | None, str | None]
) -> None:
    """Under either name; one that does not fit the verdict counts as ``Other``."""
    alerts.post(f"{PATH}{name}/", of(1, **given))
    said = activities(alerts)[0]["adallom"]
    assert (said["reasonId"], said["reason"]) == reason


def test_feedback_is_kept(alerts: Client) -> None:
    """With consent and address, in the activity."""
    feedback = {"sendFeedback": True, "feedbackText": "noise", "allowContact": "true", "contactEmail": "a@b.example"}
    alerts.post(f"{PATH}close_false_positive/", of(1, **feedback))
    said = activities(alerts)[0]["adallom"]
    assert (said["sendFeedback"], said["feedback"]) == (True, "noise")
    assert (said["allowContact"], said["contact_email"]) == (True, "a@b.example")


@pytest.mark.parametrize("encoding", ["json", "json as a form", "form", "multipart", "query"])
def test_a_closing_takes_every_encoding(alerts: Client, encoding: str) -> None:
    """Forms have no numbers or booleans, and their filters are JSON text (api §3.1)."""
    given = of(
        1, comment="two\nlines & a \u041f", reasonId=6, sendFeedback=True, feedbackText="a=b", allowContact=False
    )
    fields = {name: value if isinstance(value, str) else dumps(value) for name, value in given.items()}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    sent: dict[str, dict[str, Any]] = {
        "json": {"json": given},
        "json as a form": {"content": dumps(given, ensure_ascii=False), "headers": form},
        "form": {"data": fields},
        "multipart": {"files": {name: (None, value) for name, value in fields.items()}},
        "query": {"params": fields},
    }
    answer = alerts.call("POST", f"{PATH}close_benign/", **sent[encoding])
    assert (answer.status_code, answer.json()) == (200, {"closed_benign": 1})
    said = activities(alerts)[0]["adallom"]
    assert (said["comment"], said["reasonId"], said["feedback"]) == (given["comment"], 6, "a=b")
    assert (said["sendFeedback"], said["allowContact"]) == (True, False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"comment": 5}, "comment: text of at most 10000 characters is expected"),
        ({"comment": "x" * 10_001}, "comment: text of at most"),
        ({"feedbackText": []}, "feedbackText: text"),
        ({"sendFeedback": "maybe"}, "sendFeedback: true or false is expected"),
        ({"reasonId": []}, "reasonId: the number of a reason is expected"),
        ({"reasonId": True}, "reasonId: the number of a reason is expected"),
        ({"filters": []}, "filters: at least one is required"),
        ({"filters": [1]}, "filters: an object is expected"),
        ({"filters": {"alertOpen": {"eq": True}, "severity": {}}}, "filters.severity: a condition is required"),
        ({"filters": {"alertOpen": {"eq": True}, "ID": None}}, "filters.ID: a condition is required"),
        ({"filters": {"alertOpen": {"eq": True}, "date": {"lte": None}}}, "filters.date: null is not a time"),
        ({"filters": {"date": {"range": [{"start": None, "end": None}]}}}, "filters.date: null is not a time"),
        ({"filters": {"date": {"range": {"start": 1, "end": None}}}}, "filters.date: null is not a time"),
        ({"filters": {"resolutionDate": {"range": [{}]}}}, "filters.resolutionDate: null is not a time"),
        ({"filters": {"bogus": {"eq": 1}}}, "filter 'bogus' is unknown"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_changed(alerts: Client, given: dict[str, Any], said: str) -> None:
    """400 with the field."""
    assert alerts.refusal(400, f"{PATH}close_benign/", {**of(1), **given}).startswith(said)
    assert states(alerts) == [0, 0, 0]


def test_older_calls_are_mapped_to_newer_ones(alerts: Client) -> None:
    """Dismissed means false positive, resolved true positive; the responses have both counters."""
    missing = {"alertsNotFound": [alert_id(9)]}
    dismissed = alerts.post(f"{PATH}dismiss_bulk/", of(1, 9, comment="x"))
    assert dismissed == {"dismissed": 1, "closed_false_positive": 1, **missing}
    assert alerts.post(f"{PATH}{alert_id(2)}/dismiss/", {"comment": "x"}) == {
        "dismissed": 1,
        "closed_false_positive": 1,
    }
    assert alerts.post(f"{PATH}resolve", of(3)) == {"resolved": 1, "closed_true_positive": 1}
    assert states(alerts) == [3, 3, 5]
    assert alerts.call("POST", f"{PATH}{alert_id(9)}/dismiss/").status_code == 404


def test_alerts_are_reopened(alerts: Client) -> None:
    """Verdict, comment, user and time are removed; an open one is not counted."""
    alerts.post(f"{PATH}close_benign/", of(1, 2, comment="x"))
    assert alerts.post(f"{PATH}reopen/", of(1, 3)) == {"reopened": 1}
    assert alerts.get(f"{PATH}{alert_id(1)}/") == {
        **alert(1),
        "statusValue": 1,
        "URL": f"https://localhost:8443/#/alerts/{alert_id(1)}",
    }
    assert alerts.post(f"{PATH}reopen/", of(9)) == {"reopened": 0, "alertsNotFound": [alert_id(9)]}
    assert states(alerts) == [0, 4, 0]


def test_rights_decide_what_can_be_closed(alerts: Client) -> None:
    """Readers close nothing; discovery permissions alone silently limit closing to discovery alerts (api §2.3)."""
    for role in (Role.SECURITY_READER, Role.GLOBAL_READER, Role.CLOUD_DISCOVERY_REPORT_ADMIN):
        for name in ("close_benign", "resolve", "reopen", f"{alert_id(3)}/dismiss"):
            assert alerts.call("POST", f"{PATH}{name}/", json=of(3), role=role).status_code == 403
    discovery = Role.CLOUD_DISCOVERY_GLOBAL_ADMIN
    answer = alerts.post(f"{PATH}close_benign/", of(1, 3), role=discovery)
    assert answer == {"closed_benign": 1, "alertsNotFound": [alert_id(1)]}
    assert alerts.call("POST", f"{PATH}{alert_id(1)}/dismiss/", role=discovery).status_code == 404
    everything = {"filters": {"date": {"gte": 0}}}
    assert alerts.post(f"{PATH}close_true_positive/", everything, role=discovery) == {"closed_true_positive": 1}
    assert states(alerts) == [0, 0, 5]
    assert alerts.post(f"{PATH}close_benign/", of(1), role=Role.SECURITY_OPERATOR) == {"closed_benign": 1}


def test_seeing_everything_is_not_closing_everything(alerts: Client) -> None:
    """With read permission for all alerts and manage permission for discovery, only discovery alerts are closed."""
    application = alerts.bearer("investigation.read", "discovery.manage")
    assert alerts.post(PATH, by=application)["total"] == 3
    answer = alerts.post(f"{PATH}close_benign/", of(1, 3), by=application)
    assert answer == {"closed_benign": 1, "alertsNotFound": [alert_id(1)]}
    assert alerts.get(f"{PATH}{alert_id(3)}/")["handledByUser"] == "script"


def test_another_tenants_alerts_do_not_exist(alerts: Client) -> None:
    """They are found neither by id nor by filter."""
    answer = alerts.post(f"{PATH}close_benign/", of(1), by=alerts.known.stranger)
    assert answer == {"closed_benign": 0, "alertsNotFound": [alert_id(1)]}
    everything = {"filters": {"date": {"gte": 0}}}
    assert alerts.post(f"{PATH}close_benign/", everything, by=alerts.known.stranger) == {"closed_benign": 0}
    assert states(alerts) == [0, 0, 0]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["close_benign/", "dismiss_bulk/", "resolve/", "reopen/", f"{alert_id(1)}/close_true_positive/"]),
    st.dictionaries(st.sampled_from(["comment", "reasonId", "reason", "sendFeedback", "contactEmail"]), json),
    st.dictionaries(st.sampled_from(["id", "ID", "date", "read", "scanCursor", "entity.ip"]), json | operators),
)
def test_any_parameters_are_answered(
    reader: Client, path: str, given_: dict[str, Any], filters: dict[str, Any]
) -> None:
    """For any JSON in any parameter and filter."""
    import json as standard

    content = standard.dumps({**given_, "filters": filters}).encode()
    assert reader.call("POST", f"{PATH}{path}", content=content).status_code in {200, 400, 404}
