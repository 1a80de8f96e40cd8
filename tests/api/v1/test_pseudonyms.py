"""Resolving pseudonyms: our own interface."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.lake.names import Pseudonyms
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.engines import client

__all__ = ["client"]  # a fixture

PATH = "discovery/resolve_pseudonyms/"
WHY = {"justification": "case 17"}


def pseudonym(client: Client, name: str, kind: str = "user", tenant_id: int | None = None) -> str:
    """Return the pseudonym of a name."""
    return Pseudonyms(client.casb.pseudonym_keys.of(tenant_id or client.known.tenant_id)).hide(kind, name)


def test_names_are_resolved_both_ways(client: Client) -> None:
    """In order; pseudonyms of another tenant, and invalid ones, have no name."""
    other = next(each for each in client.casb.tenants.all() if each.tenant_id != client.known.tenant_id)
    hidden = pseudonym(client, "ana@example.org")
    asked = [hidden, pseudonym(client, "ana@example.org", tenant_id=other.tenant_id), "User_?"]
    found = client.post(PATH, {"pseudonyms": asked, **WHY})["data"]
    assert [each["pseudonym"] for each in found] == asked
    assert [each["name"] for each in found] == ["ana@example.org", None, None]
    back = client.post(PATH, {"names": "ana@example.org", **WHY})["data"]
    assert back == [{"pseudonym": hidden, "name": "ana@example.org"}]
    device = client.post(PATH, {"names": ["pc1"], "kind": "device", **WHY})["data"]
    assert device[0]["pseudonym"] == pseudonym(client, "pc1", "device")


def test_a_lost_key_file_is_503(client: Client) -> None:
    """Once it is restored, the call can be repeated."""
    hidden = pseudonym(client, "ana@example.org")
    tenant = client.casb.tenants.get(client.known.tenant_id)
    assert tenant is not None
    assert client.casb.tenants.seal_pseudonym_key(tenant, b"sealed elsewhere" * 4)
    answer = client.call("POST", PATH, json={"pseudonyms": [hidden], **WHY})
    assert answer.status_code == 503
    assert answer.json()["detail"].startswith("the data directory lacks a file")


def test_each_resolution_is_on_record_without_names(client: Client) -> None:
    """In the governance log with its reason, even if nothing was found, and in the audit log."""
    hidden = pseudonym(client, "ana@example.org")
    client.post(PATH, {"pseudonyms": [hidden], **WHY})
    client.post(PATH, {"pseudonyms": ["User_?"], **WHY})
    tasks = client.post("governance/", {"filters": {"type": {"eq": "DiscoveryResolvePseudonymTask"}}})["data"]
    status = [each["status"] for each in tasks]
    said = [(each["isSuccess"], each["templateMessage"]["parameters"]["pseudonyms"]) for each in status]
    assert sorted(said) == [(False, ["User_?"]), (True, [hidden])]
    assert {each["targetObject"]["label"] for each in tasks} == {"case 17"}
    latest = client.casb.identity.audit_log.latest(client.known.tenant_id)
    entries = [each for each in latest if each.action == "pseudonym.resolve"]
    assert [(each.details["justification"], each.details["count"]) for each in entries] == [("case 17", 1)] * 2
    assert "ana@example.org" not in f"{tasks}{entries}"


def test_only_people_who_are_allowed_to_may_ask(client: Client) -> None:
    """Users with full access, or a discovery admin with anonymization allowed, but never an application."""
    asked = {"pseudonyms": [pseudonym(client, "ana@example.org")], **WHY}
    may = {
        (Role.CLOUD_DISCOVERY_GLOBAL_ADMIN, None): 403,
        (Role.CLOUD_DISCOVERY_GLOBAL_ADMIN, RoleScope(allowed_anonymization=True)): 200,
        (Role.SECURITY_ADMINISTRATOR, None): 200,
        (Role.COMPLIANCE_ADMINISTRATOR, None): 403,
        (Role.SECURITY_READER, None): 403,
    }
    found = {
        (role, scope): client.call("POST", PATH, json=asked, by=client.person(role, scope)).status_code
        for role, scope in may
    }
    assert found == may
    bearer = client.bearer("discovery.manage", "settings.manage")
    assert client.call("POST", PATH, json=asked, by=bearer).status_code == 403


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"pseudonyms": ["User_x"]}, "justification: this parameter is required"),
        ({**WHY}, "pseudonyms: one of"),
        ({"pseudonyms": ["a"], "names": ["b"], **WHY}, "pseudonyms: one of"),
        ({"names": ["b"], "kind": "ip", **WHY}, "kind: 'ip' has no pseudonyms; allowed: user, device"),
        ({"names": ["b"] * 101, **WHY}, "names: at most 100 texts"),
        ({"names": [""], **WHY}, "names: at most 100 texts"),
        ({"names": [1], **WHY}, "names: a list of texts"),
    ],
)
def test_wrong_questions_are_refused(client: Client, given: dict[str, Any], said: str) -> None:
    """With what is allowed; they are not audited."""
    assert client.refusal(400, PATH, given).startswith(said)
    assert client.post("governance/")["total"] == 0
