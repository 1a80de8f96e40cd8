"""Apps, their facts, and their users."""

from __future__ import annotations

import pytest

from opencasb.api.graph.entities import APP_INFO
from opencasb.model.base64url import unpadded
from tests.api.graph.standin import APPS, BASE, DAY, ENDPOINTS, FUNCTION, GLOBAL, STREAMS, Api, Casb

LAST = unpadded(b"user099@contoso.example")
"""How links encode the last of the first hundred users."""
LAPTOP_APPS = f"{STREAMS}/{ENDPOINTS}/{FUNCTION}"


@pytest.mark.parametrize(("period", "days"), [("P7D", 7), ("P30D", 30), ("P90D", 90), ("PT2160H", 90)])
def test_the_period_is_passed_on_with_the_newest_day(installation: Casb, period: str, days: int) -> None:
    """Apps and their rows cover the last days up to the newest day with data."""
    path = APPS.replace("P30D", period)
    api = Api(installation)
    assert api.get(f"{path}/11627").json()["displayName"] == "Dropbox"
    assert api.get(f"{path}/11627/users").status == 200
    assert (GLOBAL, days, DAY) in installation.streams.asked
    assert (GLOBAL, days, DAY, 11627, "user") in installation.streams.asked


def test_apps_of_streams_with_devices_are_endpoint_apps(shared_api: Api) -> None:
    """Every row has the endpoint type and deviceCount, also with $select; other streams have neither, without an error.

    Consumers select the same properties for every stream (saas-management §2).
    """
    rows = shared_api.get(f"{LAPTOP_APPS}?$select=displayName,deviceCount").json()["value"]
    assert {row["@odata.type"] for row in rows} == {"#microsoft.graph.security.endpointDiscoveredCloudAppDetail"}
    assert [row["deviceCount"] for row in rows] == [1, 1]
    assert shared_api.get(f"{LAPTOP_APPS}?$filter=deviceCount ge 2&$orderby=deviceCount").ids == []
    others = shared_api.get(f"{APPS}?$select=displayName,deviceCount").json()["value"]
    assert others
    assert {key for row in others for key in row} == {"@odata.type", "id", "displayName"}
    body = shared_api.get(f"{LAPTOP_APPS}/11627").json()
    assert body["@odata.context"].endswith("#microsoft.graph.security.endpointDiscoveredCloudAppDetail")


def test_an_app_stands_at_the_top_level(shared_api: Api) -> None:
    """A single app is not wrapped in a value."""
    body = shared_api.get(f"{APPS}/11627?$select=displayName,userCount").json()
    assert body == {
        "@odata.context": f"{BASE}/beta/$metadata#microsoft.graph.security.discoveredCloudAppDetail"
        "(displayName,userCount)",
        "@odata.type": "#microsoft.graph.security.discoveredCloudAppDetail",
        "id": "11627",
        "displayName": "Dropbox",
        "userCount": 3,
    }


@pytest.mark.parametrize("app_id", ["1", "011627", "11627.0", "x", "-1", "+11627", "%D9%A1", "99999999999999999999"])
def test_an_unknown_app_is_not_found(shared_api: Api, app_id: str) -> None:
    """Ids are opaque: only the exact text of an app's id finds it, for the app and below."""
    for below in ("", "/appInfo", "/users", "/users/$count", "/ipAddresses", "/users/x"):
        assert shared_api.get(f"{APPS}/{app_id}{below}").status == 404


def test_an_app_without_traffic_in_the_stream_is_not_found(shared_api: Api) -> None:
    """A stream only has the apps used in it."""
    assert shared_api.get(f"{APPS}/11599").status == 200
    assert shared_api.get(f"{LAPTOP_APPS}/11599").status == 404


def test_app_info_has_all_its_properties(shared_api: Api) -> None:
    """Known facts from the catalog, and unknown or null for the rest."""
    body = shared_api.get(f"{APPS}/10980/appInfo").json()
    assert set(body) == {"@odata.context", "@odata.type", *APP_INFO.properties}
    known = {
        "vendor": "Okta, Inc.",
        "founded": 2009,
        "isHipaaCompliant": "true",
        "isDmca": "unknown",
        "dataCenter": "United States, Ireland",
        "dataTypes": "documents,mediaFiles",
        "logonUrls": ["https://login.okta.com/"],
        "domainRegistrationDateTime": "2001-01-01T00:00:00Z",
        "latestBreachDateTime": None,
        "dataAtRestEncryptionMethod": "rsA",
    }
    assert {name: body[name] for name in known} == known
    chosen = shared_api.get(f"{APPS}/10980/appInfo?$select=vendor,tlsEncryptionProtocol").json()
    assert (chosen["vendor"], chosen["encryptionProtocol"], chosen["id"]) == ("Okta, Inc.", "tls1_2", "10980")


def test_app_info_can_be_expanded(shared_api: Api) -> None:
    """In the list and for one app, with its own selection."""
    rows = shared_api.get(f"{APPS}?$select=displayName&$expand=appInfo($select=vendor)").json()["value"]
    assert rows[0]["appInfo"] == {
        "@odata.type": "#microsoft.graph.security.discoveredCloudAppInfo",
        "id": "10980",
        "vendor": "Okta, Inc.",
    }
    assert [row["appInfo"]["id"] for row in rows] == [row["id"] for row in rows]
    one = shared_api.get(f"{APPS}/10980?$expand=appInfo").json()
    assert set(one["appInfo"]) == {"@odata.type", *APP_INFO.properties}


