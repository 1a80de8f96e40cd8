"""The countries of a user's activities, as requested by a playbook for Microsoft Sentinel."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from opencasb.activities.columns import to_record
from tests.activities.example import ANA, wire
from tests.api.v1.conftest import Client
from tests.conftest import NOW

PATH = "activities_locations/by_user/"
DAY = 86_400_000


def packed(**pk: Any) -> str:
    """Return an entity's key in base64, as the playbook derives it from an object id."""
    return base64.b64encode(json.dumps(pk, separators=(",", ":")).encode()).decode()


@pytest.fixture
def ana(client: Client) -> Client:
    """A client with five activities of Ana from two countries and one without a country, and one of another user."""
    others: dict[str, Any] = {"entityData": {"0": {"id": {"id": "bot", "saas": 10489, "inst": 7}}}, "resolvedActor": {}}
    changes: list[dict[str, Any]] = [
        {},
        {"location": {"countryCode": "SE"}},
        {"location": {"countryCode": "SE"}},
        {"location": {}, "device": {}, "internals": {}},
        {"timestamp": NOW - 31 * DAY},
        others,
    ]
    made = [to_record(wire(at, **each)) for at, each in enumerate(changes, 1)]
    client.casb.activities.add(client.known.tenant_id, made)
    return client


@pytest.mark.parametrize("key", [packed(**ANA) + "/", packed(**ANA), "ana@example.org", f"11161|0|{ANA['id']}"])
def test_countries_come_with_activities_and_the_newest_time(ana: Client, key: str) -> None:
    """Most frequent first, for the last 30 days; the playbook appends a slash to the key."""
    expected = [["SE", 2, NOW - 2000], ["PT", 1, NOW - 1000]]
    assert ana.get(f"{PATH}?username={key}") == {"data": expected} == ana.post(PATH, {"username": key})


def test_who_is_unknown_was_nowhere(ana: Client) -> None:
    """An empty list; the user must be given."""
    for key in (packed(id="x", saas=1, inst=0), "nobody", "/"):
        assert ana.get(f"{PATH}?username={key}") == {"data": []}
    assert "username" in ana.refusal(400, PATH)
