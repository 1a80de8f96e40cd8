"""Every documented endpoint works under every alias, with real records (api §1.1, §15, §17)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

import httpx
import pytest

from opencasb.api.v1.resources import ROUTES
from opencasb.model.stream import StreamType
from tests.api.v1.conftest import ADMIN
from tests.conformance.conftest import Shop

FORMS: Final = [f"{prefix}{{}}{end}" for prefix in ("/api/v1/", "/api/", "/cas/api/") for end in "/ "]
DOUBLED: Final = "//cas//api//v1//{}//"
numbers = count(1)


def keys(names: str) -> frozenset[str]:
    """Return the keys in a text."""
    return frozenset(names.split())


ENVELOPE: Final = keys("data total hasNext max moreThanTotal")
ACTIVITY: Final = keys(
    "_id tenantId appId saasId appName timestamp created eventTypeName description user device userAgent location"
    " internals entityData source"
)
ALERT: Final = keys(
    "_id timestamp title description isMarkdown entities statusValue severityValue resolutionStatusValue stories"
    " evidence intent isPreview isSystemAlert comment handledByUser resolveTime URL"
)
ENTITY: Final = keys(
    "type status displayName id _id ii username email domain organization role isAdmin isExternal isFake lastSeen sid"
    " identifiers userGroups appData subApps idType threatScore scoreTrends threatScoreHistory sctime actions"
    " accounts"
)
FILE: Final = keys(
    "_id _tid appId saasId instId appName id driveId parentId parentIds effectiveParents originalId name name_l"
    " fileExtension mimeType fileSize fileType ftype fileAccessLevel facl fileStatus fstat isFolder isForeign"
    " noGovernance enriched createdDate modifiedDate lastNrtTimestamp snapshotLastModifiedDate scanVersion unseenScans"
    " alternateLink ownerName ownerAddress ownerExternal collaborators display_collaborators emails domains groups"
    " groupIds externalShares dlpScanResults fTags actions"
)
RANGE: Final = keys("_id name subnets location organization tags category lastModified _tid")
STREAM: Final = keys(
    "_id displayName streamType logType receiverType created lastModified globalAggregated supportedEntityTypes"
    " supportedTrafficTypes timeFrames validTimeFrames lastAlertProcessingTime sourceStreams"
)
APP: Final = keys(
    "appId name category score trafficTotalBytes trafficUploadedBytes trafficDownloadedBytes trafficTotalEvents"
    " usersCount ipAddressesCount lastUsed"
)
CATALOG_APP: Final = keys(
    "appId name category domains description vendor score revised_score overriddenScore tags notes info"
)
TASK: Final = keys("_id taskName timestamp updateTimestamp inputStreamId")
AGENT: Final = keys("_id name format host port protocol alerts activities enabled status created lastSeen")
GROUP: Final = keys("_id id name description usersCount")

Check = Callable[[Any], bool]


def records(names: frozenset[str], envelope: frozenset[str] = ENVELOPE) -> Check:
    """Expect a page with at least one record, each with the keys ``names``."""
    return lambda body: body.keys() >= envelope and body["data"] and all(each.keys() >= names for each in body["data"])


def one(names: frozenset[str]) -> Check:
    """Expect a bare record with the keys ``names``."""
    return lambda body: isinstance(body, dict) and body.keys() >= names and "data" not in body


def exactly(value: Any) -> Check:
    """Expect exactly this value."""
    return lambda body: bool(body == value)


def keyed(*names: str) -> Check:
    """Expect an object with exactly these keys."""
    return lambda body: bool(body.keys() == set(names))


EMPTY: Final = records(frozenset(), frozenset({"data", "total", "hasNext"}))


def closing(*names: str) -> Check:
    """Expect only the number of alerts closed, under these names."""
    return lambda body: body.keys() == set(names) and all(each in {0, 1} for each in body.values())


@dataclass(frozen=True)
class Row:
    """One entry of the index: the call and its expected result. ``fresh`` creates what a call consumes."""

    methods: str
    path: str
    check: Check
    body: Mapping[str, Any] | None = None
    query: str = ""
    fresh: Callable[[Shop], Mapping[str, str]] = field(default=lambda _: {})
    status: int = 200


def filled(value: Any, ids: Mapping[str, str]) -> Any:
    """Substitute ids for their names in texts, and a new number for each ``<n>``."""
    if isinstance(value, Mapping):
        return {name: filled(each, ids) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, ids) for each in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"<(\w+)>", lambda found: str(next(numbers)) if found[1] == "n" else ids[found[1]], value)


def new_range(shop: Shop) -> dict[str, str]:
    """Create a range to delete."""
    number = next(numbers)
    return {"range_id": shop.mine.post("subnet/create_rule/", {**RULE, "name": f"r{number}", "subnets": host(number)})}


def new_source(shop: Shop) -> dict[str, str]:
    """Create a data source to delete."""
    made = shop.mine.post("discovery/data_sources/", {"displayName": f"s{next(numbers)}", "logType": 126})
    return {"stream_id": made["_id"]}


def new_snapshot(shop: Shop) -> dict[str, str]:
    """Create a snapshot report to delete."""
    made = shop.client.casb.streams.create(shop.mine.tenant_id, "once", StreamType.SNAPSHOT)
    return {"stream_id": made.stream_id}


def new_admin(shop: Shop) -> dict[str, str]:
    """Create an administrator to remove."""
    given = {"username": f"u{next(numbers)}@x.example", "permissionType": 1}
    return {"user_id": shop.mine.post("manage_admin_access/", given)["objectId"]}


def new_agent(shop: Shop) -> dict[str, str]:
    """Create a SIEM agent to delete."""
    return {"agent_id": shop.mine.post("agents/siem/", {"name": f"a{next(numbers)}", "host": "siem.example"})["_id"]}


def new_token(shop: Shop) -> dict[str, str]:
    """Create a token to revoke."""
    return {"token_id": shop.mine.post("api_tokens/", {"name": f"t{next(numbers)}"})["_id"]}


def new_app(shop: Shop) -> dict[str, str]:
    """Create an app to delete."""
    number = next(numbers)
    given = {"name": f"a{number}", "domains": [f"a{number}.example"]}
    return {"app_id": str(shop.mine.post("discovery/custom_apps/", given)["appId"])}


def new_upload(shop: Shop) -> dict[str, str]:
    """Upload a file to the URL from step 1 of an upload."""
    url = shop.mine.get("discovery/upload_url/?filename=a.log&source=SQUID")["url"]
    assert shop.client.call("PUT", url, role=None, content=b"x", headers={"x-ms-blob-type": "BlockBlob"}).content == b""
    return {"url": url}


def script(text: Any) -> bool:
    """Expect a block script with the domain of the unsanctioned app."""
    return isinstance(text, str) and "first1.example" in text


def host(number: int) -> list[str]:
    """Return a unique address for a range."""
    return [f"172.16.{number // 256}.{number % 256}"]


RULE: Final = {"name": "x", "category": 1, "subnets": ["172.20.0.0/24"]}
NEW_RULE: Final = {"name": "r<n>", "category": 2, "subnets": ["2001:db8:<n>::/48"], "tags": ["HQ"]}
THESE: Final = {"filters": {"id": {"eq": ["<alert_id>"]}}, "comment": "seen"}
LOOK: Final = "GET POST"
SOURCE: Final = {"displayName": "made-<n>", "logType": 126, "receiverType": "ftp"}
ADMIN_BODY: Final = {"username": "ana<n>@x.example", "permissionType": "READ_ONLY"}

INDEX: Final = [
    Row(LOOK, "activities", records(ACTIVITY)),
    Row(LOOK, "activities/<activity_id>", one(ACTIVITY)),
    Row(LOOK, "activities_kusto", records(ACTIVITY)),
    Row(LOOK, "activities_kusto/<activity_id>", one(ACTIVITY)),
    Row(
        "POST", "activities/<activity_id>/feedback", records(ACTIVITY, frozenset({"data", "total"})), {"feedback": "x"}
    ),
    Row(LOOK, "alerts", records(ALERT)),
    Row(LOOK, "alerts/<alert_id>", one(ALERT)),
    Row("POST", "alerts/<alert_id>/read", exactly({})),
    Row("POST", "alerts/<alert_id>/unread", exactly({})),
    Row("POST", "alerts/close_benign", closing("closed_benign"), {**THESE, "reasonId": 5}),
    Row("POST", "alerts/close_false_positive", closing("closed_false_positive"), {**THESE, "reasonId": 3}),
    Row("POST", "alerts/close_true_positive", closing("closed_true_positive"), THESE),
    Row("POST", "alerts/dismiss_bulk", closing("dismissed", "closed_false_positive"), THESE),
    Row("POST", "alerts/resolve", closing("resolved", "closed_true_positive"), THESE),
    Row("POST", "alerts/<alert_id>/dismiss", closing("dismissed", "closed_false_positive")),
    Row("POST", "alerts/reopen", closing("reopened"), THESE),
    Row("POST", "alerts/<alert_id>/close_benign", closing("closed_benign")),
    Row("POST", "alerts/<alert_id>/close_false_positive", closing("closed_false_positive")),
    Row("POST", "alerts/<alert_id>/close_true_positive", closing("closed_true_positive")),
    Row(LOOK, "entities", records(ENTITY)),
    Row(LOOK, "entities/<entity_pk>", one(ENTITY)),
    Row(LOOK, "entities/<entity_pk>/retrieve_tree", lambda body: one(ENTITY)(body) and len(body["accounts"]) > 0),
    Row(LOOK, "entities/<entity_pk>/tree", lambda body: one(ENTITY)(body) and len(body["accounts"]) > 0),
    Row(LOOK, "files", records(FILE)),
    Row(LOOK, "files/<file_id>", one(FILE | {"fileTypeDisplay"})),
    Row(LOOK, "subnet", records(RANGE)),
    Row("GET", "subnet/<range_id>", one(RANGE)),
    Row("POST", "subnet/create_rule", lambda body: bool(re.fullmatch("[0-9a-f]{24}", body)), NEW_RULE),
    Row("POST", "subnet/<range_id>/update_rule", one(RANGE), RULE),
    Row("POST", "subnet/<range_id>", one(RANGE), RULE),
    Row("POST", "subnet/<range_id>", keyed("detail"), status=405),
    Row("DELETE", "subnet/<range_id>", exactly({}), fresh=new_range),
    Row("GET", "discovery/upload_url", keyed("url", "provider"), query="filename=a.log&source=SQUID"),
    Row(LOOK, "discovery/done_upload", keyed("success", "inputStreamId"), {"uploadUrl": "<url>"}, fresh=new_upload),
    Row("GET", "discovery/streams", lambda body: [each.keys() >= STREAM for each in body["streams"]].count(True) > 2),
    Row(
        "POST",
        "discovery/discovered_apps/categories",
        lambda body: body[0].keys() == {"id", "total"},
        {"streamId": "<global_view>"},
    ),
    Row("GET", "discovery_block_scripts", script, query="format=102&type=banned"),
    Row("GET", "discovery/discovery_block_scripts", script, query="format=135"),
    Row("GET", "discovery/block_script", script, query="format=120"),
    Row("GET", "discovery/app_tags", lambda body: body["data"][0].keys() >= {"id", "name", "target", "_tid", "appIds"}),
    Row("POST", "discovery/app_tags", lambda body: body[0].keys() >= {"id", "name", "target", "_tid", "appIds"}),
    Row("POST", "discovery/discovery_app/<app_id>/add_tag", exactly({}), {"tagName": "mine"}),
    Row("POST", "discovery/discovery_app/<app_id>/remove_tag", exactly({}), {"tagName": "mine"}),
    Row(LOOK, "discovery/discovered_apps", records(APP)),
    Row(LOOK, "discovery/discovered_apps/tags", lambda body: isinstance(body["data"], list)),
    Row(LOOK, "discovery/discovered_apps/10489", one(APP)),
    Row(LOOK, "discovery", records(APP)),
    Row("GET", "discovery/app_catalog", records(CATALOG_APP), query='filters={"name":{"contains":["box"]}}&limit=10'),
    Row(LOOK, "saasdb", records(CATALOG_APP), query='filters={"appId":{"eq":[10489]}}'),
    Row("GET", "saasdb/<app_id>", one(CATALOG_APP)),
    Row("GET", "discovery/data_sources", records(STREAM | {"logCollectors", "status"}), query="sortField=created"),
    Row("POST", "discovery/data_sources", one(STREAM | {"logCollectors", "status"}), SOURCE),
    Row("GET", "discovery/data_sources/<stream_id>", one(STREAM | {"logCollectors", "status"})),
    Row("DELETE", "discovery/data_sources/<stream_id>", exactly({}), fresh=new_source),
    Row("GET", "discovery/log_collectors", records(frozenset({"_id", "name", "status", "dataSources"}))),
    Row("GET", "discovery/snapshot_reports", lambda body: isinstance(body["data"], list)),
    Row("GET", "discovery/continuous_reports", records(STREAM)),
    Row("GET", "discovery/weights", keyed("fields")),
    Row("GET", "discovery/get_encryption_settings", keyed("data")),
    Row("GET", "tenant_config/resolveDiscoveryUserWithAAD", lambda body: isinstance(body, dict)),
    Row(LOOK, "governance", records(TASK)),
    Row(LOOK, "governance/<task_id>", one(TASK)),
    # §15
    Row(LOOK, "policies", records(frozenset({"_id", "lastModified", "policyType"}))),
    Row(LOOK, "policies/<policy_id>", one(frozenset({"_id", "lastModified", "policyType"}))),
    Row(LOOK, "policies/<policy_type>/<policy_id>", one(frozenset({"_id", "lastModified", "policyType"}))),
    Row(LOOK, "user_tags", records(GROUP)),
    Row("POST", "user_tags/create_tag", one(GROUP), {"groupId": "g-<n>", "appId": 11161, "shouldNotify": False}),
    Row("GET", "tags", records(keys("_id id name target type status")), query="target=ip&enabledOnly=true"),
    Row(
        LOOK,
        "autocomplete/activity-types",
        lambda body: body["records"][0]["items"][0].keys() == {"category", "appId", "service_name"},
        query="search=&service=eq(i:20893,)",
    ),
    Row(
        LOOK,
        "activities_locations/by_user",
        lambda body: [type(each) for each in body["data"][0]] == [str, int, int],
        query="username=ana@example.org",
    ),
    Row(LOOK, "agents/siem", records(AGENT)),
    Row("GET", "agents/siem/<agent_id>", one(AGENT)),
    Row("POST", "agents/siem/<agent_id>", one(AGENT), {"port": 601}),
    Row("DELETE", "agents/siem/<agent_id>", exactly({}), fresh=new_agent),
    Row("POST", "agents/siem/<agent_id>/generate", keyed("token")),
    Row("GET", "manage_admin_access", records(frozenset({"username", "permissionType", "objectId"}))),
    Row("POST", "manage_admin_access", one(frozenset({"username", "permissionType", "objectId"})), ADMIN_BODY),
    Row("DELETE", "manage_admin_access/<user_id>", exactly({}), fresh=new_admin),
    Row(LOOK, "app_permissions", lambda body: body["data"] == []),
    Row(LOOK, "reports", records(keys("_id non_entities_report report_category"))),
    Row(LOOK, "reports/geolocation_summary", records(keys("unique_identifier record_data"), frozenset({"data"}))),
    Row("GET", "reports/8", keyed("detail"), status=404),
    Row("GET", "settings", one(frozenset())),
    Row("GET", "mail_settings/get", keyed("tenantEmail")),
    Row("GET", "managed_devices/get_data", lambda body: "data" in body),
    Row("GET", "api_tokens", records(frozenset({"_id", "name", "status"}))),
    Row("POST", "api_tokens", lambda body: body.keys() >= {"_id", "token"}, {"name": "k<n>"}),
    Row("DELETE", "api_tokens/<token_id>", exactly({}), fresh=new_token),
    # our own
    Row(
        "POST",
        "discovery/resolve_pseudonyms",
        lambda body: body["data"][0]["name"] == "ann",
        {"names": ["ann"], "justification": "a case"},
    ),
    Row("POST", "ingest/activities", lambda body: body["accepted"] == 1, {"appId": 10489, "_id": "new-<n>"}),
    Row("POST", "ingest/entities", lambda body: body["accepted"] == 1, {"appId": 10489, "id": "new-<n>"}),
    Row("POST", "ingest/files", lambda body: body["accepted"] == 1, {"appId": 10489, "id": "new-<n>"}),
    Row("DELETE", "discovery/snapshot_reports/<stream_id>", exactly({}), fresh=new_snapshot),
    Row("GET", "discovery/custom_apps", records(frozenset({"_id", "appId", "name", "domains"}))),
    Row(
        "POST",
        "discovery/custom_apps",
        one(frozenset({"_id", "appId", "name", "domains"})),
        {"name": "c<n>", "domains": ["c<n>.example"]},
    ),
    Row("DELETE", "discovery/custom_apps/<app_id>", exactly({}), fresh=new_app),
]
MORE: Final = {
    ("GET", "discovery/discovered_apps/categories"),
    ("POST", "discovery/app_catalog"),
    ("POST", "managed_devices/get_data"),
    ("POST", "tags"),
}
"""Not in the documentation: lists accept both methods."""

CASES: Final = [(method, row) for row in INDEX for method in row.methods.split()]


@pytest.fixture(scope="module")
def changing(show: Shop) -> Shop:
    """The shared copy: cases create what they consume, and restore or do not affect other records."""
    view = {"global_view": show.client.known.global_view}
    return Shop(show.client, {**show.ids, **view}, show.mine, show.other)


@pytest.mark.parametrize(("method", "row"), CASES, ids=[f"{method} {row.path}" for method, row in CASES])
def test_an_endpoint_answers_under_every_alias(changing: Shop, method: str, row: Row) -> None:
    """Under every prefix, with and without a trailing slash and with doubled slashes, never by a redirect."""
    for form in [*FORMS, DOUBLED]:
        ids = {**changing.ids, **row.fresh(changing)}
        path = form.strip().format(filled(row.path, ids)) + (f"?{row.query}" if row.query else "")
        body = None if row.body is None else filled(row.body, ids)
        answer = changing.client.call(method, path, json=body)
        assert answer.status_code == row.status, (path, answer.text)
        found = answer.text if answer.headers["content-type"].startswith("text/plain") else answer.json()
        assert row.check(found), (path, found)


def test_every_route_stands_in_the_index() -> None:
    """With all its methods; an app of a report is identified by number, a report by its code."""
    named = {"/10489": "/<app_id>", "reports/geolocation_summary": "reports/<target>"}
    listed = {(method, re.sub("|".join(named), lambda found: named[found[0]], row.path)) for method, row in CASES}
    assert {(method, route.path) for route in ROUTES for method in route.handlers} - listed == MORE


PATHS: Final = sorted({row.path for row in INDEX if row.status != 404})


@pytest.mark.parametrize("path", PATHS)
def test_other_methods_are_refused_by_name(changing: Shop, path: str) -> None:
    """405 with the method in the text and the allowed ones in a header (api §16)."""
    served = {method for row in INDEX if row.path == path for method in row.methods.split()}
    for method in sorted({"PUT", "PATCH", "DELETE", "OPTIONS"} - served):
        answer: httpx.Response = changing.client.call(method, f"{filled(path, changing.ids)}/")
        assert (answer.status_code, answer.json()) == (405, {"detail": f'Method "{method}" not allowed.'})
        assert served <= {each.strip() for each in answer.headers["allow"].split(",")}


@pytest.mark.parametrize(
    "path", ["/cas/constants.js", "/api/", "/api/v1/", "/cas/api/v2/alerts/", "/api/v1/v1/alerts/", "/api/nothing/"]
)
def test_what_is_not_there_is_not_found(show: Shop, path: str) -> None:
    """404 in JSON, also for the portal's script (api §15, §16)."""
    answer = show.client.call("GET", path, role=ADMIN)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not found."})
    assert answer.headers["content-type"] == "application/json"
