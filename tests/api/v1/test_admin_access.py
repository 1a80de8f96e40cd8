"""Administrators (api §15, portal §10)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.roles import Role
from opencasb.store.user_groups import EXTERNAL_USERS
from tests.api.v1.conftest import ADMIN, Client
from tests.conftest import NOW

PATH = "manage_admin_access/"
ANN = "ann@contoso.example"


def one(client: Client, username: str) -> dict[str, Any]:
    """Return the record of a user."""
    found: list[dict[str, Any]] = client.get(PATH)["data"]
    return next(each for each in found if each["username"] == username)


def remove(client: Client, record: dict[str, Any], role: Role = ADMIN) -> int:
    """Remove a user and return the status."""
    return client.call("DELETE", f"{PATH}{record['objectId']}/", role=role).status_code


def test_everybody_with_access_is_listed_with_a_type(reader: Client) -> None:
    """By name; the number is that of clients, the role is exact."""
    data = reader.get(PATH)["data"]
    assert [each["username"] for each in data] == sorted(f"{role.slug}@contoso.example" for role in Role)
    types = {each["role"]: each["permissionType"] for each in data}
    assert types == {
        "Global administrator": 0,
        "Security administrator": 0,
        "Cloud App Security administrator": 0,
        "Compliance administrator": 2,
        "Compliance data administrator": 2,
        "Security operator": 1,
        "Security reader": 1,
        "Global reader": 1,
        "Power BI administrator": 1,
        "App/instance admin": 3,
        "User group admin": 4,
        "Cloud Discovery global admin": 5,
        "Cloud Discovery report admin": 5,
    }
    keys = {"_id", "objectId", "username", "displayName", "permissionType", "role", "created"}
    more = {each["permissionType"]: each.keys() - keys for each in data if each.keys() > keys}
    assert more == {3: {"saasIds", "readOnly"}, 4: {"groups", "readOnly"}, 5: {"allowed_anonymization"}}
    assert all(each.keys() >= keys for each in data)
    assert reader.get(f"{PATH}?limit=2&skip=12")["total"] == 13


@pytest.mark.parametrize(
    ("given", "number", "role"),
    [
        ({"permissionType": "1"}, 1, Role.SECURITY_READER),
        ({"permissionType": "compliance_read_only"}, 2, Role.COMPLIANCE_ADMINISTRATOR),
        ({"permissionType": 3, "saasIds": [11161]}, 3, Role.APP_INSTANCE_ADMIN),
        ({"permissionType": 5, "allowed_anonymization": True}, 5, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN),
    ],
)
def test_access_is_given_changed_and_taken(client: Client, given: dict[str, Any], number: int, role: Role) -> None:
    """By number or name; adding the same name again changes that user's permissions."""
    made = client.post(PATH, {"username": ANN, **given})
    assert (made["permissionType"], made["role"], made["created"]) == (number, role.value, NOW)
    assert one(client, ANN) == made
    changed = client.post(PATH, {"username": ANN.upper(), "permissionType": 1})
    kept = {name: made[name] for name in ("_id", "objectId", "username", "displayName", "created")}
    assert changed == {**kept, "permissionType": 1, "role": "Security reader"}
    assert remove(client, made) == 200
    assert ANN not in {each["username"] for each in client.get(PATH)["data"]}
    assert remove(client, made) == 404


def test_access_is_taken_by_user_name_too(client: Client) -> None:
    """As in the PowerShell module of 2018; only within the tenant."""
    made = client.post(PATH, {"username": ANN, "permissionType": 1})
    assert remove(client, {**made, "objectId": "nobody@contoso.example"}) == 404
    assert remove(client, {**made, "objectId": ANN.upper()}) == 200
    assert ANN not in {each["username"] for each in client.get(PATH)["data"]}