def test_the_collections_of_one_app_can_be_expanded(shared_api: Api) -> None:
    """The first 100 rows and a link to the rest, in the client's form of the path."""
    body = shared_api.get(f"{LAPTOP_APPS}/10980/?$expand=users,ipAddresses,devices,appInfo($select=id)").json()
    assert len(body["users"]) == 100
    assert body["users@odata.nextLink"] == f"{BASE}{LAPTOP_APPS}/10980/users?$skip=100&$skiptoken={DAY}.100.{LAST}"
    assert [row["ipAddress"] for row in body["ipAddresses"]] == ["10.0.0.1", "2001:db8::7"]
    assert [row["name"] for row in body["devices"]] == ["laptop-1", "laptop-2"]
    assert "ipAddresses@odata.nextLink" not in body


@pytest.mark.parametrize(
    "target",
    [
        f"{APPS}?$expand=users",
        f"{APPS}?$expand=nosuch",
        f"{APPS}/10980?$expand=nosuch",
        f"{APPS}/10980/appInfo?$expand=users",
        f"{APPS}/10980/users?$expand=appInfo",
        f"{APPS}/10980/users/x?$expand=appInfo",
        f"{APPS}?$expand=appInfo($select=nosuch)",
    ],
)
def test_other_expansions_are_refused(shared_api: Api, target: str) -> None:
    """Collections can only be expanded on a single app."""
    assert shared_api.get(target).status == 400


def test_users_addresses_and_devices_are_collections(shared_api: Api) -> None:
    """Each has its type, key, paging and counting."""
    users = shared_api.get(f"{APPS}/10980/users?$count=true").json()
    assert (users["@odata.count"], len(users["value"])) == (250, 100)
    assert users["value"][0] == {
        "@odata.type": "#microsoft.graph.security.discoveredCloudAppUser",
        "userIdentifier": "user000@contoso.example",
    }
    assert users["@odata.nextLink"].endswith(f"/10980/users?$count=true&$skip=100&$skiptoken={DAY}.100.{LAST}")
    assert shared_api.get(f"{APPS}/10980/users/$count").content == b"250"
    for alias in ("ipAddresses", "ipAddress"):
        assert len(shared_api.get(f"{APPS}/10980/{alias}").json()["value"]) == 2
        assert shared_api.get(f"{APPS}/10980/{alias}/$count").content == b"2"
    for alias in ("devices", "name"):
        assert len(shared_api.get(f"{LAPTOP_APPS}/10980/{alias}").json()["value"]) == 2


def test_one_row_is_found_by_its_key(shared_api: Api) -> None:
    """Only the exact key finds a row."""
    found = shared_api.get(f"{APPS}/10980/users/user007%40contoso.example")
    assert found.json()["userIdentifier"] == "user007@contoso.example"
    assert shared_api.get(f"{APPS}/10980/ipAddresses/2001:db8::7").json()["ipAddress"] == "2001:db8::7"
    assert shared_api.get(f"{LAPTOP_APPS}/10980/devices/laptop-1?$select=name").json()["name"] == "laptop-1"
    assert shared_api.get(f"{APPS}/10980/users/nobody").status == 404


def test_keys_in_parentheses_stay_so_in_links(shared_api: Api) -> None:
    """An app and its users are found by OData keys, with quotes encoded or not, page by page."""
    named = f"{STREAMS}('{GLOBAL}')/{FUNCTION}('10980')"
    assert shared_api.get(named).json()["displayName"] == "Okta"
    assert shared_api.get(named.replace("'", "%27")).json()["displayName"] == "Okta"
    users = shared_api.get(f"{named}/users").json()
    assert users["@odata.nextLink"] == f"{BASE}{named}/users?$skip=100&$skiptoken={DAY}.100.{LAST}"
    assert len(shared_api.get(users["@odata.nextLink"].removeprefix(BASE)).json()["value"]) == 100
    row = users["value"][0]["userIdentifier"]
    assert shared_api.get(f"{named}/users('{row}')").json()["userIdentifier"] == row


def test_a_stream_without_devices_has_none_to_ask_for(shared_api: Api) -> None:
    """Devices of such a stream are rejected, as collection, count, row and expansion."""
    for below in ("devices", "name", "devices/$count", "devices/x"):
        answer = shared_api.get(f"{APPS}/10980/{below}")
        assert (answer.status, "does not identify devices" in answer.message) == (400, True)
    assert shared_api.get(f"{APPS}/10980?$expand=devices").status == 400


def test_users_are_distinct(installation: Casb) -> None:
    """A duplicate name is one row."""
    installation.streams.names["user"] = ["a", "a", "b"]
    assert Api(installation).get(f"{APPS}/10980/users/$count").content == b"2"


def test_late_members_need_a_preference(shared_api: Api) -> None:
    """By default clients get the sentinel; with the preference the member, and a header. Filters know all members."""
    hub = f"{APPS}?$filter=category eq 'aiModelProvider'"
    assert shared_api.get(hub).json()["value"][0]["category"] == "unknownFutureValue"
    answer = shared_api.get(hub, prefer="include-unknown-enum-members")
    assert answer.json()["value"][0]["category"] == "aiModelProvider"
    assert answer.headers["preference-applied"] == "include-unknown-enum-members"
    assert "preference-applied" not in shared_api.get(hub).headers


def test_old_names_are_kept_when_selected(shared_api: Api) -> None:
    """A client that selects the old spelling gets it in the response."""
    row = shared_api.get(f"{APPS}?$select=uploadNetworkTraficInBytes,riskRating").json()["value"][0]
    assert (row["uploadNetworkTraficInBytes"], row["riskScore"]) == (100, 9)
