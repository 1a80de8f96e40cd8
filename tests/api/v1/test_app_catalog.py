"""The catalog, and the facts about an app (api §12.4, §12.6)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from opencasb.governance.statements import Given
from opencasb.model.factor import Importance
from tests.api.v1.conftest import Client
from tests.api.v1.installation import APPS, BOX, DROPBOX, OKTA, TEAMS, UNLISTED

CATALOG = "discovery/app_catalog/"


def found(client: Client, query: str = "") -> list[int]:
    """Return the app numbers of a search."""
    return [record["appId"] for record in client.get(f"{CATALOG}?{query}")["data"]]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ('{"name":{"contains":["box"]}}', [BOX, DROPBOX]),
        ('{"domain":{"endswith":"microsoft.com"}}', [TEAMS]),
        ('{"score":{"eq":[8,10]}}', [BOX, OKTA]),
        ('{"category":{"eq":"SECURITY"},"score":{"isset":true}}', [OKTA]),
        ('{"tag":{"neq":"None"}}', []),
        ('{"listed":{"eq":false}}', []),
    ],
)
def test_the_catalog_is_searched_by_filters_in_the_query(reader: Client, filters: str, expected: list[int]) -> None:
    """By name by default."""
    assert found(reader, f"filters={quote(filters)}&limit=10") == expected


def test_the_catalog_is_where_the_module_of_2018_looks(reader: Client) -> None:
    """By numbers, at the path of a single app without its number."""
    wanted = {"skip": 0, "limit": 100, "filters": {"appId": {"eq": [BOX, OKTA]}}}
    assert [record["appId"] for record in reader.post("saasdb/", wanted)["data"]] == [BOX, OKTA]


def test_the_catalog_is_paged_and_sorted(reader: Client) -> None:
    """By skip, by the continuation filters, and by score with unscored apps last."""
    by_name = [row[0] for row in sorted(APPS, key=lambda row: row[1].lower())]
    assert found(reader) == by_name
    page = reader.get(f"{CATALOG}?limit=2&skip=2")
    assert ([each["appId"] for each in page["data"]], page["total"]) == (by_name[2:4], len(APPS))
    following = reader.post(CATALOG, {"filters": page["nextQueryFilters"], "limit": 2})
    assert [each["appId"] for each in following["data"]] == by_name[4:]
    assert found(reader, "sortField=score&limit=3") == [OKTA, BOX, DROPBOX]


def test_all_that_is_known_of_an_app(client: Client) -> None:
    """Unknown facts are null or empty, never invented."""
    client.post(f"discovery/discovery_app/{BOX}/add_tag/", {"tagName": "Sanctioned"})
    assert client.get(f"saasdb/{BOX}/") == {
        "_id": f"{BOX:08x}" + "0" * 16,
        "appId": BOX,
        "name": "Box",
        "category": "SAASDB_CATEGORY_CLOUD_STORAGE",
        "domains": ["box.com", "boxcdn.net"],
        "description": "Box is a cloud storage app. It offers SAML single sign-on and multi-factor sign-in.",
        "vendor": None,
        "score": 8,
        "revised_score": {"total": 8, "provider": None, "security": 8, "compliance": None, "legal": 9},
        "overriddenScore": None,
        "knownFactors": 6,
        "countingFactors": 80,
        "tags": ["Sanctioned"],
        "notes": "",
        "info": {
            "dataCenter": ["US", "IE"],
            "dataRetentionPolicy": "deletedWithinOneMonth",
            "isDmca": "true",
            "isIpAddressRestriction": "false",
            "isMultiFactorAuthentication": "true",
            "isRequiresUserAuthentication": "true",
            "isSupportsSaml": "true",
            "ssoSurchargePercent": 33.4,
        },
        "listed": True,
    }
    okta = client.get(f"saasdb/{OKTA}/")
    assert (okta["vendor"], okta["info"]["vendor"], okta["info"]["tlsEncryptionProtocol"]) == ("Okta", "Okta", "tls1_2")
    teams = client.get(f"saasdb/{TEAMS}/")
    assert (teams["score"], teams["knownFactors"], set(teams["revised_score"].values())) == (None, 1, {None})


def test_an_override_is_shown_in_place_of_the_score(client: Client) -> None:
    """In the catalog, in reports with their filters and order, for listed and unlisted apps; sub-scores stay."""
    for app_id, score in ((BOX, 2), (UNLISTED, 10)):
        client.casb.risk_scores.override(client.known.tenant_id, app_id, score, "reviewed", by="ann")
    box = client.get(f"saasdb/{BOX}/")
    assert (box["score"], box["overriddenScore"], box["revised_score"]["total"]) == (2, 2, 2)
    assert box["revised_score"]["security"] == 8
    assert client.get(f"saasdb/{UNLISTED}/")["score"] == 10
    assert found(client, 'filters={"score":{"eq":[0,2]}}') == [BOX]
    query = {"timeframe": 90, "sortField": "score", "sortDirection": "desc", "filters": {"score": {"isset": True}}}
    listed = client.post("discovery/discovered_apps/", query)["data"]
    scores = [app["score"] for app in listed]
    assert scores == sorted(scores, reverse=True)
    assert {app["appId"]: app["score"] for app in listed}.items() >= {BOX: 2, UNLISTED: 10}.items()


def test_settings_change_every_score(client: Client) -> None:
    """At once, even for apps that a client has already read."""
    before = client.get(f"saasdb/{DROPBOX}/")["score"]
    client.casb.risk_scores.weigh(client.known.tenant_id, factors={"is_dmca": Importance.IGNORED}, by="ann")
    after = client.get(f"saasdb/{DROPBOX}/")
    assert (before, after["score"], after["revised_score"]["legal"], after["knownFactors"]) == (3, 5, None, 6)
    (listed,) = client.post("discovery/discovered_apps/", {"filters": {"appId": {"eq": DROPBOX}}})["data"]
    assert listed["score"] == 5


def test_custom_and_unlisted_apps_are_known_too(client: Client) -> None:
    """The tenant's own app with its notes, and an app outside the catalog by its domain."""
    custom: dict[str, Any] = {"name": "Wiki", "domains": ["wiki.example.net"], "score": 9, "notes": "ours"}
    app_id = client.post("discovery/custom_apps/", custom)["appId"]
    record = client.get(f"saasdb/{app_id}/")
    assert (record["notes"], record["score"], record["tags"]) == ("ours", 9, ["Custom app"])
    assert record["description"] == "Wiki is a custom cloud app."
    assert found(client, 'filters={"name":{"eq":"wiki"}}') == [app_id]
    assert found(client, 'filters={"tag":{"eq":"Custom app"}}') == [app_id]
    outside = client.get(f"saasdb/{UNLISTED}/")
    assert (outside["name"], outside["domains"], outside["listed"]) == ("shadow.example", ["shadow.example"], False)
    assert outside["description"].startswith("This is an unlisted domain")


