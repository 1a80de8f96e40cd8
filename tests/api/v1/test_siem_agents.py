"""SIEM agents and their tokens over HTTP, on both engines (api §15)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.engines import client
from tests.conftest import NOW

__all__ = ["client"]  # a fixture

PATH = "agents/siem/"
HOUR = 3_600_000
GIVEN: dict[str, Any] = {"name": "splunk", "host": "SIEM.example.org"}


def status(client: Client, token: str, path: str = "activities/", method: str = "GET") -> int:
    """Return the status of a call with a token."""
    return client.call(method, path, by=f"Token {token}").status_code


def generate(client: Client, agent_id: str) -> str:
    """Return a new token."""
    return str(client.post(f"{PATH}{agent_id}/generate/")["token"])


def test_agents_are_made_listed_changed_and_deleted(client: Client) -> None:
    """Omitted values stay; an empty filter means none."""
    made = client.post(PATH, GIVEN)
    assert made == {
        "_id": made["_id"],
        "name": "splunk",
        "format": "CEF",
        "host": "siem.example.org",
        "port": 514,
        "protocol": "TCP",
        "alerts": True,
        "activities": True,
        "alertFilters": None,
        "activityFilters": None,
        "enabled": True,
        "status": "Created",
        "created": NOW,
        "createdBy": "global-administrator@contoso.example",
        "tokenCreated": None,
        "lastSeen": None,
    }
    path, filters = f"{PATH}{made['_id']}/", {"severity": {"eq": 2}}
    changed = client.post(path, {"alertFilters": filters, "port": "6514", "host": "2001:DB8::1", "activities": False})
    more = {"alertFilters": filters, "port": 6514, "host": "2001:db8::1", "activities": False}
    assert changed == made | more == client.get(path)
    assert client.get(PATH)["data"] == client.post(PATH, {"limit": 10})["data"] == [changed]
    assert client.post(path, {"alertFilters": {}})["alertFilters"] is None
    assert client.call("GET", path, by=client.known.stranger).status_code == 404
    assert client.call("DELETE", path).json() == {}
    assert client.get(PATH)["data"] == []
    calls = [("GET", path), ("POST", path), ("DELETE", path), ("POST", f"{path}generate/")]
    assert [client.call(method, url).status_code for method, url in calls] == [404] * 4
    actions = [entry.action for entry in client.casb.identity.audit_log.latest(client.known.tenant_id)]
    kinds = ("create", "change", "token", "delete")
    assert [actions.count(f"siem_agent.{kind}") for kind in kinds] == [1, 2, 0, 1]


def test_a_token_reads_what_the_agent_sends_and_nothing_else(client: Client) -> None:
    """Lists of alerts and activities, and their feeds; it changes nothing, not even an alert's read state."""
    agent = client.post(PATH, GIVEN)["_id"]
    token = generate(client, agent)
    assert (status(client, token), status(client, token, "alerts/")) == (200, 200)
    for path in ("entities/", "files/", "reports/", "governance/", "discovery/streams/", PATH, "api_tokens/"):
        assert status(client, token, path) == 403, path
    for path in ("activities/x/feedback/", "alerts/x/read/", "alerts/close_benign/", f"{PATH}{agent}/generate/"):
        assert status(client, token, path, "POST") == 403, path
    client.post(f"{PATH}{agent}/", {"activities": False})
    assert (status(client, token), status(client, token, "alerts/")) == (403, 200)


def test_a_new_token_ends_the_one_before(client: Client) -> None:
    """So does deleting or disabling the agent; enabling it restores the token."""
    agent = client.post(PATH, GIVEN)["_id"]
    first, second = generate(client, agent), generate(client, agent)
    assert (status(client, first), status(client, second)) == (401, 200)
    client.post(f"{PATH}{agent}/", {"enabled": False})
    assert status(client, second) == 401
    client.post(f"{PATH}{agent}/", {"enabled": True})
    assert status(client, second) == 200
    client.call("DELETE", f"{PATH}{agent}/")
    assert status(client, second) == 401


