"""Some records of every kind for a tenant, delivered over HTTP wherever possible."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from opencasb.activities.alert_columns import record as alert_record
from opencasb.store.policies import record as policy_record
from tests.activities.example import wire
from tests.activities.normalised_example import normalised
from tests.alerts import alert, alert_id
from tests.api.v1.conftest import Client
from tests.api.v1.installation import DROPBOX
from tests.conftest import NOW
from tests.store.test_policies import policy

DAY = 86_400_000
SUBSCRIPTION = "0aa0a0a0-1b1b-4c4c-8d8d-2e2e2e2e2e2e"
GROUP, LABEL, POLICY = "66b000000000000000000001", "66b100000000000000000001", "66aa00000000000000000001"


class Owner:
    """The access of a tenant's administrator. ``kin`` is part of every id that senders choose."""

    def __init__(self, client: Client, tenant_id: int, token: str, kin: int) -> None:
        self.client = client
        self.tenant_id = tenant_id
        self.headers = {"Authorization": f"Token {token}"}
        self.kin = kin

    def get(self, path: str) -> Any:
        """Return the JSON response to a GET."""
        return self.client.get(path, role=None, headers=self.headers)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the JSON response to a POST."""
        return self.client.post(path, body, role=None, headers=self.headers)

    def deliver(self, kind: str, records: Sequence[dict[str, Any]]) -> None:
        """Deliver records, all of which must be accepted."""
        report = self.post(f"ingest/{kind}/", list(records))
        assert (report["accepted"], report["errors"]) == (len(records), [])


def fill(owner: Owner, word: str = "first") -> dict[str, str]:
    """Store records of every kind; return an id for each path variable. ``word`` is part of free-text names."""
    kin = owner.kin
    owner.deliver("entities", entities(kin, word))
    owner.deliver("files", files(kin, word))
    owner.deliver("activities", activities(kin, word))
    casb = owner.client.casb
    first_alert, second_alert = alert_id(kin * 256 + 1), alert_id(kin * 256 + 4)
    casb.alerts.put(owner.tenant_id, [alert_record(each) for each in alerts(kin, word)])
    casb.activities.mark(owner.tenant_id, "alerts", first_alert, [f"{kin}_1", f"{kin}_2"])
    casb.activities.mark(owner.tenant_id, "policies", POLICY, [f"{kin}_1"])
    casb.policies.put(owner.tenant_id, [policy_record(each) for each in policies(kin, word)])
    ranges = [owner.post("subnet/create_rule/", each) for each in ip_ranges(kin, word)]
    group = owner.post("user_tags/create_tag/", {"groupId": f"g-{kin}", "appId": 11161, "name": f"{word} people"})
    owner.post("user_tags/create_tag/", {"groupId": f"h-{kin}", "appId": 10489, "name": f"{word} others"})
    source = owner.post("discovery/data_sources/", {"displayName": f"{word}-{kin}", "logType": "SQUID"})
    apps = [
        owner.post("discovery/custom_apps/", {"name": f"{word} {at}", "domains": [f"{word}{at}.example"]})
        for at in range(2 + kin)  # numbers are assigned per tenant, so only this tenant has the last one
    ]
    app_id = str(apps[-1]["appId"])
    for name in ("Unsanctioned", f"{word} tag"):
        owner.post(f"discovery/discovery_app/{app_id}/add_tag/", {"tagName": name})
    owner.post(f"discovery/discovery_app/{DROPBOX}/add_tag/", {"tagName": "Monitored"})
    casb.governance_log.add(owner.tenant_id, "DiscoveryParseLogTask", task_id=f"{kin + 1:024x}", label=word)
    casb.now -= 3 * DAY
    failed = casb.governance_log.add(owner.tenant_id, "SuspendUserTask", app_id=None)
    casb.governance_log.finish(owner.tenant_id, failed, success=False, template="X", parameters={})
    casb.now += 3 * DAY
    admin = owner.post("manage_admin_access/", {"username": f"{word}{kin}@else.example", "permissionType": "READ_ONLY"})
    token = owner.post("api_tokens/", {"name": f"{word} token"})
    agent = owner.post("agents/siem/", {"name": f"{word} agent", "host": "siem.example"})
    account = {"id": f"ana{kin}@example.org", "saas": 11161, "inst": 0}
    (file,) = owner.post("files/", {"filters": {"fileId": {"eq": f"site|P{kin}"}}})["data"]
    return {
        "activity_id": f"{kin}_1",
        "agent_id": agent["_id"],
        "alert_id": first_alert,
        "discovery_alert_id": second_alert,
        "app_id": app_id,
        "entity_pk": base64.urlsafe_b64encode(json.dumps(account).encode()).decode(),
        "file_id": file["_id"],
        "group_id": group["_id"],
        "policy_id": policy(kin * 256 + 2)["_id"],
        "policy_type": "FILE",
        "range_id": ranges[0],
        "stream_id": source["_id"],
        "task_id": f"{kin + 1:024x}",
        "token_id": token["_id"],
        "user_id": admin["objectId"],
    }


def activities(kin: int, word: str) -> list[dict[str, Any]]:
    """Return activities that differ in everything filters examine: nine in wire format, one normalised."""
    subscription = {"objType": 1, "role": 3, "id": f"/subscriptions/{SUBSCRIPTION}/x", "name": "x", "tags": []}
    changes: list[dict[str, Any]] = [
        {"description": f"Failed log on {word}"},
        {"appId": 11599, "saasId": 11599, "source": 3, "streamId": "66AE00000000000000000001", "created": NOW - 9000},
        {"takenAction": "block", "eventRouting": {"adminEvent": True}, "description": "Change role (impersonated)"},
        {"user": {"userName": "Ben@Else.example", "userTags": [GROUP], "orgUnit": "Research/Lab"}},
        {"device": {"clientIP": "2001:db8:1::9", "userAgent": "curl/8.0", "tags": ["0000004b0000000000000000"]}},
        {"userAgent": {"deviceType": "MOBILE", "tags": []}, "location": {"category": 3}, "internals": {}},
        {"mainInfo": {"rawOperationName": "Set-Role", "eventObjects": [subscription]}, "eventTypeValue": "EVENT_SET"},
        {"entityData": {"0": {"id": {"id": "bot", "saas": 10489, "inst": 7}}}, "resolvedActor": {}, "user": {}},
    ]
    made = [wire(at, _id=f"{kin}_{at}", uid=f"{kin}_{at}", **each) for at, each in enumerate(changes, 1)]
    bare = {"_id": f"{kin}_10", "appId": 11522, "timestamp": NOW - 6 * DAY, "created": NOW - 5 * DAY}
    return [*made, bare, normalised(id=f"{kin}_9", timestamp=NOW - 3 * DAY, user=f"{word}{kin}@example.org")]


def alerts(kin: int, word: str) -> list[dict[str, Any]]:
    """Return five alerts; the last two are discovery alerts."""
    base = kin * 256
    person = {"type": "account", "id": "ben", "saas": 10489, "inst": 7, "pa": "ben@else.example"}
    rule = {"type": "policyRule", "id": f"66AA{2:020x}", "label": word, "policyType": "FILE"}
    closed = {"resolutionStatusValue": 4, "resolveTime": "2025-11-20T11:00:00.000Z", "statusValue": 1}
    return [
        alert(base + 1, title=word),
        alert(base + 2, severityValue=2, idValue=15728642, entities=[person, rule], stories=[3]),
        alert(base + 3, severityValue=0, entities=[{"type": "ip", "id": "2001:db8::7"}], **closed),
        alert(base + 4, severityValue=3, stories=[4], entities=[], timestamp=NOW - 5 * DAY),
        alert(base + 5, stories=[4], entities=[], resolutionStatusValue=5, resolveTime="2025-11-19T11:00:00Z"),
    ]


def entities(kin: int, word: str) -> list[dict[str, Any]]:
    """Return accounts of people, one of a program, and one with few fields."""
    ana = {"id": f"ana{kin}@example.org", "appId": 11161, "displayName": f"Ana {word}", "status": "active"}
    groups = [{"id": f"g-{kin}", "name": "g"}]
    more = {"isAdmin": True, "isExternal": False, "organization": "Research/Lab", "groups": groups, "score": 12}
    ben = {"id": "ben@else.example", "appId": 10489, "instanceId": 7, "isExternal": True, "status": "suspended"}
    return [
        {**ana, **more, "lastSeen": NOW - 5000},
        {**ben, "apps": [28375], "score": 3, "lastSeen": NOW - 3 * DAY, "organization": "Sales"},
        {"id": "deploy-bot", "appId": 11599, "idType": "application", "displayName": "Deployment"},
    ]


def files(kin: int, word: str) -> list[dict[str, Any]]:
    """Return a shared spreadsheet, a folder, a quarantined note, a trashed file and a deleted one."""
    people = [{"id": "ben@example.org", "accessLevel": 1}, {"id": "eve@else.example", "accessLevel": 2}]
    shared = [*people, {"id": GROUP, "name": "Team", "type": "group"}]
    labels = {"labels": [LABEL], "scanLabels": ["Azure RMS encrypted file"], "policies": [POLICY]}
    owner = {"owner": "ana@example.org", "ownerOrgUnit": "Research/Lab"}
    times = {"created": NOW - 9000, "modified": NOW - 1000}
    plan = {"id": f"site|P{kin}", "app": "sharepoint", "name": f"Malware-{word} Plan.xlsx", "parentId": "folder-1"}
    return [
        {**plan, **owner, **times, **labels, "collaborators": shared},
        {"id": "folder-1", "app": "sharepoint", "name": "Plans", "isFolder": True, "created": NOW - 3 * DAY},
        {"id": "n", "app": "box", "instanceId": 7, "name": "notes.TXT", "modified": NOW - 2000, "quarantined": True},
        {"id": "t", "app": "box", "name": "old.png", "status": "trashed", "modified": NOW - 4000, "sharing": "public"},
        {"id": "g", "app": "box", "name": "gone.pptx", "status": "deleted", "modified": NOW - 5000},
    ]


def policies(kin: int, word: str) -> list[dict[str, Any]]:
    """Return one policy of each of three types; the last is disabled."""
    base = kin * 256
    return [
        policy(base + 1, name=f"Mass download {word}"),
        policy(base + 2, policyType="FILE", name="Shared keys"),
        policy(base + 3, policyType="NEW_SERVICE", name="New app", enabled=False),
    ]


def ip_ranges(kin: int, word: str) -> list[dict[str, Any]]:
    """Return the bodies of three ranges."""
    return [
        {"name": f"{word} office", "category": 1, "subnets": [f"10.{kin}.1.0/24"], "tags": ["Tor"]},
        {"name": f"{word} tunnel", "category": "4", "subnets": [f"10.{kin}.2.0/24"], "tags": [f"own {word}"]},
        {"name": "guests", "category": 6, "subnets": [f"10.{kin}.3.0/24"]},
    ]
