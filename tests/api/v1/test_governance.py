"""The governance log (api §14)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.conftest import NOW

PATH = "governance/"
SUCCESS = "REPOOPER_COMPLETION_STATUS_BASELOGPARSER_PARSED_LOG_FILE_ALL_RELEVANT"


@pytest.fixture
def log(client: Client) -> Client:
    """A client with four tasks, a second apart: done, failed, pending, and one of another kind."""
    casb, known = client.casb, client.known
    tasks = [
        ("DiscoveryParseLogTask", known.proxy, True),
        ("DiscoveryParseLogTask", known.firewall, False),
        ("DiscoveryAggregationsTask", known.proxy, None),
        ("SuspendUserTask", None, True),
    ]
    for name, stream_id, success in tasks:
        casb.now += 1000
        app_id = 11161 if stream_id is None else 20595
        task_id = casb.governance_log.add(
            known.tenant_id, name, stream_id=stream_id, app_id=app_id, created_by="ana", label="a.log"
        )
        if success is not None:
            casb.now += 60
            parameters = {"transactionsCount": 1204, "cloudServicesCount": 37}
            casb.governance_log.finish(
                known.tenant_id, task_id, success=success, template=SUCCESS, parameters=parameters
            )
    return client


def names(client: Client, filters: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Return the task names on a page."""
    return [
        task["taskName"].removeprefix("Discovery") for task in client.post(PATH, {"filters": filters}, **more)["data"]
    ]


def test_a_record_has_the_names_that_clients_read(log: Client) -> None:
    """The status is absent while a task is pending; the time of creation never changes."""
    *_, failed, done = log.post(PATH)["data"]
    assert done == {
        "_id": done["_id"],
        "taskName": "DiscoveryParseLogTask",
        "timestamp": NOW + 1000,
        "updateTimestamp": NOW + 1060,
        "inputStreamId": log.known.proxy,
        "appId": 20595,
        "instanceId": 0,
        "policyId": None,
        "createdBy": "ana",
        "isAutomatic": False,
        "targetObject": {"type": "discovery_stream", "id": log.known.proxy, "label": "a.log"},
        "status": {
            "isSuccess": True,
            "templateMessage": {
                "template": SUCCESS,
                "parameters": {"transactionsCount": 1204, "cloudServicesCount": 37},
            },
        },
    }
    assert failed["status"]["isSuccess"] is False
    assert "status" not in log.post(PATH)["data"][1]
    assert log.get(f"{PATH}{done['_id']}/") == log.post(f"{PATH}{done['_id'].upper()}") == done


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, ["SuspendUserTask", "AggregationsTask", "ParseLogTask", "ParseLogTask"]),
        ({"timestamp": {"gte": NOW + 3000}}, ["SuspendUserTask", "AggregationsTask"]),
        ({"timestamp": {"range": [{"start": NOW, "end": NOW + 1000}]}}, ["ParseLogTask"]),
        ({"timestamp": {"lte": "2025-11-20T12:00:02.060Z"}}, ["ParseLogTask", "ParseLogTask"]),
        ({"timestamp": {"gte_ndays": 1}, "type": {"eq": ["SuspendUserTask"]}}, ["SuspendUserTask"]),
        ({"taskName": {"eq": "DiscoveryAggregationsTask"}}, ["AggregationsTask"]),
        ({"status": {"eq": None}}, ["AggregationsTask"]),
        ({"status": {"eq": "false"}}, ["ParseLogTask"]),
        ({"status": {"neq": [True, None]}}, ["ParseLogTask"]),
        ({"appId": {"eq": 11161}}, ["SuspendUserTask"]),
        ({"appId": {"neq": "20595"}}, ["SuspendUserTask"]),
        ({"appId": {"eq": 2**62}}, []),
    ],
)
def test_filters_narrow_the_log(log: Client, filters: dict[str, Any] | None, expected: list[str]) -> None:
    """Every filter of api §14, newest first."""
    assert names(log, filters) == expected


def test_the_log_is_sorted_by_time_both_ways(log: Client) -> None:
    """By ``GET`` and ``POST`` alike."""
    ascending = log.get(f"{PATH}?sortField=timestamp&sortDirection=asc")["data"]
    assert ascending == log.post(PATH)["data"][::-1]


def test_callers_see_what_their_rights_and_reports_allow(log: Client) -> None:
    """Discovery permissions alone show discovery tasks; a report admin sees those of their own reports (api §2.3)."""
    assert names(log, role=Role.SECURITY_READER)[0] == "SuspendUserTask"
    assert names(log, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN) == ["AggregationsTask", "ParseLogTask", "ParseLogTask"]
    assert names(log, role=Role.CLOUD_DISCOVERY_REPORT_ADMIN) == ["ParseLogTask"]
    every = log.post(PATH)["data"]
    seen = [
        log.call("GET", f"{PATH}{task['_id']}/", role=Role.CLOUD_DISCOVERY_REPORT_ADMIN).status_code for task in every
    ]
    assert seen == [404, 404, 200, 404]


@pytest.mark.parametrize("task_id", ["x", "f" * 24, "%00", "f" * 3000])
def test_an_unknown_task_is_not_found(reader: Client, task_id: str) -> None:
    """Whatever the id."""
    assert reader.call("GET", f"{PATH}{task_id}/").status_code == 404
