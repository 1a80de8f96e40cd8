"""The root, the report and the streams."""

from __future__ import annotations

import pytest

from opencasb.model.stream import StreamType
from tests.api.graph.standin import (
    BASE,
    EMPTY,
    ENDPOINTS,
    FUNCTION,
    GLOBAL,
    STREAMS,
    Api,
    Casb,
    scoped,
    stream,
)
from tests.conftest import NOW

REPORT = STREAMS.rpartition("/")[0]
ROOT = REPORT.rpartition("/")[0]


def test_the_root_and_the_report_can_be_walked(shared_api: Api) -> None:
    """The root leads to the report, and the report to the streams, each if expanded."""
    expanded_root = {"@odata.type": "#microsoft.graph.security.dataDiscoveryRoot", "id": "dataDiscovery"}
    assert shared_api.get("/beta/security?$expand=dataDiscovery").json()["dataDiscovery"] == expanded_root
    assert shared_api.get(ROOT).json()["id"] == "dataDiscovery"
    assert shared_api.get(f"{ROOT}?$select=id&$expand=cloudAppDiscovery").json()["cloudAppDiscovery"] == {
        "@odata.type": "#microsoft.graph.security.dataDiscoveryReport",
        "id": "cloudAppDiscovery",
    }
    assert set(shared_api.get(REPORT).json()) == {"@odata.context", "@odata.type", "id"}
    expanded = shared_api.get(f"{REPORT}?$expand=uploadedStreams($select=displayName)").json()["uploadedStreams"]
    assert [each["displayName"] for each in expanded] == ["Laptops", "Branch office", "Global View"]


def test_a_stream_shows_all_its_properties(shared_api: Api) -> None:
    """Every property of the type is present, null if unknown."""
    body = shared_api.get(f"{STREAMS}/{ENDPOINTS}").json()
    assert body == {
        "@odata.context": f"{BASE}/beta/$metadata#security/dataDiscovery/cloudAppDiscovery/uploadedStreams/$entity",
        "@odata.type": "#microsoft.graph.security.cloudAppDiscoveryReport",
        "id": ENDPOINTS,
        "displayName": "Laptops",
        "description": "All laptops",
        "createdDateTime": "2025-08-08T08:00:00Z",
        "lastModifiedDateTime": "2025-08-19T21:46:40Z",
        "lastDataReceivedDateTime": None,
        "isSnapshotReport": False,
        "anonymizeUserData": False,
        "anonymizeMachineData": False,
        "logDataProvider": "microsoftDefenderForEndpoint",
        "logFileCount": 0,
        "receiverProtocol": None,
        "supportedEntityTypes": ["userName", "ipAddress", "machineName"],
        "supportedTrafficTypes": ["uploadedBytes"],
    }


def test_the_global_view_shows_what_its_sources_have(installation: Casb) -> None:
    """Files are summed and the newest data count, in the list and alone; only endpoint streams have devices."""
    installation.streams.held = [
        stream(GLOBAL, "Global View", StreamType.VIEW, has_users=False, has_uploaded_bytes=False),
        stream(ENDPOINTS, "Laptops", has_devices=True, log_files=2, last_data_received=NOW),
        stream(EMPTY, "Branch office", log_files=3, last_data_received=NOW - 5),
        stream("f" * 24, "Apart", log_files=7, global_aggregated=False),
    ]
    api = Api(installation)
    alone = api.get(f"{STREAMS}/{GLOBAL}").json()
    assert (alone["logFileCount"], alone["lastDataReceivedDateTime"]) == (5, "2025-11-20T12:00:00Z")
    assert alone["supportedEntityTypes"] == ["userName", "ipAddress"]
    assert alone["supportedTrafficTypes"] == ["downloadedBytes", "uploadedBytes"]
    listed = next(each for each in api.get(STREAMS).json()["value"] if each["id"] == GLOBAL)
    assert listed == {name: value for name, value in alone.items() if name != "@odata.context"}