def test_access_that_is_given_back_is_a_new_beginning(client: Client) -> None:
    """The former tokens and password are gone, whatever the role."""
    casb, tenant_id = client.casb, client.known.tenant_id
    reader = one(client, f"{Role.SECURITY_READER.slug}@contoso.example")
    casb.users.set_password(tenant_id, reader["objectId"], "hash")
    assert remove(client, reader) == 200
    assert client.call("GET", "settings/", role=Role.SECURITY_READER).status_code == 403
    again = client.post(PATH, {"username": reader["username"], "permissionType": 0})
    assert again == {**reader, "permissionType": 0, "role": "Cloud App Security administrator"}
    assert client.call("GET", "settings/", role=Role.SECURITY_READER).status_code == 401
    assert casb.users.password_hash(tenant_id, reader["objectId"]) is None
    actions = [entry.action for entry in casb.identity.audit_log.latest(tenant_id, 5)]
    assert set(actions) >= {"user.deprovision", "api_token.revoke", "user.reinstate"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "permissionType: this parameter is required"),
        ({"permissionType": 1}, "username: this parameter is required"),
        ({"username": ANN}, "permissionType: this parameter is required"),
        ({"username": ANN, "permissionType": 3}, "saasIds: this parameter is required for 'App/instance admin'"),
        ({"username": ANN, "permissionType": 3, "saasIds": ["x"]}, "saasIds: 'x' is not an app; give its number"),
        ({"username": ANN, "permissionType": 3, "saasIds": [True]}, "saasIds: a list of texts or numbers"),
        ({"username": ANN, "permissionType": 3, "saasIds": {"inst": 1}}, "saasIds: a list of texts or numbers"),
        ({"username": ANN, "permissionType": 3, "saasIds": [1] * 201}, "saasIds: 201 are given; at most 200"),
        ({"username": ANN, "permissionType": "GROUP_ADMIN"}, "groups: this parameter is required"),
        ({"username": ANN, "permissionType": 4, "groups": ["g"]}, "groups: 'g' is not an imported user group"),
        ({"username": ANN, "permissionType": 4, "groups": [EXTERNAL_USERS]}, f"groups: '{EXTERNAL_USERS}' is not"),
        ({"username": ANN, "permissionType": 1, "groups": ["g"]}, "groups: only for the role 'User group admin'"),
        ({"username": ANN, "permissionType": 1, "saasIds": 5}, "saasIds: only for the role 'App/instance admin'"),
        ({"username": ANN, "permissionType": 2, "readOnly": True}, "readOnly: only for the role"),
        ({"username": ANN, "permissionType": 1, "allowed_anonymization": "true"}, "allowed_anonymization: only for"),
        ({"username": ANN, "permissionType": 6}, "permissionType: '6' cannot be given"),
        ({"username": ANN, "permissionType": "x"}, "permissionType: a whole number is expected"),
        ({"username": ANN, "permissionType": []}, "permissionType: text is expected"),
        ({"username": "a b", "permissionType": 1}, "username: user name 'a b' must have"),
    ],
)
def test_what_is_wrong_is_named(reader: Client, given: dict[str, Any], said: str) -> None:
    """The parameter, and its allowed values."""
    assert reader.refusal(400, PATH, given).startswith(said)


def test_somebody_with_full_access_remains(client: Client) -> None:
    """Otherwise nobody could change anything."""
    for role in (Role.SECURITY_ADMINISTRATOR, Role.CLOUD_APP_SECURITY_ADMINISTRATOR):
        assert remove(client, one(client, f"{role.slug}@contoso.example")) == 200
    last = one(client, f"{ADMIN.slug}@contoso.example")
    assert remove(client, last) == 400
    weaker = {"username": last["username"], "permissionType": 1}
    assert client.post(PATH, {**weaker, "permissionType": 0}) == last
    taken = client.call("DELETE", f"{PATH}{last['objectId']}/").json()
    assert taken["errors"] == [{"error": f"username: {last['username']!r} is the last one with full access"}]


