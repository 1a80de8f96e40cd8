"""Tenants are isolated: they cannot see each other's objects, and changes in one do not affect the other."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any, Final

import httpx
import pytest

from opencasb.api.v1.resources import ROUTES
from tests.conformance.conftest import Shop
from tests.conformance.stock import Owner, fill

NOBODY: Final = base64.urlsafe_b64encode(json.dumps({"id": "nobody", "saas": 11161, "inst": 0}).encode()).decode()
UNKNOWN: Final = {"entity_pk": NOBODY, "app_id": "599999999", "policy_type": "FILE", "user_id": "0" * 36}
"""Ids that do not exist; other variables use 24 times f."""

RULE: Final = {"name": "taken over", "category": 1, "subnets": ["172.31.0.0/24"]}
BODIES: Final[dict[str, Any]] = {
    "activities/<activity_id>/feedback": {"feedback": "x"},
    "subnet/<range_id>": RULE,
    "subnet/<range_id>/update_rule": RULE,
    "discovery/discovery_app/<app_id>/add_tag": {"tagName": "Sanctioned"},
    "discovery/discovery_app/<app_id>/remove_tag": {"tagName": "Unsanctioned"},
}
"""Bodies that would have an effect with the tenant's own id."""

VARIABLE: Final = re.compile(r"<(\w+)>")
EVERYBODYS: Final = frozenset({"reports/<target>"})
"""Their names are the same in every tenant."""

WITH_IDS: Final = [
    (method, route.path)
    for route in ROUTES
    if "<" in route.path and route.path not in EVERYBODYS
    for method in route.handlers
]
LISTS: Final = [
    (method, route.path)
    for route in ROUTES
    for method in route.handlers
    if "<" not in route.path
    and "GET" in route.handlers
    and not route.path.endswith(("_url", "_upload"))
    and (method, route.path) != ("POST", "api_tokens")
]
"""Read-only endpoints."""

QUERIES: Final = {
    "activities_locations/by_user": "?username=ana@example.org",
    "discovery/discovered_apps/categories": "?streamId={0.known.global_view}",
    "discovery_block_scripts": "?format=102",
    "discovery/discovery_block_scripts": "?format=104",
    "discovery/block_script": "?format=120",
    "files": '?filters={{"allowDeleted":{{"eq":true}}}}',
}


