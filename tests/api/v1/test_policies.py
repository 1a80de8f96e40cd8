"""Policies (api §15)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.roles import Role
from opencasb.store.policies import record
from tests.api.v1.conftest import Client
from tests.store.test_policies import policy

PATH = "policies/"


@pytest.fixture
def policies(client: Client) -> Client:
    """A client with three policies."""
    made = [policy(1), policy(2, policyType="FILE", name="Shared keys"), policy(3, policyType="NEW_SERVICE")]
    client.casb.policies.put(client.known.tenant_id, [record(each) for each in made])
    return client


def test_there_are_none_until_somebody_defines_one(reader: Client) -> None:
    """By a plain GET, like the Splunk add-on, and by POST."""
    empty = {"data": [], "total": 0, "hasNext": False, "max": 100, "moreThanTotal": False}
    assert reader.get(PATH) == reader.post(PATH, {"skip": 0, "limit": 100}) == empty


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (None, [3, 2, 1]),
        ({"type": {"eq": "FILE"}}, [2]),
        ({"type": {"eq": ["audit", "NEW_SERVICE"]}}, [3, 1]),
        ({"type": {"eq": "WRONG"}}, []),
        ({"name": {"contains": "keys"}}, [2]),
    ],
)
def test_policies_are_listed_by_type(policies: Client, filters: dict[str, Any] | None, expected: list[int]) -> None:
    """Last changed first; each has an id and a time (api §18, 31)."""
    data = policies.post(PATH, {"filters": filters})["data"]
    assert [int(each["_id"][-2:], 16) for each in data] == expected
    assert all(each.keys() >= {"_id", "lastModified"} for each in data)


def test_a_policy_is_fetched_by_type_and_id(policies: Client) -> None:
    """Under another type it is not found; the type may be omitted."""
    one = policy(2, policyType="FILE", name="Shared keys")
    for path in (f"FILE/{one['_id']}/", f"file/{one['_id'].upper()}", f"{one['_id']}/"):
        assert policies.get(f"{PATH}{path}") == policies.post(f"/cas/api/v1/policies/{path}") == one
    for path in (f"AUDIT/{one['_id']}/", "FILE/x/", "FILE/%00/", f"%00/{one['_id']}/", "FILE/", "%00/"):
        assert policies.call("GET", f"{PATH}{path}").status_code == 404


def test_policies_need_rights_of_investigation(reader: Client) -> None:
    """Discovery permissions do not suffice (api §2.3)."""
    assert reader.call("GET", PATH, role=Role.SECURITY_READER).status_code == 200
    assert reader.call("GET", PATH, role=Role.CLOUD_DISCOVERY_GLOBAL_ADMIN).status_code == 403
