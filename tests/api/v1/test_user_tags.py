"""User groups over HTTP, on both engines (api §15)."""

from __future__ import annotations

from typing import Any

from opencasb.activities.entity_columns import record
from opencasb.activities.entity_wire import entities_from
from opencasb.activities.people import ScannedEntities
from opencasb.model.roles import Role
from opencasb.store.user_groups import record as group_record
from tests.api.v1.conftest import Client
from tests.api.v1.engines import client
from tests.conftest import NOW

__all__ = ["client"]  # a fixture

PATH = "user_tags/"
IMPORT = f"{PATH}create_tag/"
EXTERNAL, APPLICATION = "000000200000000000000000", "0000003b0000000000000000"
GROUP = "0d0c0b0a-0000-4000-8000-000000000001"


def scan(client: Client, *flat: dict[str, Any]) -> None:
    """Deliver flat entities, like a scan."""
    casb, tenant = client.casb, client.known.tenant_id
    records = [record(entities_from({"appId": 11161, **each}, tenant, NOW)) for each in flat]
    ScannedEntities(casb.database, casb.clock).put(tenant, records)


def counts(client: Client) -> dict[str, int]:
    """Return name → number of members for every group."""
    return {group["name"]: group["usersCount"] for group in client.post(PATH)["data"]}


def test_built_in_groups_are_always_there(client: Client) -> None:
    """With ids that never change, all five keys of the envelope, by both methods."""
    page = client.post(PATH)
    assert page == client.get(PATH)
    assert [(group["_id"], group["name"], group["usersCount"]) for group in page["data"]] == [
        (APPLICATION, "Application (Cloud App Security)", 0),
        (EXTERNAL, "External users", 0),
    ]
    assert {name: page[name] for name in page.keys() - {"data"}} == {
        "total": 2,
        "hasNext": False,
        "max": 100,
        "moreThanTotal": False,
    }


def test_members_are_counted_when_asked(client: Client) -> None:
    """A person counts once for all accounts; an account without an owner counts separately."""
    scan(
        client,
        {"id": "eve@else.example", "isExternal": True},
        {"id": "eve", "appId": 38536, "email": "eve@else.example", "isExternal": True},
        {"id": "bot", "idType": "application"},
    )
    assert counts(client) == {"Application (Cloud App Security)": 1, "External users": 1}
    scan(client, {"id": "bob@else.example", "isExternal": True}, {"id": "bot", "idType": "user"})
    assert counts(client) == {"Application (Cloud App Security)": 0, "External users": 2}


def test_a_group_is_imported_once(client: Client) -> None:
    """A second import changes nothing; members include their accounts, by the app's id for the group."""
    given = {"groupId": GROUP, "appId": "11161", "shouldNotify": False, "name": "Finance"}
    made = client.post(IMPORT, given)
    assert made == {
        "_id": made["_id"],
        "id": GROUP,
        "name": "Finance",
        "description": "",
        "usersCount": 0,
        "appId": 11161,
    }
    assert client.post(IMPORT, {**given, "name": "Other"}) == made
    scan(client, {"id": "ana@example.org", "groups": [GROUP]})
    assert counts(client)["Finance"] == 1
    assert [each["name"] for each in client.post(PATH, {"filters": {"app": {"eq": 11161}}})["data"]] == ["Finance"]
    found = client.post("entities/", {"filters": {"userGroups": {"eq": [made["_id"]]}}})
    assert found["total"] == 2
    entries = client.casb.identity.audit_log.latest(client.known.tenant_id, 50)
    assert [entry.target for entry in entries if entry.action == "user_group.import"] == [GROUP]


def test_what_is_wrong_is_named(client: Client) -> None:
    """400 with the field; at most 500 groups are imported (portal §9.4)."""
    for given, said in (
        ({}, "groupId: this parameter is required"),
        ({"groupId": "g"}, "appId: the number of the app that has the group is required"),
        ({"groupId": "g", "appId": -1}, "appId: the number"),
        ({"groupId": "g", "appId": "x"}, "appId: a whole number is expected"),
        ({"groupId": "g", "appId": 1, "shouldNotify": "maybe"}, "shouldNotify: "),
        ({"groupId": "a\u0000", "appId": 1}, "groupId: "),
    ):
        assert client.refusal(400, IMPORT, given).startswith(said)
    tenant, groups = client.known.tenant_id, client.casb.user_groups
    many = [{"_id": f"{n:024x}", "id": f"g{n}", "name": f"g{n}", "usersCount": 0, "appId": 1} for n in range(499)]
    groups.put(tenant, [group_record(each) for each in many])
    groups.take_over(tenant, 1, "last")
    assert client.refusal(400, IMPORT, {"groupId": "more", "appId": 1}).startswith("groupId: 500 groups are imported")
    assert client.post(IMPORT, {"groupId": "last", "appId": 1})["id"] == "last"


def test_activities_after_the_import_have_the_groups_of_their_users(client: Client) -> None:
    """Whichever of a user's accounts acts, as long as the user is in the group (portal §9.4)."""
    ana = {"id": "u-ana", "email": "ana@example.org", "groups": [GROUP, "other"]}
    scan(client, ana, {"id": "b-1", "appId": 10489, "email": "ana@example.org"}, {"id": "u-ben"})

    def act(number: int, app: str, user_id: str) -> None:
        made = {"id": f"n{number}", "app": app, "rawOperation": "x", "timestamp": NOW + number, "userId": user_id}
        assert client.post("ingest/activities/", made)["accepted"] == 1

    def found(group: str) -> list[str]:
        return [each["_id"] for each in client.post("activities/", {"filters": {"user.tags": {"eq": [group]}}})["data"]]

    act(1, "office365", "u-ana")
    group = client.post(IMPORT, {"groupId": GROUP, "appId": 11161})["_id"]
    for number, (app, user_id) in enumerate((("office365", "u-ana"), ("box", "b-1"), ("office365", "u-ben")), 2):
        act(number, app, user_id)
    assert found(group) == found(GROUP) == ["n3", "n2"]
    assert client.get("activities/n3/")["user"]["userTags"] == [group]
    scan(client, {**ana, "groups": []})
    act(5, "office365", "u-ana")
    assert found(group) == ["n3", "n2"]


def test_groups_hold_from_the_first_activity_in_an_app(client: Client) -> None:
    """Known by the address, before the app's account is."""
    scan(client, {"id": "u-ana", "email": "ana@example.org", "groups": [GROUP]})
    group = client.post(IMPORT, {"groupId": GROUP, "appId": 11161})["_id"]
    made = {"id": "n1", "app": "slack", "rawOperation": "x", "userId": "U1", "user": "Ana@example.org"}
    assert client.post("ingest/activities/", made)["accepted"] == 1
    assert client.get("activities/n1/")["user"]["userTags"] == [group]


def test_readers_see_and_do_not_import(client: Client) -> None:
    """Investigators can list, those who may change settings can import; tenants are separate."""
    client.post(IMPORT, {"groupId": "g", "appId": 1})
    assert client.get(PATH, role=Role.SECURITY_READER)["total"] == 3
    refused = client.call("POST", IMPORT, json={"groupId": "h", "appId": 1}, role=Role.SECURITY_READER)
    assert refused.status_code == 403
    assert client.get(PATH, by=client.known.stranger)["total"] == 2