def test_full_access_is_not_reduced(client: Client) -> None:
    """By no assignment (identity §11); it has to be removed before another role is given."""
    full = one(client, f"{Role.SECURITY_ADMINISTRATOR.slug}@contoso.example")
    weaker = {"username": full["username"], "permissionType": 1}
    said = f"username: {full['username']!r} has full access as Security administrator, which is not reduced but taken"
    assert client.refusal(400, PATH, weaker) == said
    assert one(client, full["username"]) == full
    assert remove(client, full) == 200
    assert client.post(PATH, weaker)["role"] == "Security reader"
    assert client.post(PATH, {**weaker, "permissionType": 0})["role"] == "Cloud App Security administrator"


def test_access_to_some_apps_or_groups(client: Client) -> None:
    """An app is its number, app and instance a text or an object; a group is its id, ours or the directory's."""
    given = [11161, "11770|1059065", {"saas": 10489, "inst": "7"}, {"saas": 11599}]
    made = client.post(PATH, {"username": ANN, "permissionType": 3, "saasIds": given, "readOnly": "true"})
    assert (made["saasIds"], made["readOnly"]) == ([11161, "11770|1059065", "10489|7", 11599], True)
    group = client.post("user_tags/create_tag/", {"groupId": "g", "appId": 11161})
    twin = client.post("user_tags/create_tag/", {"groupId": "h", "appId": 11161})
    client.post("user_tags/create_tag/", {"groupId": "h", "appId": 10489})
    body = {"username": ANN, "permissionType": 4, "groups": ["g", group["_id"].upper(), twin["_id"]]}
    changed = client.post(PATH, body)
    assert (changed["groups"], changed["readOnly"]) == ([group["_id"], twin["_id"]], False)
    assert one(client, ANN) == changed
    assert client.refusal(400, PATH, {**body, "groups": ["h"]}).startswith("groups: 'h' is a group of several apps")


def test_what_is_above_the_own_role_is_out_of_reach(client: Client) -> None:
    """A security administrator can neither change nor remove a global one; others with full access change nobody."""
    chief = one(client, f"{ADMIN.slug}@contoso.example")
    target = one(client, f"{Role.GLOBAL_READER.slug}@contoso.example")
    assert remove(client, chief, Role.SECURITY_ADMINISTRATOR) == 403
    body = {"username": chief["username"], "permissionType": 0}
    assert client.call("POST", PATH, json=body, role=Role.SECURITY_ADMINISTRATOR).status_code == 403
    assert remove(client, target, Role.CLOUD_APP_SECURITY_ADMINISTRATOR) == 403
    assert remove(client, target, Role.SECURITY_ADMINISTRATOR) == 200


def test_only_people_give_and_take_access(client: Client) -> None:
    """Neither applications nor those who may only change other settings; every reader can see it."""
    target = one(client, f"{Role.GLOBAL_READER.slug}@contoso.example")
    for role in (Role.GLOBAL_READER, Role.SECURITY_OPERATOR, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN):
        assert client.call("POST", PATH, json={"username": ANN, "permissionType": 0}, role=role).status_code == 403
        assert remove(client, target, role) == 403
    application = client.bearer("settings.manage")
    body = {"username": ANN, "permissionType": 0}
    assert client.call("POST", PATH, json=body, by=application).status_code == 403
    assert client.call("GET", PATH, by=application).status_code == 200
    assert client.call("GET", PATH, role=Role.GLOBAL_READER).status_code == 200
    assert client.call("GET", PATH, role=Role.SECURITY_READER).status_code == 200
    assert client.call("GET", PATH, role=Role.POWER_BI_ADMINISTRATOR).status_code == 403


@pytest.mark.parametrize("user_id", ["x", "%00", "f" * 3000])
def test_an_unknown_person_is_not_found(reader: Client, user_id: str) -> None:
    """Whatever the id."""
    assert reader.call("DELETE", f"{PATH}{user_id}/").status_code == 404


def test_another_tenants_people_are_not_found(client: Client) -> None:
    """Nor are they listed."""
    target = one(client, f"{Role.GLOBAL_READER.slug}@contoso.example")
    answer = client.call("DELETE", f"{PATH}{target['objectId']}/", by=client.known.stranger)
    assert answer.status_code == 404
    assert client.call("GET", PATH, by=client.known.stranger).json()["total"] == 1