def test_a_token_dies_with_the_access_of_who_made_it(client: Client) -> None:
    """And its rights are limited to that user's current role."""
    casb, tenant = client.casb, client.known.tenant_id
    user = casb.users.create(tenant, "ann@contoso.example", Role.SECURITY_ADMINISTRATOR)
    own = casb.identity.credentials.new_api_token(tenant, user.user_id, "x").value
    agent = client.post(PATH, GIVEN)["_id"]
    token = str(client.call("POST", f"{PATH}{agent}/generate/", by=f"Token {own}").json()["token"])
    assert status(client, token) == 200
    casb.users.set_role(tenant, user.user_id, Role.CLOUD_DISCOVERY_GLOBAL_ADMIN, by="x")
    assert status(client, token) == 403
    casb.users.deprovision(tenant, user.user_id, keep_one=False, by="x")
    assert status(client, token) == 401


def test_the_status_follows_the_visits(client: Client) -> None:
    """Connected for two hours after the last visit, then an error for ten hours, then disconnected."""
    agent = client.post(PATH, GIVEN)["_id"]
    token, casb, seen = generate(client, agent), client.casb, []
    assert status(client, token) == 200
    for away in (0, 2 * HOUR, 2 * HOUR + 1, 12 * HOUR, 12 * HOUR + 1):
        casb.now = NOW + away
        seen.append(client.get(f"{PATH}{agent}/")["status"])
    assert seen == ["Connected", "Connected", "Connection error", "Connection error", "Disconnected"]
    assert client.get(f"{PATH}{agent}/")["lastSeen"] == NOW


def test_only_people_with_full_access_change_agents(client: Client) -> None:
    """Settings readers can see them; an application with the permission cannot create a token."""
    agent = client.post(PATH, GIVEN)["_id"]
    app = client.bearer("settings.manage", "settings.read")
    assert client.call("GET", PATH, by=app).status_code == 200
    for path in (PATH, f"{PATH}{agent}/", f"{PATH}{agent}/generate/"):
        assert client.call("POST", path, json=GIVEN, by=app).status_code == 403
        assert client.call("POST", path, json=GIVEN, role=Role.SECURITY_READER).status_code == 403
    assert client.call("POST", PATH, json=GIVEN, by=client.bearer("settings.read")).status_code == 403
    assert client.call("DELETE", f"{PATH}{agent}/", by=app).status_code == 403


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"host": None}, "host: '' is neither a host name nor an address"),
        ({"host": "a b"}, "host: 'a b' is neither"),
        ({"port": 0}, "port: 0 is not allowed; allowed: 1 to 65535"),
        ({"port": 70000}, "port: 70000 is not allowed"),
        ({"protocol": "tls"}, "protocol: 'TLS' is not allowed; allowed: TCP, UDP"),
        ({"format": "leef"}, "format: 'LEEF' is not allowed; allowed: CEF, ARCSIGHT"),
        ({"alerts": False, "activities": False}, "alerts: an agent that sends neither"),
        ({"alertFilters": []}, "alertFilters: an object is expected"),
        ({"activityFilters": {"nope": {"eq": 1}}}, "nope"),
        ({"name": "x" * 65}, "name: at most 64"),
        ({"name": "taken"}, "name: another SIEM agent is called 'taken'"),
    ],
)
def test_wrong_values_are_refused(client: Client, given: dict[str, Any], said: str) -> None:
    """With what is allowed; nothing is stored."""
    client.post(PATH, {**GIVEN, "name": "taken"})
    assert said in client.refusal(400, PATH, {**GIVEN, **given})
    assert client.get(PATH)["total"] == 1


def test_a_name_taken_by_another_is_refused_in_changes(client: Client) -> None:
    """An agent may keep its own."""
    one, other = (client.post(PATH, {**GIVEN, "name": name})["_id"] for name in ("one", "other"))
    assert client.refusal(400, f"{PATH}{other}/", {"name": "one"}).startswith("name: another SIEM agent")
    assert client.post(f"{PATH}{one}/", {"name": "one", "port": 1})["port"] == 1
