"""Roles limited to some records: records outside the scope are invisible at every endpoint and cannot be changed."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from opencasb.activities.alert_columns import record as alert_record
from opencasb.api.v1.built_in_reports import REPORTS
from opencasb.model.role_scope import AppInstance, RoleScope
from opencasb.model.roles import Role
from tests.activities.example import wire
from tests.alerts import alert, alert_id
from tests.conformance import stock
from tests.conformance.conftest import Shop
from tests.conformance.test_isolation import BODIES, IN_BODIES, LISTS, QUERIES, UNKNOWN, WITH_IDS, named, told
from tests.conftest import NOW

SLACK: Final = 44262
EVE: Final = {"id": "eve@slack.example", "saas": SLACK, "inst": 0}
SCOPED: Final = (Role.APP_INSTANCE_ADMIN, Role.USER_GROUP_ADMIN)
OWN: Final = {"activity_id": "own", "alert_id": alert_id(4000), "task_id": f"{4000:024x}", "file_id": "own-file"}


def limit(shop: Shop, *, read_only: bool = False) -> None:
    """Limit one admin to an app and one to a group.

    An account, an activity, an alert, files and a task are in scope.
    """
    casb, tenant_id = shop.client.casb, shop.mine.tenant_id
    group = shop.mine.post("user_tags/create_tag/", {"groupId": "own", "appId": SLACK, "name": "own"})["_id"]
    scopes = {
        Role.APP_INSTANCE_ADMIN: RoleScope(apps=(AppInstance(SLACK),), read_only=read_only),
        Role.USER_GROUP_ADMIN: RoleScope(groups=(group,), read_only=read_only),
    }
    for role, scope in scopes.items():
        user = casb.users.by_upn(tenant_id, f"{role.slug}@contoso.example")
        assert user is not None
        casb.users.set_role(tenant_id, user.user_id, role, scope=scope)
    own_group = [{"id": "own", "name": "own"}]
    shop.mine.deliver("entities", [{"id": EVE["id"], "appId": SLACK, "displayName": "Eve", "groups": own_group}])
    actor = {"entityData": {"0": {"id": EVE}}, "resolvedActor": {}, "user": {"userName": "eve", "userTags": []}}
    shop.mine.deliver("activities", [wire(1, _id="own", appId=SLACK, saasId=SLACK, appName="Slack", **actor)])
    shop.mine.deliver("files", [{"id": "own-file", "appId": SLACK, "name": "own.txt", "owner": EVE["id"]}])
    casb.alerts.put(tenant_id, [alert_record(alert(4000, entities=[{"type": "account", **EVE}]))])
    casb.governance_log.add(tenant_id, "SuspendUserTask", app_id=SLACK, task_id=OWN["task_id"])


@pytest.fixture(scope="module")
def narrow(show: Shop) -> Shop:
    """The stocked installation with scoped administrators."""
    limit(show)
    return show


def lists(shop: Shop, role: Role) -> dict[str, tuple[int, str]]:
    """Return what an administrator sees in every list and report."""
    asked = {path: f"{path}/{query}".format(shop.client) for path, query in QUERIES.items()}
    paths = [(method, asked.get(path, f"{path}/")) for method, path in LISTS if path != "api_tokens"]
    paths += [("GET", f"reports/{code}/") for code in REPORTS]
    return {f"{method} {path}": told(shop.client.call(method, path, role=role)) for method, path in paths}


@pytest.mark.parametrize("role", SCOPED)
@pytest.mark.parametrize(("method", "path"), WITH_IDS, ids=[f"{method} {path}" for method, path in WITH_IDS])
def test_an_id_outside_of_the_scope_is_an_unknown_id(narrow: Shop, role: Role, method: str, path: str) -> None:
    """Same status and body: 404, or 403 if the role has no access at all."""
    outside, unknown = (
        told(narrow.client.call(method, f"{named(path, ids)}/", role=role, json=BODIES.get(path)))
        for ids in (narrow.ids, UNKNOWN)
    )
    assert outside == unknown
    assert outside[0] in {403, 404}


NAMED: Final = ("activity_id", "alert_id", "group_id", "file_id", "policy_id", "account")
ASKED: Final = [each for each in IN_BODIES if each[1] in NAMED]


@pytest.mark.parametrize("role", SCOPED)
@pytest.mark.parametrize(("path", "name", "body"), ASKED, ids=[f"{path}{name}" for path, name, _ in ASKED])
def test_a_filter_for_what_is_outside_finds_nothing(narrow: Shop, role: Role, path: str, name: str, body: Any) -> None:
    """With the same response as for an unknown id."""
    outside = {**narrow.ids, "account": "ana0@example.org"}
    answers = []
    for ids in (outside, {**dict.fromkeys(outside, "e" * 24), **UNKNOWN}):
        status, text = told(narrow.client.call("POST", path, role=role, json=body(ids)))
        answers.append((status, text.replace(ids[name], "…")))
    assert answers[0] == answers[1]
    status, text = answers[0]
    assert status == 403 or '"total":0' in text or "alertsNotFound" in text


def test_everything_of_ones_own_is_there(narrow: Shop) -> None:
    """Listed, counted and found, and nothing else; a group has no files or tasks, an app no groups."""
    own = {"activities": ["own"], "alerts": [OWN["alert_id"]], "governance": [OWN["task_id"]], "policies": []}
    expected = {
        Role.APP_INSTANCE_ADMIN: {**own, "files": ["own.txt", "Plan.xlsx"], "entities": ["Eve"], "user_tags": []},
        Role.USER_GROUP_ADMIN: {**own, "governance": [], "entities": ["Eve", "Eve"], "user_tags": ["own"]},
    }
    for role, lists_of in expected.items():
        for path, ids in lists_of.items():
            page = narrow.client.post(f"{path}/", role=role)
            found = [each.get("displayName") or each.get("name") or each["_id"] for each in page["data"]]
            assert (found, page["total"], page["hasNext"]) == (ids, len(ids), False), (role, path)
    app, group = SCOPED
    for role, names in ((app, OWN), (group, {name: OWN[name] for name in ("activity_id", "alert_id")})):
        for path in ("activities/<activity_id>", "alerts/<alert_id>", "governance/<task_id>", "files/<file_id>"):
            if re.findall("<(.+)>", path)[0] in names:
                assert narrow.client.call("GET", f"{named(path, names)}/", role=role).status_code == 200
    assert narrow.client.get(f"entities/{SLACK}|0|{EVE['id']}/retrieve_tree/", role=app)["type"] == 1
    by_name = {"filters": {"displayName": {"eq": "Eve"}}}
    assert [each["type"] for each in narrow.client.post("entities/", by_name, role=app)["data"]] == [1]
    assert [each["type"] for each in narrow.client.post("entities/", by_name, role=group)["data"]] == [2]
    assert narrow.client.get(f"entities/{SLACK}|0|{EVE['id']}/retrieve_tree/", role=group)["type"] == 2
    rows = narrow.client.get("reports/app_summary/", role=app)["data"]
    assert [(row["record_data"]["appId"], row["record_data"]["activities"]) for row in rows] == [(SLACK, 1)]
    types = narrow.client.get("autocomplete/activity-types/", role=group)["records"][0]["items"]
    assert [each["appId"] for each in types] == [SLACK]
    for role in SCOPED:
        assert narrow.client.get("activities_locations/by_user/?username=ana0@example.org", role=role) == {"data": []}
        places = narrow.client.get(f"activities_locations/by_user/?username={SLACK}|0|{EVE['id']}", role=role)["data"]
        assert [count for _, count, _ in places] == [1]


@pytest.mark.parametrize("role", SCOPED)
def test_nothing_that_happens_outside_shows(shop: Shop, role: Role) -> None:
    """Lists, counts and reports stay the same while others are stored, closed, tagged, changed and deleted."""
    limit(shop)
    before = lists(shop, role)
    casb, tenant_id = shop.client.casb, shop.mine.tenant_id
    for kind in ("entities", "files", "activities"):
        assert shop.mine.post(f"ingest/{kind}/", getattr(stock, kind)(7, "outside"))["errors"] == []
    casb.alerts.put(tenant_id, [alert_record(each) for each in stock.alerts(7, "outside")])
    casb.alerts.delete(tenant_id, [alert_id(2)])
    casb.governance_log.add(tenant_id, "DiscoveryTagAppTask", app_id=SLACK)
    shop.mine.post("alerts/close_benign/", {"filters": {"id": {"eq": [shop.ids["alert_id"]]}}})
    shop.mine.post("user_tags/create_tag/", {"groupId": "outside", "appId": 10489})
    shop.mine.post(f"activities/{shop.ids['activity_id']}/feedback", {"feedback": "x"})
    casb.activities.expire(tenant_id, NOW - 2 * stock.DAY)
    assert lists(shop, role) == before
    assert {status for status, _ in before.values()} - {404} == {200, 403}  # groups have no report on files


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("role", SCOPED)
def test_what_may_be_done_is_done_to_ones_own_alone(shop: Shop, role: Role, *, read_only: bool) -> None:
    """A filter for all alerts closes one; read-only users close none, but mark and rate like any reader."""
    limit(shop, read_only=read_only)
    client, everything = shop.client, {"filters": {"date": {"gte": 0}}}
    mine = {"activities/<activity_id>/feedback", "alerts/<alert_id>/read"}
    assert {client.call("POST", named(path, OWN), role=role, json={"feedback": "x"}).status_code for path in mine} == {
        200
    }
    closed = client.call("POST", "alerts/close_true_positive/", role=role, json=everything)
    assert closed.status_code == (403 if read_only else 200)
    assert read_only or closed.json() == {"closed_true_positive": 1}
    states = {each["_id"]: each["resolutionStatusValue"] for each in shop.mine.get("alerts/")["data"]}
    assert {name for name, state in states.items() if state == 5} - {alert_id(5)} == (
        set() if read_only else {OWN["alert_id"]}
    )
    for path in ("ingest/activities", "subnet/create_rule", "manage_admin_access", "discovery/custom_apps"):
        assert client.call("POST", f"{path}/", role=role, json={}).status_code == 403


def test_limits_of_a_role_are_limits_of_its_tokens(shop: Shop) -> None:
    """A new token of a scoped administrator sees the same, and an older one is limited, too."""
    limit(shop)
    role = Role.APP_INSTANCE_ADMIN
    token = shop.client.post("api_tokens/", {"name": "script"}, role=role)["token"]
    assert shop.client.post("activities/", by=f"Token {token}")["total"] == 1
    user = shop.client.casb.users.by_upn(shop.mine.tenant_id, f"{role.slug}@contoso.example")
    assert user is not None
    shop.client.casb.users.set_role(shop.mine.tenant_id, user.user_id, role)
    assert shop.client.post("activities/", by=f"Token {token}")["total"] == 0


def test_who_has_which_accounts_is_not_told_by_filters(shop: Shop) -> None:
    """A person's account outside the scope finds nothing, though for others it stands for the one inside (§6.6)."""
    limit(shop)
    person = {"email": "eve@contoso.example"}
    accounts = [{"id": "e-1", "appId": 10980, **person}, {"id": EVE["id"], "appId": SLACK, **person}]
    shop.mine.deliver("entities", accounts)
    for path, name in (("activities", "entity"), ("alerts", "entity.entity"), ("entities", "entity")):
        asked = {"filters": {name: {"eq": [{"id": "e-1", "saas": 10980, "inst": 0}]}}}
        assert shop.client.post(f"{path}/", asked, role=Role.APP_INSTANCE_ADMIN)["total"] == 0
    found = shop.mine.post("activities/", {"filters": {"entity": {"eq": [{"id": "eve@contoso.example"}]}}})
    assert found["total"] == 1
