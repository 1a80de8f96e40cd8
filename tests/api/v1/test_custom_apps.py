"""Custom apps: our own interface."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.model.roles import Role
from tests.api.v1.conftest import Client
from tests.api.v1.installation import BOX, UNLISTED

PATH = "discovery/custom_apps/"


def test_an_app_is_defined_listed_and_deleted(client: Client) -> None:
    """Lists may be JSON, or a single text."""
    given: dict[str, Any] = {
        "name": "Wiki",
        "domains": ["wiki.example.net", "WIKI.example.org"],
        "ipAddresses": "192.0.2.0/24",
        "category": "SAASDB_CATEGORY_COLLABORATION",
        "score": "9",
        "vendor": "Leak Inc",
        "notes": "ours",
    }
    made = client.post(PATH, given)
    assert made == {
        "_id": made["_id"],
        "appId": 500_000_000,
        "name": "Wiki",
        "category": "SAASDB_CATEGORY_COLLABORATION",
        "domains": ["wiki.example.net", "wiki.example.org"],
        "ipAddresses": ["192.0.2.0/24"],
        "score": 9,
        "vendor": "Leak Inc",
        "notes": "ours",
    }
    assert client.get(PATH)["data"] == [made]
    assert client.call("DELETE", f"{PATH}500000000/").json() == {}
    assert client.get(PATH)["data"] == []
    assert client.call("DELETE", f"{PATH}500000000/").status_code == 404


def test_an_app_outside_the_catalog_is_promoted_with_its_domain_and_tags(client: Client) -> None:
    """Its past and future traffic belongs to the custom app."""
    client.post(f"discovery/discovery_app/{UNLISTED}/add_tag/", {"tagName": "Unsanctioned"})
    tenant_id = client.known.tenant_id
    client.casb.score_overrides.put(tenant_id, UNLISTED, 1, "No contract")
    made = client.post(PATH, {"fromAppId": UNLISTED})
    (kept,) = client.casb.score_overrides.all(tenant_id)
    assert (kept.app_id, kept.score, kept.note) == (made["appId"], 1, "No contract")
    assert (made["name"], made["domains"]) == ("shadow.example", ["shadow.example"])
    client.refusal(400, PATH, {"fromAppId": UNLISTED})
    apps = client.post("discovery/discovered_apps/", {"filters": {"name": {"eq": "shadow.example"}}})["data"]
    assert [(app["appId"], app["listed"]) for app in apps] == [(made["appId"], True)]
    assert apps[0]["tags"] == ["Unsanctioned", "Custom app"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "name: this parameter is required"),
        ({"name": "x"}, "app 'x' needs at least one domain or network"),
        ({"name": "x", "domains": ["*.x"]}, "domain '*.x' must be a host name"),
        ({"name": "x", "domains": [5]}, "domains: a list of texts is expected"),
        ({"name": "x", "ipAddresses": ["x"]}, "network 'x' must be an address"),
        ({"name": "x", "domains": ["x.example"], "category": "BAD"}, "category 'BAD' must look like"),
        ({"name": "x", "domains": ["x.example"], "score": 11}, "score 11 must be 0"),
        ({"fromAppId": BOX}, f"fromAppId: {BOX} is not an app outside the catalog"),
        ({"fromAppId": 2**62}, f"fromAppId: {2**62} is not an app outside the catalog"),
    ],
)
def test_what_is_wrong_is_named(reader: Client, given: dict[str, Any], said: str) -> None:
    """400 with the field and its value."""
    assert reader.refusal(400, PATH, given).startswith(said)


def test_readers_see_and_do_not_change(reader: Client) -> None:
    """The same paths require another permission."""
    role = Role.GLOBAL_READER
    assert reader.get(PATH, role=role)["total"] == 0
    assert reader.call("POST", PATH, json={"name": "x"}, role=role).status_code == 403
    assert reader.call("DELETE", f"{PATH}1/", role=role).status_code == 403
