"""Administrators (api §15, portal §10)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import ADMIN, Client
from tests.conftest import NOW

PATH = "manage_admin_access/"
ANN = "ann@contoso.example"


def one(client: Client, username: str) -> dict[str, Any]:
    """Return the record of somebody."""
    found: list[dict[str, Any]] = client.get(PATH)["data"]
    return next(each for each in found if each["username"] == username)


def remove(client: Client, record: dict[str, Any], role: Role = ADMIN) -> int:
    """Remove somebody and return the status."""
    return client.call("DELETE", f"{PATH}{record['objectId']}/", role=role).status_code


def test_everybody_with_access_is_listed_with_a_type(reader: Client) -> None:
    """By name; the number is that of clients, the role says it exactly."""
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
    assert data[0].keys() == {"_id", "objectId", "username", "displayName", "permissionType", "role", "created"}
    assert reader.get(f"{PATH}?limit=2&skip=12")["total"] == 13


@pytest.mark.parametrize(
    ("given", "number", "role"),
    [
        ({"permissionType": 0}, 0, Role.CLOUD_APP_SECURITY_ADMINISTRATOR),
        ({"permissionType": "1"}, 1, Role.SECURITY_READER),
        ({"permissionType": "compliance_read_only"}, 2, Role.COMPLIANCE_ADMINISTRATOR),
        ({"permissionType": 5, "allowed_anonymization": True}, 5, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN),
    ],
)
def test_access_is_given_changed_and_taken(client: Client, given: dict[str, Any], number: int, role: Role) -> None:
    """By number or name; the same name again is the same person with other rights."""
    made = client.post(PATH, {"username": ANN, **given})
    assert (made["permissionType"], made["role"], made["created"]) == (number, role.value, NOW)
    assert one(client, ANN) == made
    changed = client.post(PATH, {"username": ANN.upper(), "permissionType": 1})
    assert changed == {**made, "permissionType": 1, "role": "Security reader"}
    assert remove(client, made) == 200
    assert ANN not in {each["username"] for each in client.get(PATH)["data"]}
    assert remove(client, made) == 404


def test_access_that_is_given_back_is_a_new_beginning(client: Client) -> None:
    """The tokens and the password of the first time are gone, whatever the role."""
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
        (
            {"username": ANN, "permissionType": 3, "saasIds": [11161]},
            "permissionType: '3' cannot be given; allowed are",
        ),
        ({"username": ANN, "permissionType": "GROUP_ADMIN"}, "permissionType: 'GROUP_ADMIN' cannot be given"),
        ({"username": ANN, "permissionType": 6}, "permissionType: '6' cannot be given"),
        ({"username": ANN, "permissionType": "x"}, "permissionType: a whole number is expected"),
        ({"username": ANN, "permissionType": []}, "permissionType: text is expected"),
        ({"username": "a b", "permissionType": 1}, "username: user name 'a b' must have"),
    ],
)
def test_what_is_wrong_is_named(reader: Client, given: dict[str, Any], said: str) -> None:
    """Rights limited to apps or groups cannot be given, for the limits are not kept."""
    assert reader.refusal(400, PATH, given).startswith(said)


def test_somebody_with_full_access_remains(client: Client) -> None:
    """Else nobody could ever change anything again."""
    for role in (Role.SECURITY_ADMINISTRATOR, Role.CLOUD_APP_SECURITY_ADMINISTRATOR):
        assert remove(client, one(client, f"{role.slug}@contoso.example")) == 200
    last = one(client, f"{ADMIN.slug}@contoso.example")
    assert remove(client, last) == 400
    weaker = {"username": last["username"], "permissionType": 1}
    assert client.refusal(400, PATH, weaker) == f"username: {last['username']!r} is the last one with full access"
    assert client.post(PATH, {**weaker, "permissionType": 0})["permissionType"] == 0


def test_only_people_with_full_access_give_and_take_it(client: Client) -> None:
    """Not clients of their own, and not those who may change settings otherwise; seeing needs rights of settings."""
    target = one(client, f"{Role.GLOBAL_READER.slug}@contoso.example")
    for role in (Role.GLOBAL_READER, Role.SECURITY_OPERATOR, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN):
        assert client.call("POST", PATH, json={"username": ANN, "permissionType": 0}, role=role).status_code == 403
        assert remove(client, target, role) == 403
    headers = {"Authorization": f"Bearer {client.bearer('settings.manage')}"}
    body = {"username": ANN, "permissionType": 0}
    assert client.call("POST", PATH, json=body, role=None, headers=headers).status_code == 403
    assert client.call("GET", PATH, role=None, headers=headers).status_code == 200
    assert client.call("GET", PATH, role=Role.GLOBAL_READER).status_code == 200
    assert client.call("GET", PATH, role=Role.SECURITY_READER).status_code == 403


@pytest.mark.parametrize("user_id", ["x", "%00", "f" * 3000])
def test_an_unknown_person_is_not_found(reader: Client, user_id: str) -> None:
    """Whatever the id is."""
    assert reader.call("DELETE", f"{PATH}{user_id}/").status_code == 404


def test_another_tenants_people_are_not_found(client: Client) -> None:
    """They are not listed, either."""
    other = {"Authorization": f"Token {client.known.other_token}"}
    target = one(client, f"{Role.GLOBAL_READER.slug}@contoso.example")
    answer = client.call("DELETE", f"{PATH}{target['objectId']}/", role=None, headers=other)
    assert answer.status_code == 404
    assert client.call("GET", PATH, role=None, headers=other).json()["total"] == 1
