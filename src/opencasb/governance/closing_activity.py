"""The activity for closing an alert: an event of the product itself, app 20595 (api §7.4, §8.7)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from opencasb.governance.closing import TRUE_POSITIVE, Closing
from opencasb.model.iso_time import iso
from opencasb.store.governance import PRODUCT_APP_ID

PRODUCT: Final = "Microsoft Cloud App Security"
SEVERITIES: Final = ("LOW", "MEDIUM", "HIGH", "INFORMATIONAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A kind of event; ``id_key`` is the key in its ``adallom`` object for the id shared by the alerts of one call."""

    number: int
    value: str
    category: str
    description: str
    operation: str
    id_key: str


RESOLVED: Final = Event(
    number=917543,
    value="EVENT_ADALLOM_ALERT_RESOLVED",
    category="EVENT_CATEGORY_RESOLVE_ALERT",
    description="Resolve alert",
    operation="ResolveAlert",
    id_key="resolveId",
)
DISMISSED: Final = Event(
    number=917544,
    value="EVENT_ADALLOM_ALERT_DISMISSED",
    category="EVENT_CATEGORY_DISMISS_ALERT",
    description="Dismiss alert",
    operation="DismissAlert",
    id_key="dismissId",
)
_TIMES: Final = ("timestamp", "timestampRaw", "instantiation", "instantiationRaw", "created", "createdRaw")


def activity_of(
    alert: Mapping[str, Any],  # JSON
    closing: Closing,
    tenant_id: int,
    *,
    call_id: str,
    by: str,
    now: int,
    directory: str | None = None,
) -> dict[str, Any]:  # JSON
    """Return the wire activity of one alert that ``by`` closed at ``now`` (ms).

    A true positive is resolved, the others are dismissed. ``call_id`` is the same for all alerts of one call,
    ``directory`` is the guid of the tenant. The user's location and device are unknown here: their texts are empty,
    because clients do not accept nulls.
    """
    event = RESOLVED if closing.verdict == TRUE_POSITIVE else DISMISSED
    activity_id = f"{tenant_id}_{now}_{secrets.token_hex(16)}"
    return {
        "_id": activity_id,
        "uid": activity_id,
        "tenantId": tenant_id,
        "aadTenantId": directory,
        "appId": PRODUCT_APP_ID,
        "saasId": PRODUCT_APP_ID,
        "srcAppId": PRODUCT_APP_ID,
        "appName": PRODUCT,
        **dict.fromkeys(_TIMES, now),
        **_kind(event, alert),
        "mainInfo": _main_info(event, by),
        **_actor(by),
        **_NOWHERE,
        "adallom": {**_about(alert), **_resolution(closing), event.id_key: call_id, "handledByUser": by},
    }


_NOWHERE: Final[Mapping[str, Any]] = {
    "device": {"clientIP": "", "userAgent": "", "countryCode": ""},
    "userAgent": {
        "family": "",
        "name": "",
        "version": "",
        "major": "",
        "minor": "",
        "operatingSystem": {"name": "", "family": "", "version": ""},
        "os": "",
        "browser": "",
        "type": "Unknown",
        "typeName": "Unknown",
        "deviceType": "",
        "nativeBrowser": False,
        "tags": [],
    },
    "location": {
        "countryCode": "",
        "city": "",
        "region": "",
        "regionCode": "",
        "postalCode": "",
        "latitude": None,
        "longitude": None,
        "organizationSearchable": "",
        "carrier": "",
        "anonymousProxy": False,
        "isSatelliteProvider": False,
        "category": 0,
        "categoryValue": "NONE",
        "ipTags": [],
    },
    "internals": {"otherIPs": []},
}


def _kind(event: Event, alert: Mapping[str, Any]) -> dict[str, Any]:  # JSON
    return {
        "eventType": event.number,
        "eventTypeValue": event.value,
        "eventTypeName": event.category,
        "genericEventType": "ENUM_ACTIVITY_GENERIC_TYPE_BASIC",
        "severity": "INFO",
        "confidenceLevel": 30,
        "classifications": [],
        "description": f"{event.description}: {alert['title']}",
        "description_id": event.category.replace("CATEGORY", "DESCRIPTION"),
        "description_metadata": {
            "event_category": event.description,
            "colon": ": ",
            "dash": "",
            "target_object": alert["title"],
        },
        "eventRouting": {"auditing": True, "adminEvent": True, "lograbber": False},
        "tags": [],
    }


def _main_info(event: Event, by: str) -> dict[str, Any]:  # JSON
    actor = {
        "objType": 21,
        "role": 4,
        "id": by,
        "name": by,
        "saasId": PRODUCT_APP_ID,
        "instanceId": 0,
        "tags": [],
        "resolved": False,
    }
    return {
        "type": "basic",
        "rawOperationName": event.operation,
        "prettyOperationName": event.operation,
        "activityResult": {"isSuccess": True, "message": ""},
        "eventObjects": [actor],
    }


def _actor(by: str) -> dict[str, Any]:  # JSON
    person = {"displayName": by, "id": {"id": by, "saas": PRODUCT_APP_ID, "inst": 0}, "resolved": False}
    return {
        "user": {"userName": by, "userTags": []},
        "entityData": {"0": person, "1": None, "2": person},
        "resolvedActor": {
            "id": by,
            "name": by,
            "saasId": str(PRODUCT_APP_ID),
            "instanceId": "0",
            "objType": "21",
            "role": "4",
            "tags": [],
            "resolved": False,
            "governable": False,
        },
    }


def _about(alert: Mapping[str, Any]) -> dict[str, Any]:  # JSON
    score = alert.get("threatScore")
    return {
        "alertMongoId": alert["_id"],
        "alertUid": alert["_id"],
        "alertTypeId": alert.get("idValue"),
        "alertTitle": alert["title"],
        "title": alert["title"],
        "alertSeverity": SEVERITIES[alert["severityValue"]],
        "alertSeverityValue": alert["severityValue"],
        "alertScore": "" if score is None else str(score),
        "alertActor": _key_of_account(alert),
        "alertTimestamp": alert["timestamp"],
        "alertDate": iso(alert["timestamp"]),
        "licenses": [],
    }


def _key_of_account(alert: Mapping[str, Any]) -> str | None:  # JSON
    """Return ``app|instance|id`` of the first account whose app is known (api §1.2), or None."""
    for each in alert["entities"]:
        if each.get("type") == "account" and each.get("saas") is not None:
            return f"{each['saas']}|{each.get('inst') or 0}|{each.get('id')}"
    return None


def _resolution(closing: Closing) -> dict[str, Any]:  # JSON
    return {
        "comment": closing.comment,
        "reasonId": closing.reason_id,
        "reason": closing.verdict.reasons.get(closing.reason_id) if closing.reason_id is not None else None,
        "sendFeedback": closing.send_feedback,
        "feedback": closing.feedback,
        "allowContact": closing.allow_contact,
        "contact_email": closing.contact_email,
        "alertBulk": closing.bulk,
        "isBulkDismissed": closing.bulk,
        "count": 1,
    }
