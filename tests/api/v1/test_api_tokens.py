"""API tokens of users: our own interface (api §2.1)."""

from __future__ import annotations

import re

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import ADMIN, Client

PATH = "api_tokens/"


def owners(client: Client, role: Role) -> set[str]:
    """Return the owners of the tokens that a role sees."""
    return {token["owner"].partition("@")[0] for token in client.get(PATH, role=role)["data"]}


def test_a_token_is_shown_once_works_and_is_revoked(client: Client) -> None:
    """The list never has the key; its state reflects its use."""
    made = client.post(PATH, {"name": " ci "}, role=Role.SECURITY_READER)
    assert made["name"] == "ci"
    assert re.fullmatch("[0-9a-zA-Z=]{64,192}", made["token"])
    own = f"Token {made['token']}"

    def state() -> str:
        listed = client.get(PATH, role=Role.SECURITY_READER)["data"]
        assert made["token"] not in str(listed)
        return str(next(token["status"] for token in listed if token["_id"] == made["_id"]))

    assert state() == "Generated"
    assert client.call("GET", "discovery/weights/", by=own).status_code == 200
    assert state() == "Active"
    client.casb.now += 8 * 24 * 3600_000
    assert state() == "Inactive"
    assert client.call("DELETE", f"{PATH}{made['_id']}/", role=Role.SECURITY_READER).json() == {}
    assert client.call("GET", "discovery/weights/", by=own).status_code == 401
    assert client.call("DELETE", f"{PATH}{made['_id']}/", role=Role.SECURITY_READER).status_code == 404


def test_full_access_sees_every_token_others_their_own(client: Client) -> None:
    """They can also revoke them (api §2.1)."""
    assert owners(client, ADMIN) == {role.slug for role in Role}
    assert owners(client, Role.SECURITY_READER) == {"security-reader"}
    foreign = next(token for token in client.get(PATH)["data"] if token["owner"].startswith("security-reader"))
    path = f"{PATH}{foreign['_id']}/"
    assert client.call("DELETE", path, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN).status_code == 404
    assert client.call("DELETE", path).status_code == 200


@pytest.mark.parametrize("role", [Role.GLOBAL_READER, Role.SECURITY_OPERATOR, Role.COMPLIANCE_ADMINISTRATOR])
def test_roles_without_tokens_of_their_own_are_refused(reader: Client, role: Role) -> None:
    """According to the last column of the table in api §2.3."""
    assert reader.call("GET", PATH, role=role).status_code == 403
    assert reader.call("POST", PATH, json={"name": "x"}, role=role).status_code == 403


def test_an_application_has_no_tokens(client: Client) -> None:
    """Tokens belong to users."""
    assert client.call("GET", PATH, by=client.bearer("settings.manage")).status_code == 403


def test_names_are_checked(reader: Client) -> None:
    """1 to 256 printable characters."""
    assert reader.refusal(400, PATH, {}) == "name: this parameter is required"
    assert reader.refusal(400, PATH, {"name": "x" * 257}).startswith("name: token name")
    assert reader.refusal(400, PATH, {"name": "a\nb"}).startswith("name: ")
