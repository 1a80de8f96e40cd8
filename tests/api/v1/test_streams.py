"""Streams in wire format (api §12.2, §12.7)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.api.v1.streams import iso
from opencasb.model.roles import Role
from opencasb.model.stream import StreamType
from tests.api.v1.conftest import Client


def by_name(client: Client, name: str, **more: Any) -> dict[str, Any]:
    """Return the stream with that name."""
    found: list[dict[str, Any]] = client.get("discovery/streams/", **more)["streams"]
    return next(stream for stream in found if stream["displayName"] == name)


def test_the_global_view_is_always_there_with_all_its_fields(reader: Client) -> None:
    """Clients look it up by name and use its id; its fields combine those of its sources."""
    found, known = by_name(reader, "Global View"), reader.known
    assert found == {
        "_id": known.global_view,
        "displayName": "Global View",
        "streamType": 3,
        "isManual": False,
        "logType": 0,
        "receiverType": "ftp",
        "created": "2025-11-20T11:59:59.000Z",
        "lastModified": "2025-11-20T11:59:59.000Z",
        "lastDataReceived": None,
        "anonymizeUsers": False,
        "anonymizeMachines": False,
        "globalAggregated": True,
        "logFilesHistoryCount": 0,
        "logFilesFailsCount": 0,
        "supportedEntityTypes": [1, 2],
        "supportedTrafficTypes": [],
        "timeFrames": {
            "7": {"usersCount": 4, "ipAddressesCount": 4, "machinesCount": 0},
            "30": {"usersCount": 4, "ipAddressesCount": 4, "machinesCount": 0},
            "90": {"usersCount": 4, "ipAddressesCount": 4, "machinesCount": 0},
        },
        "validTimeFrames": [7, 30, 90],
        "timeFrames2": {},
        "validTimeFrames2": [],
        "readTimeFramesFromSecond": False,
        "timeWithoutLogs": 0,
        "lastAlertProcessingTime": 1763639999000,
        "currentServicesCollectionName": "discovery_services",
        "sourceStreams": found["sourceStreams"],
        "userTags": [],
    }
    assert set(found["sourceStreams"]) == {known.proxy, known.firewall}


def test_a_report_admin_sees_the_whole_global_view_but_no_source_of_it(client: Client) -> None:
    """Its counts are those that everyone sees; the sources stay unnamed."""
    casb, known = client.casb, client.known
    with casb.database.write() as connection:
        key = (known.tenant_id, known.proxy)
        casb.streams.count_file(connection, *key, frozenset({"user", "total_bytes"}), success=True)
    admin = casb.users.create(
        known.tenant_id, "r@contoso.example", Role.CLOUD_DISCOVERY_REPORT_ADMIN, stream_ids=[known.global_view]
    )
    token = casb.identity.credentials.new_api_token(known.tenant_id, admin.user_id, "r").value
    (found,) = client.get("discovery/streams/", by=f"Token {token}")["streams"]
    assert found == {**by_name(client, "Global View"), "sourceStreams": []}
    assert (found["logFilesHistoryCount"], found["supportedTrafficTypes"]) == (1, [1])


def test_a_source_says_where_its_log_comes_from(reader: Client) -> None:
    """The number of the log type, receiver and protocol; optional fields are omitted if absent."""
    firewall, proxy = by_name(reader, "firewall"), by_name(reader, "proxy")
    assert (firewall["logType"], firewall["receiverType"], firewall["protocol"]) == (112, "syslog", "tls")
    assert (proxy["streamType"], proxy["receiverType"], proxy["sourceStreams"]) == (1, "ftp", [])
    assert not {"protocol", "comment", "snapshotData"} & proxy.keys()
    assert proxy["timeFrames"]["7"]["usersCount"] == 3


def test_snapshots_are_reports_of_their_own(client: Client) -> None:
    """They are in the lists of streams and snapshots, without data and outside the global report."""
    casb, tenant_id = client.casb, client.known.tenant_id
    casb.streams.create(tenant_id, "once", StreamType.SNAPSHOT, source="SQUID", comment="a look")
    found = by_name(client, "once")
    assert (found["streamType"], found["snapshotData"], found["comment"]) == (5, True, "a look")
    assert (found["globalAggregated"], found["timeFrames"]) == (False, {})
    snapshots = client.get("discovery/snapshot_reports/")
    assert ([each["displayName"] for each in snapshots["data"]], snapshots["total"]) == (["once"], 1)
    continuous = client.get("discovery/continuous_reports/?sortField=displayName&sortDirection=asc&limit=2")
    assert [each["displayName"] for each in continuous["data"]] == ["Global View", "firewall"]
    assert (continuous["total"], continuous["hasNext"]) == (3, True)


def test_a_snapshot_is_removed(client: Client) -> None:
    """Other streams cannot be removed there, nor by read-only callers."""
    casb, known = client.casb, client.known
    snapshot = casb.streams.create(known.tenant_id, "once", StreamType.SNAPSHOT, source="SQUID")
    path = f"discovery/snapshot_reports/{snapshot.stream_id}/"
    assert client.call("DELETE", path, role=Role.SECURITY_READER).status_code == 403
    assert client.call("DELETE", path).json() == {}
    assert client.get("discovery/snapshot_reports/")["total"] == 0
    assert casb.identity.audit_log.latest(known.tenant_id, 1)[0].action == "snapshot_report.delete"
    for stream_id in (snapshot.stream_id, known.global_view, known.proxy):
        assert client.call("DELETE", f"discovery/snapshot_reports/{stream_id}/").status_code == 404


def test_received_data_are_counted(client: Client) -> None:
    """Parsed and failed files, and the time of the last one, for the source and the global report."""
    casb = client.casb
    stream = casb.streams.get(client.known.tenant_id, client.known.proxy)
    assert stream is not None
    with casb.database.write() as connection:
        casb.streams.count_file(
            connection, stream.tenant_id, stream.stream_id, frozenset({"source_device", "total_bytes"}), success=True
        )
        casb.streams.count_file(
            connection, stream.tenant_id, stream.stream_id, frozenset({"uploaded_bytes"}), success=False
        )
    for name in ("proxy", "Global View"):
        found = by_name(client, name)
        assert (found["logFilesHistoryCount"], found["logFilesFailsCount"]) == (1, 1)
        assert (found["supportedEntityTypes"], found["supportedTrafficTypes"]) == ([1, 2, 3], [1, 3])
        assert found["lastDataReceived"] == "2025-11-20T12:00:00.000Z"


def test_a_scoped_role_sees_its_reports(reader: Client) -> None:
    """The list is silently narrowed (api §2.3)."""
    role = Role.CLOUD_DISCOVERY_REPORT_ADMIN
    assert [each["displayName"] for each in reader.get("discovery/streams/", role=role)["streams"]] == ["firewall"]
    assert reader.get("discovery/continuous_reports/", role=role)["total"] == 1


@pytest.mark.parametrize(("time", "text"), [(0, None), (None, None), (1620914554904, "2021-05-13T14:02:34.904Z")])
def test_dates_have_milliseconds_and_utc(time: int | None, text: str | None) -> None:
    """In the format of api §1.2."""
    assert iso(time) == text