@pytest.mark.parametrize("app_id", ["1", "x", "1000000099", "4294967296", "9999999999", "0"])
def test_an_unknown_app_is_not_found(reader: Client, app_id: str) -> None:
    """Whatever the number."""
    assert reader.call("GET", f"saasdb/{app_id}/").status_code == 404


def test_notes_are_shown(client: Client) -> None:
    """For a listed app, and for a custom app in place of its own; in the list, too."""
    leak = {"name": "Leak", "domains": ["leak.example"], "notes": "ours"}
    custom = client.post("discovery/custom_apps/", leak)["appId"]
    for app_id, value in ((BOX, "ask Cid"), (custom, "ask Dan")):
        client.casb.catalog_corrections.put(
            client.known.tenant_id, Given(kind="note", app_id=app_id, value=value), by="ana"
        )
    assert client.get(f"saasdb/{BOX}/")["notes"] == "ask Cid"
    assert client.get(f"saasdb/{DROPBOX}/")["notes"] == ""
    assert client.get(f"saasdb/{custom}/")["notes"] == "ask Dan"
    listed = {app["appId"]: app["notes"] for app in client.get("discovery/app_catalog/")["data"]}
    assert (listed[BOX], listed[DROPBOX], listed[custom]) == ("ask Cid", "", "ask Dan")


def test_what_the_tenant_attests_is_shown(client: Client) -> None:
    """It is a fact about the app until it is withdrawn."""
    before = client.get(f"saasdb/{DROPBOX}/")["info"]
    said = Given(kind="fact", app_id=DROPBOX, key="is_soc2_compliant", value="no", link="https://dropbox.example/")
    kept = client.casb.catalog_corrections.put(client.known.tenant_id, said, by="ana").correction
    assert client.get(f"saasdb/{DROPBOX}/")["info"] == {**before, "isSoc2Compliant": "false"}
    client.casb.corrections.withdraw(client.known.tenant_id, kept.correction_id, by="ana")
    assert client.get(f"saasdb/{DROPBOX}/")["info"] == before
