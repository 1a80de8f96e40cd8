"""Complete a wire-format activity (api §7.4), such as one from an export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from opencasb.activities import connected_apps
from opencasb.activities.activity import NO_COUNTRY
from opencasb.activities.activity_ids import given_id, made_id
from opencasb.activities.categories import UNSPECIFIED, category
from opencasb.activities.fields import Fields
from opencasb.activities.invalid import Invalid
from opencasb.activities.json_values import storable
from opencasb.activities.key_case import told_apart
from opencasb.activities.normalised import APP_CONNECTOR, INFERRED
from opencasb.activities.times import not_ahead
from opencasb.activities.wire_parts import at
from opencasb.model.iso_time import LATEST

# Keys that may differ between two exports of the same activity.
_VOLATILE: Final = frozenset(
    {"tenantId", "created", "createdRaw", "instantiation", "instantiationRaw", "timestampRaw", "userAgent", "location"}
)

_NEVER_NULL: Final = {
    "user": ("userName",),
    "device": ("clientIP", "userAgent", "countryCode"),
    "userAgent": (),
    "location": ("countryCode", "city"),
    "internals": (),
}
"""The objects that are always present, with the texts that are always in them."""

_LISTS: Final = (("user", "userTags"), ("userAgent", "tags"), ("location", "ipTags"), ("internals", "otherIPs"))
_TEXTS: Final = (
    ("userAgent", ("deviceType", "name", "family", "browser", "os")),
    ("location", ("organizationSearchable", "categoryValue", "carrier", "region")),
    ("mainInfo", ("rawOperationName", "type")),
    ("session", ("sessionId",)),
)
_ENTITIES: Final = ("0", "1", "2")

_Json = dict[str, Any]


def complete(record: Mapping[str, Any], tenant_id: int, now: int, directory: str | None = None) -> _Json:
    """Return a wire-format activity with every key that clients rely on; ``now`` (ms) is its time of arrival.

    ``directory`` is the guid of the tenant. Existing values are kept, except for the tenant's number, a time in the
    future, and keys that differ from another only in case. ``appId`` is required. Raises :class:`Invalid` if a value
    that clients index without checking, or that filters compare, has the wrong type.
    """
    values = storable(record)
    if not isinstance(values, dict):
        raise Invalid("record", values, "an object is expected")
    fields = Fields(values)
    times = _times(fields, now)
    record_id = given_id(fields, "_id") or given_id(fields, "uid") or made_id(tenant_id, times[0], values, _VOLATILE)
    whole = {
        **values,
        "_id": record_id,
        "uid": values.get("uid") or record_id,
        "tenantId": tenant_id,
        "aadTenantId": values.get("aadTenantId") or directory,
        **_app(fields),
        **_moments(times, now, fields),
        **_event(fields),
        **_parts(fields),
        "entityData": _entities(fields),
    }
    return told_apart(whole)


def _app(fields: Fields) -> _Json:
    app_id = fields.integer("appId", 1)
    if app_id is None:
        raise Invalid("appId", None, "a product number is expected")
    app = connected_apps.by_number(app_id) or connected_apps.unlisted(app_id, "")
    return {
        "appId": app_id,
        "saasId": fields.integer("saasId") or app.saas_id,
        "appName": fields.text("appName") or app.name,
    }


def _times(fields: Fields, now: int) -> tuple[int | None, int]:
    created = fields.integer("created", 0, LATEST)
    return fields.integer("timestamp", 0, LATEST), now if created is None else created


def _moments(times: tuple[int | None, int], now: int, fields: Fields) -> _Json:
    happened, created = times
    if happened is None:  # the time of arrival is a guess
        return {"timestamp": now, "created": created, "confidenceLevel": INFERRED}
    confidence = fields.integer("confidenceLevel")
    moment = not_ahead(happened, now)
    return {
        "timestamp": moment,
        "created": created,
        **({} if moment == happened else {"timestampRaw": happened}),
        **({} if confidence is None else {"confidenceLevel": confidence}),
    }


def _event(fields: Fields) -> _Json:
    name = fields.text("eventTypeName") or UNSPECIFIED
    known = category(name)
    routing = fields.object("eventRouting") or Fields({})
    is_admin = routing.flag("adminEvent")
    fields.text("eventTypeValue")
    number, source = fields.integer("eventType", -LATEST), fields.integer("source")
    return {
        **({} if number is None else {"eventType": number}),
        **({} if is_admin is None else {"eventRouting": {**routing.values, "adminEvent": is_admin}}),
        "eventTypeName": name,
        "description": fields.text("description") or (known.display_name if known else name),
        "source": APP_CONNECTOR if source is None else source,
    }


def _parts(fields: Fields) -> _Json:
    """Return the objects that are always present; check the types in optional ones."""
    found: _Json = {}
    for name, texts in _NEVER_NULL.items():
        part = fields.object(name) or Fields({}, name)
        found[name] = {**part.values, **{text: part.text(text) or "" for text in texts}}
    tried = at(fields.values, "failedUserData", "userName")  # often the only user name of a failed sign-in
    if not found["user"]["userName"] and isinstance(tried, str):
        found["user"]["userName"] = tried
    for name in ("device", "location"):
        if found[name]["countryCode"] == NO_COUNTRY:
            found[name]["countryCode"] = ""
    for name, key in _LISTS:
        found[name][key] = Fields(found[name], name).texts(key)
    found["location"]["category"] = Fields(found["location"], "location").integer("category") or 0
    for name, texts in _TEXTS:
        part = fields.object(name) or Fields({}, name)
        for text in texts:
            part.text(text)
    main = fields.object("mainInfo")
    if main is not None:
        found["mainInfo"] = _main(main)
    _check_actors(fields)
    return found


def _main(main: Fields) -> Mapping[str, Any]:
    """Return ``mainInfo`` without null objects, which would break clients that index them."""
    objects = list(main.objects("eventObjects"))
    for each in objects:
        each.scalar("id")
        each.scalar("name")
        each.texts("tags")
    stated = main.values.get("eventObjects", ())
    if stated is not None and len(objects) == len(stated):
        return main.values
    return {**main.values, "eventObjects": [each.values for each in objects]}


def _check_actors(fields: Fields) -> None:
    for name in ("resolvedActor", "resolvedActorAccount"):
        actor = fields.object(name)
        for key in ("id", "saasId", "instanceId") if actor else ():
            actor.scalar(key)  # type: ignore[union-attr]  # there, else the loop is empty


def _entities(fields: Fields) -> _Json:
    """Return ``entityData`` as an object; in one client's test data it is a list that may lack the unused 1."""
    value = fields.values.get("entityData")
    if isinstance(value, list):
        names = ("0", "2") if len(value) == 2 else map(str, range(len(value)))
        value = dict(zip(names, value, strict=True))
    entities = Fields({"entityData": value}).object("entityData") or Fields({}, "entityData")
    found = {**dict.fromkeys(_ENTITIES), **entities.values}
    for name in entities.values:
        entity = entities.object(name)
        key = entity.object("id") if entity else None
        if entity is not None and key is not None:
            key.scalar("id")
            numbers = {part: key.integer(part) for part in ("saas", "inst") if part in key.values}
            found[name] = {**entity.values, "id": {**key.values, **numbers}}
    return found
