"""Turn a normalised activity (connectors §2) into a wire-format activity (api §7.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opencasb.activities.activity import Activity, read_activity
from opencasb.activities.activity_ids import given_id, made_id
from opencasb.activities.categories import READS, SIGN_INS
from opencasb.activities.connected_apps import event_number
from opencasb.activities.descriptions import describe
from opencasb.activities.enrichment import CATEGORY_VALUES
from opencasb.activities.event_objects import actor_type, event_objects
from opencasb.activities.fields import Fields
from opencasb.activities.invalid import Invalid
from opencasb.activities.json_values import storable
from opencasb.activities.times import not_ahead
from opencasb.model.iso_time import LATEST
from opencasb.store.user_groups import APPLICATIONS, EXTERNAL_USERS

APP_CONNECTOR: Final = 2
DIRECT: Final = 30
INFERRED: Final = 20
"""Confidence of the mapping: stated by the record, or inferred where it says nothing."""

# Arrival times are not part of what happened: a repeated delivery is the same activity.
_VOLATILE: Final = frozenset({"created", "instantiation"})

_Json = dict[str, Any]


def to_wire(record: Mapping[str, Any], tenant_id: int, now: int, directory: str | None = None) -> _Json:
    """Return the complete wire-format activity of a normalised record; ``now`` (ms) is its time of arrival.

    ``directory`` is the guid of the tenant. All keys that clients rely on are present. Values without a place in the
    wire format (activity class, actor type, failure class, device, region, reach of a share) go under
    ``collected.normalised``. A record without ``id`` gets ``<tenant>_<ms>_<32 hex>``, derived from its content. Raises
    :class:`Invalid`.
    """
    values = storable(record)
    if not isinstance(values, dict):
        raise Invalid("record", values, "an object is expected")
    fields = Fields(values).told()
    activity = read_activity(fields)
    record_id = given_id(fields, "id") or made_id(tenant_id, activity.timestamp, values, _VOLATILE)
    raw = fields.object("raw")
    return {
        "_id": record_id,
        "uid": record_id,
        "tenantId": tenant_id,
        "aadTenantId": directory,
        **_app(activity),
        **_times(activity, now, fields.integer("created", 0, LATEST)),
        **_event(activity),
        **describe(activity),
        **_actor(activity),
        **_client(activity),
        "mainInfo": _main_info(activity),
        "collected": {"normalised": _rest(activity)},
        "tags": [],
        "rawDataJson": raw.values if raw else {},
    }


def _app(activity: Activity) -> _Json:
    return {
        "appId": activity.app.app_id,
        "saasId": activity.saas_id,
        "srcAppId": activity.saas_id,
        "appName": activity.app.name,
    }


def _times(activity: Activity, now: int, created: int | None) -> _Json:
    happened = now if activity.timestamp is None else activity.timestamp
    created = now if created is None else created
    return {
        "timestamp": not_ahead(happened, now),
        "timestampRaw": happened,
        "instantiation": created,
        "instantiationRaw": created,
        "created": created,
        "createdRaw": created,
    }


def _event(activity: Activity) -> _Json:
    event_type = activity.app.event_type(activity.category.name, activity.activity_class)
    is_read = activity.activity_class in SIGN_INS | READS
    return {
        "eventType": event_number(event_type),
        "eventTypeValue": event_type,
        "eventTypeName": activity.category.name,
        "genericEventType": f"ENUM_ACTIVITY_GENERIC_TYPE_{_kind(activity, 'LOGIN', 'FAILED_LOGIN', 'BASIC')}",
        "severity": "INFO",
        "classifications": ["access"] if is_read else [],
        "confidenceLevel": INFERRED if activity.timestamp is None else DIRECT,
        "source": APP_CONNECTOR,
        "eventRouting": {"auditing": True, "lograbber": True, "adminEvent": activity.is_admin},
    }


def _actor(activity: Activity) -> _Json:
    user, user_id = activity.name.user, activity.user_id
    shown = user or user_id
    found: _Json = {
        "user": {"userName": user or "", "userTags": _groups(activity)},
        "entityData": {
            "0": _entity(activity, user),
            "1": None,
            "2": _entity(activity, user_id),
        },
    }
    if shown:
        found["resolvedActor"] = {
            "id": user_id or user,
            "name": shown,
            "saasId": str(activity.saas_id),
            "instanceId": str(activity.instance_id),
            "objType": str(actor_type(activity)),
            "role": "4",
            "tags": [],
            "resolved": True,
            "governable": False,
        }
    if activity.activity_class == "failed_login" and user:
        found["failedUserData"] = {"userName": user}
    return found


def _groups(activity: Activity) -> list[str]:
    """Return the built-in user groups that the actor is in (connectors §7)."""
    groups = {EXTERNAL_USERS: activity.is_external, APPLICATIONS: activity.actor_type == "Application"}
    return [group for group, has_actor in groups.items() if has_actor]


def _entity(activity: Activity, name: str | None) -> _Json | None:
    if name is None:
        return None
    key = {"id": name, "saas": activity.saas_id, "inst": activity.instance_id}
    return {"displayName": activity.name.user or name, "id": key, "resolved": True}


def _client(activity: Activity) -> _Json:
    found: _Json = {
        "device": {
            "clientIP": activity.ip or "",
            "userAgent": activity.user_agent,
            "countryCode": activity.country,
        },
        "userAgent": {"deviceType": activity.device_type, "tags": []},
        "location": {
            "countryCode": activity.country,
            "city": activity.city,
            "organizationSearchable": activity.isp,
            "category": activity.ip_category,
            "categoryValue": CATEGORY_VALUES[activity.ip_category],
            "ipTags": list(activity.ip_tags),
        },
        "internals": {"otherIPs": [activity.ip] if activity.ip else []},
    }
    if activity.session_id is not None:
        found["session"] = {"sessionId": activity.session_id}
    return found


def _main_info(activity: Activity) -> _Json:
    return {
        "type": _kind(activity, "login", "failedLogin", "basic"),
        "rawOperationName": activity.operation,
        "prettyOperationName": activity.operation,
        "activityResult": {"isSuccess": activity.is_success, "message": activity.failure_reason or ""},
        "eventObjects": event_objects(activity),
    }


def _kind(activity: Activity, login: str, failed_login: str, other: str) -> str:
    return {"login": login, "failed_login": failed_login}.get(activity.activity_class, other)


def _rest(activity: Activity) -> _Json:
    found = {
        "activityClass": activity.activity_class,
        "actorType": activity.actor_type,
        "isExternal": activity.is_external,
        "isImpersonated": activity.is_impersonated,
        "isInteractive": activity.is_interactive,
        "failureClass": activity.failure_class,
        "failureCode": activity.failure_code,
        "deviceId": activity.device_id,
        "region": activity.region,
        "sharing": activity.sharing,
    }
    return {name: value for name, value in found.items() if value is not None}
