"""A fictitious activity in wire form (api §7.4)."""

from __future__ import annotations

from typing import Any

from tests.conftest import NOW

TENANT = 81_000_001
ANA = {"id": "3B0F4C3E-0000-4000-8000-0000000000AA", "saas": 11161, "inst": 0}


def wire(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a failed sign-in with a file; ``number`` makes it unique, and is its age at NOW in seconds."""
    record_id = f"{TENANT}_20893_{number}"
    made = {
        "_id": record_id,
        "uid": record_id,
        "tenantId": TENANT,
        "appId": 20893,
        "saasId": 11161,
        "appName": "Microsoft Exchange Online",
        "timestamp": NOW - number * 1000,
        "created": NOW,
        "eventType": 2293761,
        "eventTypeValue": "EVENT_AAD_LOGIN_FAILED",
        "eventTypeName": "EVENT_CATEGORY_FAILED_LOGIN",
        "description": "Failed <b>log on</b> (Failure message: wrong password)",
        "source": 2,
        "eventRouting": {"auditing": True, "adminEvent": False},
        "user": {"userName": "Ana@Example.org", "userTags": ["000000200000000000000000"]},
        "device": {"clientIP": "192.0.2.10", "userAgent": "Mozilla/5.0 Firefox/126.0", "countryCode": "PT"},
        "userAgent": {"name": "Firefox", "deviceType": "DESKTOP", "tags": ["0000002c0000000000000000"]},
        "location": {
            "countryCode": "PT",
            "city": "Porto",
            "organizationSearchable": "Example Telecom",
            "category": 1,
            "ipTags": ["000000290000000000000000"],
        },
        "internals": {"otherIPs": ["::ffff:192.0.2.10", "2001:DB8::1"]},
        "entityData": {"0": {"displayName": "Ana Silva", "id": {**ANA, "id": "ana@example.org"}}, "1": None, "2": None},
        "resolvedActor": {"id": ANA["id"], "name": "Ana Silva", "saasId": "11161", "instanceId": "0"},
        "mainInfo": {
            "type": "failedLogin",
            "rawOperationName": "UserLoginFailed",
            "eventObjects": [
                {"objType": 21, "role": 4, "id": "ana@example.org", "name": "Ana Silva", "tags": ["actor-tag"]},
                {
                    "objType": 1,
                    "role": 3,
                    "id": "site|F1",
                    "name": "Plan.xlsx",
                    "tags": ["tag"],
                    "labels": ["secret"],
                    "serviceObjectType": "file",
                },
                {"objType": 7, "role": 3, "name": "link", "value": "https://Files.example/Plan.xlsx"},
            ],
        },
    }
    return {**made, **changes}
