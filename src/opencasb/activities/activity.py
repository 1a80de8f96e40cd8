"""Read and validate the normalised activity (connectors §2)."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from opencasb.activities import categories, connected_apps
from opencasb.activities.addresses import read_address
from opencasb.activities.categories import Category
from opencasb.activities.connected_apps import ConnectedApp
from opencasb.activities.fields import LARGEST, Fields
from opencasb.activities.invalid import Invalid
from opencasb.activities.names import Name, read_name
from opencasb.activities.times import read_time
from opencasb.model.iso_time import LATEST
from opencasb.store.ip_range_documents import HIGHEST_CATEGORY
from opencasb.store.ip_tags import BUILT_IN_IDS

ACTOR_TYPES: Final = ("Regular", "Admin", "System", "Application")
DEVICE_TYPES: Final = ("DESKTOP", "MOBILE", "TABLET", "OTHER")
FAILURE_CLASSES: Final = ("credentials", "mfa", "policy", "blocked", "interrupt")
REACHES: Final = ("internal", "external", "public")
ROLES: Final = ("target", "parameter")
KINDS: Final = (
    "file",
    "folder",
    "user",
    "group",
    "role",
    "app",
    "oauthApp",
    "servicePrincipal",
    "mailbox",
    "message",
    "site",
    "report",
    "vm",
    "bucket",
    "secret",
    "vault",
    "trail",
    "accessKey",
    "repository",
    "organization",
    "project",
    "project_role",
    "space",
    "emailAddress",
    "task",
    "property",
    "device",
    "policy",
    "object",
)
"""The allowed kinds of event object."""

NO_COUNTRY: Final = "--"
"""The placeholder for an unknown country, in place databases and in the upstream product."""

_LARGEST_APP: Final = 2**31 - 1
_SUCCESSES: Final = frozenset({"success", "succeeded"})
"""Failure codes of what did not fail."""

_COUNTRY: Final = re.compile(r"[A-Za-z]{2}", re.ASCII)


class EventObject(msgspec.Struct, frozen=True):
    """An object that an activity refers to. ``role`` is *target* (what was acted on) or *parameter*."""

    kind: str
    role: str
    object_id: str | None
    name: str | None
    value: str | None


class Activity(msgspec.Struct, frozen=True):
    """A normalised activity. ``timestamp`` is None when the record has no readable time."""

    timestamp: int | None
    app: ConnectedApp
    saas_id: int
    instance_id: int
    operation: str
    category: Category
    activity_class: str
    description: str | None
    name: Name
    user_id: str | None
    actor_type: str | None
    is_external: bool
    ip: str | None
    country: str
    city: str
    isp: str
    ip_category: int
    ip_tags: tuple[str, ...]
    user_agent: str
    device_type: str | None
    device_id: str | None
    session_id: str | None
    is_success: bool
    failure_reason: str | None
    failure_code: int | str | None
    failure_class: str | None
    is_interactive: bool | None
    is_admin: bool
    is_impersonated: bool
    region: str | None
    sharing: str | None
    objects: tuple[EventObject, ...]


def read_activity(fields: Fields) -> Activity:
    """Read a record. Raises :class:`Invalid` if a key has the wrong type or a value that is not allowed."""
    app = _app(fields)
    activity_class = fields.one_of("activityClass", categories.activity_classes())
    category = _category(fields, activity_class)
    is_admin = fields.flag("isAdmin") or False
    name = read_name(fields.text("user"))
    activity_class = activity_class or category.class_of(is_admin=is_admin)
    return Activity(
        timestamp=_time(fields),
        app=app,
        saas_id=fields.integer("saasId", 1, _LARGEST_APP) or app.saas_id,
        instance_id=fields.integer("instanceId") or 0,
        operation=fields.text("rawOperation") or "",
        category=category,
        activity_class=activity_class,
        description=fields.text("description"),
        name=name,
        user_id=fields.scalar("userId") or None,
        actor_type=_actor_type(fields, name),
        is_external=fields.flag("isExternal") or name.is_external,
        ip=read_address(fields.text("ip")),
        country=_country(fields),
        city=fields.text("city") or "",
        isp=fields.text("isp") or "",
        ip_category=fields.integer("ipCategory", 0, HIGHEST_CATEGORY) or 0,
        ip_tags=tuple(BUILT_IN_IDS.get(each.strip().lower(), each) for each in fields.texts("ipTags")),
        user_agent=_user_agent(fields),
        device_type=fields.one_of("deviceType", DEVICE_TYPES),
        device_id=fields.scalar("deviceId"),
        session_id=fields.scalar("sessionId"),
        is_success=_is_success(fields, activity_class),
        failure_reason=fields.text("failureReason"),
        failure_code=_failure_code(fields),
        failure_class=fields.one_of("failureClass", FAILURE_CLASSES),
        is_interactive=fields.flag("isInteractive"),
        is_admin=is_admin,
        is_impersonated=_is_impersonated(fields, activity_class),
        region=fields.text("region"),
        sharing=fields.one_of("sharing", REACHES),
        objects=tuple(_object(each.told()) for each in fields.objects("objects")),
    )


def _app(fields: Fields) -> ConnectedApp:
    """Return the app; ``appId`` wins if ``app`` disagrees with it."""
    app_id, slug = fields.integer("appId", 1, _LARGEST_APP), fields.text("app") or ""
    named = connected_apps.by_slug(slug)
    if app_id is None:
        if named is None:
            allowed = f"a product number in appId is expected, or in app one of {', '.join(connected_apps.slugs())}"
            raise Invalid("app" if slug else "appId", slug or None, allowed)
        return named
    if named is not None and named.app_id == app_id:
        return named
    return connected_apps.by_number(app_id) or connected_apps.unlisted(app_id, slug)


def _category(fields: Fields, activity_class: str | None) -> Category:
    given = fields.text("eventTypeName")
    if given is None:
        operation = fields.text("rawOperation")
        if not operation and activity_class is None:
            allowed = "the vendor's name of the operation is expected, or eventTypeName or activityClass"
            raise Invalid("rawOperation", None, allowed)
        given = categories.UNSPECIFIED if operation else categories.of_class(activity_class)
    found = categories.category(given)
    if found is None:
        raise Invalid("eventTypeName", given, f"a category such as {categories.PREFIX}LOGIN is expected")
    return found


def _time(fields: Fields) -> int | None:
    value = fields.values.get("timestamp")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise Invalid("timestamp", value, f"ms since 1970 up to {LATEST}, or ISO 8601 text is expected")
    return read_time(value)


def _actor_type(fields: Fields, name: Name) -> str | None:
    """Return the kind of account; the name of a program outweighs what the record says (connectors §3.2, §5.1)."""
    stated = fields.one_of("actorType", ACTOR_TYPES)
    return "Application" if name.is_application else stated


def _country(fields: Fields) -> str:
    found = (fields.text("country") or "").strip()
    if found == NO_COUNTRY:
        return ""
    if found and not _COUNTRY.fullmatch(found):
        raise Invalid("country", found, "a country code of two letters is expected")
    return found.upper()


def _user_agent(fields: Fields) -> str:
    found = (fields.text("userAgent") or "").strip()
    return "" if found == "-" else found


def _is_success(fields: Fields, activity_class: str) -> bool:
    """Return whether the activity succeeded; the default is True, as most logs only record events (connectors §3.5)."""
    found = fields.flag("isSuccess")
    if found is None:
        code = _failure_code(fields) or "success"
        found = str(code).lower() in _SUCCESSES and not fields.one_of("failureClass", FAILURE_CLASSES)
    return activity_class != "failed_login" and found


def _failure_code(fields: Fields) -> int | str | None:
    """Return a whole number wherever the code is one, else the text as given."""
    try:
        return fields.integer("failureCode", -LARGEST)
    except Invalid:
        return fields.scalar("failureCode")


def _is_impersonated(fields: Fields, activity_class: str) -> bool:
    """Return whether the actor acts as somebody else; if the record does not say, the class decides (connectors §4)."""
    found = fields.flag("isImpersonated")
    return activity_class == "impersonation" if found is None else found


def _object(fields: Fields) -> EventObject:
    return EventObject(
        kind=fields.one_of("type", KINDS) or "object",
        role=fields.one_of("role", ROLES) or "target",
        object_id=fields.scalar("id") or None,
        name=fields.scalar("name") or None,
        value=fields.scalar("value"),
    )
