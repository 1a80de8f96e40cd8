"""Entities over HTTP, on both engines (api §9)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.activities.entity_columns import record as entity_record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.normalised import to_wire
from opencasb.activities.people import People, ScannedEntities
from opencasb.filters.fields import ENTITIES
from opencasb.model.roles import Role
from opencasb.store.database import Database
from tests.api.v1.conftest import Client
from tests.api.v1.engines import client_of
from tests.conftest import NOW
from tests.filters.test_parse import json as any_json
from tests.filters.test_parse import operators

PATH = "entities/"
GUID = "3b0f4c3e-0000-4000-8000-0000000000aa"
ANA, BEN = "ana@example.org", "ben@example.org"
DIRECTORY = {
    "id": GUID,
    "appId": 11161,
    "email": ANA,
    "displayName": "Ana Silva",
    "status": "active",
    "isAdmin": True,
    "role": "Global Administrator",
    "isExternal": False,
    "organization": "Research",
    "groups": [{"id": "g-1", "name": "Researchers"}],
    "lastSeen": NOW - 5000,
    "score": 12,
    "sctime": NOW - 9000,
}
GITHUB = {"id": "ana-s", "appId": 38536, "email": ANA, "displayName": "ana", "lastSeen": NOW - 1000}
GUEST = {"id": BEN, "appId": 11161, "displayName": "Ben", "isExternal": True, "status": "suspended"}
ROBOT = {"id": "deploy-bot", "appId": 11599, "idType": "application", "displayName": "Deployment"}


def scan(client: Client, *flat: dict[str, Any]) -> None:
    """Deliver flat entities, like a scan."""
    casb, tenant = client.casb, client.known.tenant_id
    records = [entity_record(entities_from(each, tenant, NOW)) for each in flat]
    ScannedEntities(casb.database, casb.clock).put(tenant, records)


@pytest.fixture
def client(database: Database, tmp_path: Path) -> Iterator[Client]:
    """A client of a tenant with two people, who have three accounts, and a program with one."""
    made = client_of(database, tmp_path)
    scan(made, DIRECTORY, GITHUB, GUEST, ROBOT)
    yield made
    made.close()


def names(client: Client, filters: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """Return type and display name of the entities on a page, accounts in lower case."""
    found = client.post(PATH, {"filters": filters, **more})["data"]
    return ["?au"[each["type"]] + f":{each['displayName']}" for each in found]


def pk(client: Client, name: str) -> str:
    """Return the key of an account by its display name, as clients build it."""
    (found,) = client.post(PATH, {"filters": {"displayName": {"eq": name}, "type": {"eq": "account"}}})["data"]
    return base64.b64encode(found["username"].encode()).decode()


def test_a_record_has_every_documented_key(client: Client) -> None:
    """Lists are lists, times are ISO 8601, and the key is in three forms (api §9.2)."""
    (ana,) = client.post(PATH, {"filters": {"displayName": {"eq": "ana silva"}, "type": {"eq": 1}}})["data"]
    assert ana["ii"] == f"11161|0|{GUID}"
    assert json.loads(ana["username"]) == {"id": GUID, "saas": 11161, "inst": 0}
    assert ana["lastSeen"] == "2025-11-20T11:59:55.000Z"
    assert (ana["timestamp"], ana["sctime"], ana["isFake"]) == (NOW - 5000, NOW - 9000, False)
    assert ana["appData"] == {"appId": 11161, "name": "Office 365", "saas": 11161, "instance": 0}
    assert [group["name"] for group in ana["userGroups"]] == ["Researchers"]
    assert {ana[name] is None for name in ("identifiers", "actions", "accounts", "subApps")} == {False}


def test_the_last_seen_come_first(client: Client) -> None:
    """By both methods, with and without a body; those never seen come last (api §4.3)."""
    everything = ["u:Ana Silva", "a:ana", "a:Ana Silva"]
    assert sorted(names(client)[:2]) == sorted(everything[:2])
    assert names(client)[2] == everything[2]
    page = client.get(PATH, content=b'{"limit": 1}', headers={"Content-Type": "application/json"})
    assert (len(page["data"]), page["total"], page["max"], page["hasNext"]) == (1, 6, 1, True)
    by_name = [
        each["email"] or each["id"] for each in client.get(f"{PATH}?sortField=username&sortDirection=asc")["data"]
    ]
    assert by_name == sorted(by_name)
    assert names(client, sortField="severity")[0] == "a:Ana Silva"


FILTERS: Final[list[tuple[dict[str, Any], set[str]]]] = [
    ({"type": {"eq": "user"}}, {"u:Ana Silva", "u:Ben"}),
    ({"type": {"eq": ["1"]}}, {"a:Ana Silva", "a:ana", "a:Ben", "a:Deployment"}),
    ({"isAdmin": {"eq": "true"}}, {"a:Ana Silva", "u:Ana Silva"}),
    ({"isExternal": {"eq": True}}, {"a:Ben", "u:Ben"}),
    ({"affiliation": {"eq": None}}, {"a:ana", "a:Deployment"}),
    ({"userGroups": {"eq": ["000000200000000000000000"]}}, {"a:Ben", "u:Ben"}),
    ({"userGroups": {"eq": ["0000003b0000000000000000"]}}, {"a:Deployment"}),
    ({"userGroups": {"eq": ["g-1"]}}, {"a:Ana Silva", "u:Ana Silva"}),
    ({"app": {"eq": 38536}}, {"a:ana", "u:Ana Silva"}),
    ({"service": {"neq": [11161, 38536]}}, {"a:Deployment"}),
    ({"domain": {"eq": "EXAMPLE.ORG"}, "type": {"eq": 1}}, {"a:Ana Silva", "a:ana", "a:Ben"}),
    ({"organization": {"isset": True}}, {"a:Ana Silva"}),
    ({"status": {"eq": ["3"]}}, {"a:Ben", "u:Ben"}),
    ({"displayName": {"eq": "Deploy"}}, set()),
    ({"displayName": {"eq": "deployment"}}, {"a:Deployment"}),
    ({"displayName": {"eq": ["ANA SILVA"]}}, {"u:Ana Silva"}),
    ({"displayName": {"eq": ["Ben", "Deployment"]}, "status": {"neq": [4]}}, {"u:Ben", "a:Deployment"}),
    ({"displayName": {"eq": "ana"}}, {"a:ana"}),
    ({"displayName": {"eq": "Ana Silva"}, "type": {"eq": [1, 2]}}, {"a:Ana Silva", "u:Ana Silva"}),
    ({"displayName": {"neq": "Ben"}}, {"a:Ana Silva", "u:Ana Silva", "a:ana", "a:Deployment"}),
    ({"score": {"gt": 11}}, {"a:Ana Silva"}),
    ({"lastSeen": {"gte": NOW - 2000}}, {"a:ana", "u:Ana Silva"}),
    ({"lastSeen": {"lte": NOW - 2000}}, {"a:Ana Silva"}),
    ({"entity": {"eq": [{"id": GUID, "saas": 11161, "inst": 0}]}}, {"a:Ana Silva", "a:ana", "u:Ana Silva"}),
    ({"entity": {"eq": [f"11161|0|{GUID}"]}, "type": {"eq": 1}}, {"a:Ana Silva", "a:ana"}),
    ({"entity": {"eq": [{"id": "ana-s", "inst": 0}]}}, {"a:ana", "u:Ana Silva"}),
    ({"entity": {"neq": [{"id": GUID}]}}, {"a:Ben", "u:Ben", "a:Deployment"}),
    ({"entity": {"eq": ["nobody"]}}, set()),
]


def test_filters_narrow(client: Client) -> None:
    """Every filter of api §9.3; a user includes all accounts, and an account shows its user."""
    for filters, expected in FILTERS:
        assert (filters, sorted(names(client, filters))) == (filters, sorted(expected))


def test_a_scan_delivers_everybody_once(client: Client) -> None:
    """Including those never seen (api §4.4)."""
    body: dict[str, Any] = {"isScan": True, "limit": 2, "sortDirection": "asc"}
    found: list[str] = []
    while True:
        page = client.get(PATH, content=json.dumps(body).encode())
        found += [each["_id"] for each in page["data"]]
        if not page["hasNext"]:
            break
        body["filters"] = page["nextQueryFilters"]
    assert len(found) == len(set(found)) == 6


def test_one_is_fetched_by_every_form_of_its_key(client: Client) -> None:
    """Base64 in either alphabet, percent-encoded or not; the triple, the bare id, the record id (api §9.1)."""
    expected = client.get(f"{PATH}{pk(client, 'ana')}/")
    assert (expected["type"], expected["id"], expected["accounts"]) == (1, "ana-s", [])
    key = {"id": "ana-s", "inst": 0, "saas": 38536}
    for text in (
        base64.urlsafe_b64encode(json.dumps(key).encode()).decode(),
        base64.b64encode(json.dumps(key, indent=1).encode()).decode().rstrip("="),
        quote(pk(client, "ana"), safe=""),
        quote(quote(pk(client, "ana"), safe="")),
        quote("38536|0|ana-s"),
        "ANA-S",
        expected["_id"],
    ):
        assert client.get(f"{PATH}{text}/") == client.post(f"{PATH}{text}") == expected


def test_base64_may_have_slashes(client: Client) -> None:
    """They are part of the key, literally or percent-encoded."""
    scan(client, {"id": "a?~~?>>?", "appId": 1, "displayName": "odd"})
    text = next(
        each
        for each in (
            base64.b64encode(json.dumps({"id": "a?~~?>>?", "saas": 1}).replace('"', " " * n + '"', 1).encode()).decode()
            for n in range(3)
        )
        if "/" in each
    )
    for path in (text, quote(text, safe="")):
        response = client.call("GET", f"{PATH}{path}/")
        assert response.json()["displayName"] == "odd"
        assert client.call("GET", f"{PATH}{path}/retrieve_tree/").json()["displayName"] == "odd"


def test_the_tree_of_an_account_is_that_of_its_user(client: Client) -> None:
    """A user with all accounts; an account without an owner is alone (api §9.1)."""
    user = client.get(f"{PATH}{pk(client, 'Ana Silva')}/retrieve_tree/")
    assert (user["type"], user["email"]) == (2, ANA)
    assert [(each["ii"], each["p"]) for each in user["accounts"]] == [
        (f"11161|0|{GUID}", user["ii"]),
        ("38536|0|ana-s", user["ii"]),
    ]
    for text in (pk(client, "ana"), user["_id"], quote(user["ii"])):
        assert client.get(f"{PATH}{text}/tree/") == user
        assert client.post(f"{PATH}{text}/retrieve_tree") == user
    alone = client.get(f"{PATH}{pk(client, 'Deployment')}/tree/")
    assert (alone["displayName"], alone["accounts"]) == ("Deployment", [])


def test_an_unknown_entity_is_not_found(client: Client) -> None:
    """Whatever the key, also with the tree."""
    for text in ("x", "f" * 24, "e30=", "%00", "1|2|3", "x" * 5000, "a/b", "tree"):
        for path in (f"{PATH}{text}/", f"{PATH}{text}/tree/"):
            assert client.call("GET", path).status_code == 404


def test_entities_are_for_investigators_of_the_tenant(client: Client) -> None:
    """Readers can see them, discovery administrators cannot, and other tenants have their own."""
    assert client.get(PATH, role=Role.SECURITY_READER)["total"] == 6
    assert client.call("GET", PATH, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN).status_code == 403
    assert client.get(PATH, by=client.known.stranger)["total"] == 0
    found = client.call("GET", f"{PATH}{pk(client, 'ana')}/", by=client.known.stranger)
    assert found.status_code == 404


def test_activities_of_a_user_are_those_of_the_accounts(client: Client) -> None:
    """A filter of activities for the user finds those of each account, by id or name (api §6.6)."""
    casb, tenant = client.casb, client.known.tenant_id
    done = [
        {"app": "exchange", "user": ANA, "userId": GUID},
        {"app": "github", "user": "ana-s"},
        {"app": "exchange", "user": ANA},
        {"app": "github", "user": "eve"},
    ]
    common = {"rawOperation": "x", "eventTypeName": "EVENT_CATEGORY_LOGIN", "timestamp": NOW}
    from opencasb.activities.columns import to_record

    casb.activities.add(tenant, [to_record(to_wire({**common, **each}, tenant, NOW)) for each in done])
    key = {"id": GUID, "saas": 11161, "inst": 0}
    assert client.post("activities/", {"filters": {"entity": {"eq": [key]}}})["total"] == 3
    assert client.post("activities/", {"filters": {"entity": {"neq": [key]}}})["total"] == 1
    assert client.post("activities/", {"filters": {"entity": {"eq": [{"id": "ana-s"}]}}})["total"] == 1


def test_activities_move_what_is_known(client: Client) -> None:
    """A scanned account's last seen is updated, and an unknown one is inferred; both appear in the list at once."""
    casb, tenant = client.casb, client.known.tenant_id
    common = {"app": "office365", "rawOperation": "x", "eventTypeName": "EVENT_CATEGORY_LOGIN", "timestamp": NOW}
    done = [to_wire({**common, "user": name}, tenant, NOW) for name in (ANA, "eve@else.example")]
    with casb.entities.writing() as connection:
        People(casb.entities, casb.clock).seen(tenant, done, (), connection)
    assert set(names(client, {"lastSeen": {"gte": NOW}})) == {
        "a:Ana Silva",
        "u:Ana Silva",
        "a:eve@else.example",
        "u:eve@else.example",
    }


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.dictionaries(st.sampled_from([*ENTITIES, "scanCursor"]), any_json | operators, max_size=3), st.text(max_size=9)
)
def test_any_filters_and_keys_are_answered(client: Client, filters: dict[str, Any], text: str) -> None:
    """Hostile input is refused or finds nothing."""
    answer = client.call("POST", PATH, content=json.dumps({"filters": filters}).encode())
    assert answer.status_code in {200, 400}
    assert client.call("GET", f"{PATH}{quote(text.encode('utf-8', 'replace'), safe='')}/").status_code in {200, 404}