def told(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and body of a response, for comparison."""
    return answer.status_code, answer.text


def named(path: str, ids: dict[str, str]) -> str:
    """Substitute ids in a path."""
    return VARIABLE.sub(lambda found: ids.get(found[1], "f" * 24), path)


def shown(owner: Owner) -> dict[tuple[str, str], tuple[int, str]]:
    """Return what a tenant's administrator sees in every list."""
    seen = {}
    for method, path in LISTS:
        query = QUERIES.get(path, "").format(owner.client)
        answer = owner.client.call(method, f"{path}/{query}", role=None, headers=owner.headers)
        assert answer.status_code == 200, (path, answer.text)
        seen[method, path] = told(answer)
    return seen


@pytest.fixture(scope="module")
def neighbours(show: Shop) -> Shop:
    """Two stocked tenants; ``ids`` are those of the second, unknown in the first."""
    return Shop(show.client, fill(show.other, "second"), show.mine, show.other)


@pytest.mark.parametrize(("method", "path"), WITH_IDS, ids=[f"{method} {path}" for method, path in WITH_IDS])
def test_an_id_of_another_tenant_is_an_unknown_id(neighbours: Shop, method: str, path: str) -> None:
    """Same status and body: 404, except for apps of a report, where the number is merely not found."""
    foreign, unknown = (
        neighbours.client.call(
            method, f"{named(path, ids)}/", role=None, headers=neighbours.mine.headers, json=BODIES.get(path)
        )
        for ids in (neighbours.ids, UNKNOWN)
    )
    assert told(foreign) == told(unknown) == (404, '{"detail":"Not found."}')


def test_the_ids_are_those_of_real_records(neighbours: Shop) -> None:
    """After all these calls, their owner still has all of them unchanged."""
    for method, path in WITH_IDS:
        if method == "GET" and path != "discovery/discovered_apps/<app_id>":
            neighbours.other.get(f"{named(path, neighbours.ids)}/")
    assert neighbours.other.get(f"subnet/{neighbours.ids['range_id']}/")["name"] == "second office"
    owned = {
        "stream_id": neighbours.other.get("discovery/data_sources/")["data"],
        "user_id": neighbours.other.get("manage_admin_access/")["data"],
        "token_id": neighbours.other.get("api_tokens/")["data"],
    }
    for name, records in owned.items():
        assert neighbours.ids[name] in {each["_id"] for each in records}
    app = neighbours.other.get(f"saasdb/{neighbours.ids['app_id']}/")
    assert sorted(app["tags"]) == ["Custom app", "Unsanctioned", "second tag"]
    alert = neighbours.other.get(f"alerts/{neighbours.ids['alert_id']}/")
    assert (alert["statusValue"], alert["resolutionStatusValue"]) == (0, 0)


IN_BODIES: Final[list[tuple[str, str, Callable[[dict[str, str]], Any]]]] = [
    *(
        (f"alerts/{end}/", "alert_id", lambda ids: {"filters": {"id": {"eq": [ids["alert_id"]]}}})
        for end in ("close_benign", "close_false_positive", "close_true_positive", "dismiss_bulk", "resolve", "reopen")
    ),
    ("alerts/", "alert_id", lambda ids: {"filters": {"id": {"eq": ids["alert_id"]}}}),
    ("activities/", "activity_id", lambda ids: {"filters": {"activity.id": {"eq": [ids["activity_id"]]}}}),
    ("activities/", "alert_id", lambda ids: {"filters": {"activity.alertId": {"eq": [ids["alert_id"]]}}}),
    ("entities/", "group_id", lambda ids: {"filters": {"userGroups": {"eq": [ids["group_id"]]}}}),
    ("entities/", "account", lambda ids: {"filters": {"entity": {"eq": [{"id": ids["account"]}]}}}),
    ("files/", "file_id", lambda ids: {"filters": {"fileId": {"eq": [ids["file_id"]]}}}),
    ("policies/", "policy_id", lambda ids: {"filters": {"id": {"eq": [ids["policy_id"]]}}}),
    ("subnet/", "tag_id", lambda ids: {"filters": {"tags": {"eq": [ids["tag_id"]]}}}),
    ("subnet/create_rule/", "tag_id", lambda ids: {**RULE, "tags": [ids["tag_id"]]}),
    ("discovery/discovered_apps/", "stream_id", lambda ids: {"streamId": ids["stream_id"]}),
    ("discovery/discovered_apps/categories/", "stream_id", lambda ids: {"streamId": ids["stream_id"]}),
    ("discovery/discovered_apps/tags/", "stream_id", lambda ids: {"streamId": ids["stream_id"]}),
    ("discovery/custom_apps/", "app_id", lambda ids: {"name": "x", "fromAppId": ids["app_id"]}),
    ("discovery/done_upload/", "url", lambda ids: {"uploadUrl": ids["url"]}),
    ("discovery/done_upload/", "source", lambda ids: {"uploadUrl": ids["own_url"], "inputStreamName": ids["source"]}),
]
"""References in bodies: path, kind of object, body."""


@pytest.fixture(scope="module")
def both_ids(neighbours: Shop) -> tuple[dict[str, str], dict[str, str]]:
    """Ids of the other tenant, and unknown ones."""
    upload = "discovery/upload_url/?filename=a.log&source=SQUID"
    url, own_url = neighbours.other.get(upload)["url"], neighbours.mine.get(upload)["url"]
    for each in (url, own_url):
        neighbours.client.call("PUT", each, role=None, content=b"x")
    ranges = neighbours.other.post("subnet/", {"filters": {"name": {"eq": "second tunnel"}}})["data"]
    own = {"own_url": own_url}
    more = {"url": url, "source": "second-1", "tag_id": ranges[0]["tags"][0]["id"], "account": "ana1@example.org"}
    unknown = {**dict.fromkeys([*neighbours.ids, *more], "e" * 24), **UNKNOWN, "url": f"{url[:-8]}AAAAAAAA"}
    return {**neighbours.ids, **more, **own}, {**unknown, **own}


@pytest.mark.parametrize(("path", "name", "body"), IN_BODIES, ids=[f"{path}{name}" for path, name, _ in IN_BODIES])
def test_a_body_that_names_something_of_another_tenant_names_nothing(
    neighbours: Shop,
    both_ids: tuple[dict[str, str], dict[str, str]],
    path: str,
    name: str,
    body: Callable[[dict[str, str]], Any],
) -> None:
    """Filters find nothing, and references are rejected like unknown ones; only the id in the response differs."""
    answers = []
    for ids in both_ids:
        answer = neighbours.client.call("POST", path, role=None, headers=neighbours.mine.headers, json=body(dict(ids)))
        answers.append((answer.status_code, answer.text.replace(ids[name], "…")))
    assert answers[0] == answers[1]
    status, text = answers[0]
    assert status == 400 or '"total":0' in text or "alertsNotFound" in text


def test_nothing_that_another_tenant_does_shows(shop: Shop) -> None:
    """Lists, counts and scripts stay the same while it stores, closes, replaces and deletes similar records."""
    before = shown(shop.mine)
    twin = Owner(shop.client, shop.other.tenant_id, shop.client.known.other_token, kin=0)
    ids = fill(twin, "twin")
    assert shown(shop.mine) == before
    assert {name for name in ids if ids[name] == shop.ids[name]} >= {"activity_id", "alert_id", "policy_id", "task_id"}
    twin.post("alerts/close_true_positive/", {"filters": {"date": {"gte": 0}}, "comment": "all"})
    twin.post(f"subnet/{ids['range_id']}/update_rule/", RULE)
    twin.post(f"activities/{ids['activity_id']}/feedback", {"feedback": "x"})
    for path in ("subnet/<range_id>", "discovery/data_sources/<stream_id>", "manage_admin_access/<user_id>"):
        shop.client.call("DELETE", f"{named(path, ids)}/", role=None, headers=twin.headers)
    for path in ("discovery/custom_apps/<app_id>", "api_tokens/<token_id>"):
        shop.client.call("DELETE", f"{named(path, ids)}/", role=None, headers=twin.headers)
    assert shown(shop.mine) == before
    assert {each["title"] for each in shop.mine.get("alerts/")["data"]} == {"first", "Impossible travel activity"}
    assert {each["resolutionStatusValue"] for each in twin.get("alerts/")["data"]} == {5}