def test_streams_come_in_the_order_that_consumers_rely_on(installation: Casb) -> None:
    """Endpoints first, because some take only the first, then by name, snapshots last.

    The global one only if enabled.
    """
    installation.streams.held = [
        stream("1" * 24, "Old report", StreamType.SNAPSHOT),
        stream(GLOBAL, "Global View", StreamType.VIEW),
        stream("2" * 24, "edge"),
        stream("3" * 24, "Branch"),
        stream(ENDPOINTS, "Laptops", has_devices=True),
    ]
    api, names = Api(installation), ["Laptops", "Branch", "edge", "Global View", "Old report"]
    assert [each["displayName"] for each in api.get(STREAMS).json()["value"]] == names
    installation.settings.graph_global_view = False
    names.remove("Global View")
    assert [each["displayName"] for each in api.get(STREAMS).json()["value"]] == names
    assert api.get(f"{STREAMS}/$count").content == b"4"
    assert [each["id"] for each in api.get(f"{STREAMS}?$top=1").json()["value"]] == [ENDPOINTS]
    assert api.get(f"{STREAMS}/{GLOBAL}").status == 200
    installation.callers["scoped"] = scoped(GLOBAL)
    assert api.get(STREAMS, authorization="Bearer scoped").ids == [GLOBAL]


def test_the_list_of_streams_takes_options(shared_api: Api) -> None:
    """Public clients send $top=999 to this list, which is documented without options."""
    answer = shared_api.get(f"{STREAMS}?$top=999&$select=displayName")
    assert [list(each) for each in answer.json()["value"]] == [["@odata.type", "id", "displayName"]] * 3
    assert shared_api.get(f"{STREAMS}/$count").content == b"3"
    assert answer.json()["@odata.context"].endswith("cloudAppDiscovery/uploadedStreams(displayName)")
    one = shared_api.get(f"{STREAMS}/{GLOBAL}?$select=displayName").json()
    assert one["@odata.context"].endswith("cloudAppDiscovery/uploadedStreams(displayName)/$entity")


@pytest.mark.parametrize("stream_id", ["ffffffffffffffffffffffff", "x", "65A1F0C2D4B7E8A901234567", "%00", "%ff"])
def test_an_unknown_stream_is_not_found(shared_api: Api, stream_id: str) -> None:
    """For the stream itself and everything below."""
    for below in ("", f"/{FUNCTION}", f"/{FUNCTION}/11627/users"):
        answer = shared_api.get(f"{STREAMS}/{stream_id}{below}")
        assert (answer.status, answer.json()["error"]["code"]) == (404, "ResourceNotFound")


def test_a_stream_id_may_be_encoded(shared_api: Api) -> None:
    """Ids are decoded before the look-up."""
    assert shared_api.get(f"{STREAMS}/%36{GLOBAL[1:]}").json()["id"] == GLOBAL


def test_a_scoped_caller_sees_only_the_streams_of_the_scope(installation: Casb) -> None:
    """Other streams are neither listed nor found, expanded or counted."""
    installation.callers["scoped"] = scoped(EMPTY)
    api = Api(installation)
    listed = api.get(STREAMS, authorization="Bearer scoped")
    assert listed.ids == [EMPTY]
    assert api.get(f"{STREAMS}/$count", authorization="Bearer scoped").content == b"1"
    expanded = api.get(f"{REPORT}?$expand=uploadedStreams", authorization="Bearer scoped").json()
    assert [each["id"] for each in expanded["uploadedStreams"]] == [EMPTY]
    assert api.get(f"{STREAMS}/{EMPTY}/{FUNCTION}", authorization="Bearer scoped").status == 200
    for below in ("", f"/{FUNCTION}", f"/{FUNCTION}/11627/users"):
        assert api.get(f"{STREAMS}/{GLOBAL}{below}", authorization="Bearer scoped").status == 404


def test_expanded_streams_are_a_page_with_a_link(installation: Casb) -> None:
    """The first 100 streams are expanded, with a link to the rest that has the same properties."""
    installation.streams.held = [stream(f"{at:024}", f"Stream {at}") for at in range(120)]
    api = Api(installation)
    body = api.get(f"{REPORT}/?$expand=uploadedStreams").json()
    assert len(body["uploadedStreams"]) == 100
    assert body["uploadedStreams@odata.nextLink"] == f"{BASE}{REPORT}/uploadedStreams?$skip=100"
    chosen = api.get(f"{REPORT}?$expand=uploadedStreams($select=displayName)").json()
    rest = api.get(chosen["uploadedStreams@odata.nextLink"].removeprefix(BASE)).json()["value"]
    assert [list(each) for each in rest] == [["@odata.type", "id", "displayName"]] * 20


@pytest.mark.parametrize("target", [f"{STREAMS}?$expand=apps", f"{REPORT}?$expand=apps", f"{ROOT}?$expand=apps"])
def test_nothing_else_can_be_expanded(shared_api: Api, target: str) -> None:
    """An unknown navigation is rejected."""
    assert shared_api.get(target).status == 400
