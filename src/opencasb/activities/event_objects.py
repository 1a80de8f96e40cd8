"""Build the actor and objects of an activity in wire format (api §7.4, ``mainInfo.eventObjects``)."""

from __future__ import annotations

from typing import Any, Final

from opencasb.activities.activity import Activity, EventObject

CONTAINER: Final = 1
USER_NAME: Final = 2
APP: Final = 6
PARAMETER: Final = 7
NAMED_ACCOUNT: Final = 21
RESOLVED_ACCOUNT: Final = 23

ACTOR_ROLE: Final = 4
TARGET_ROLE: Final = 3

_APPS: Final = frozenset({"app", "oauthApp", "servicePrincipal"})
_CONTENT: Final = frozenset({"file", "folder", "site"})
_PARAMETERS: Final = frozenset({"property", "emailAddress", "task"})


def event_objects(activity: Activity) -> list[dict[str, Any]]:  # JSON
    """Return the acting account, if any, followed by the objects; ``serviceObjectType`` is their kind."""
    found = [_wire(activity, each) for each in activity.objects]
    user = activity.name.user
    if user is None and activity.user_id is None:
        return found
    actor = {"objType": actor_type(activity), "role": ACTOR_ROLE, "id": activity.user_id or user}
    return [{**actor, "name": user or activity.user_id, **_common(activity), "resolved": True}, *found]


def actor_type(activity: Activity) -> int:
    """Return the object type of the acting account."""
    return _account_type(activity.user_id, activity.name.user)


def _wire(activity: Activity, given: EventObject) -> dict[str, Any]:  # JSON
    object_id = given.object_id
    if object_id is None and given.kind == "user":
        object_id = given.name  # a person is identified by name, like the actor
    return {
        "objType": _type(given),
        "role": TARGET_ROLE,
        "id": object_id or "",
        "name": given.name or "",
        "value": given.value,
        **_common(activity),
        "resolved": False,
        "serviceObjectType": given.kind,
    }


def _common(activity: Activity) -> dict[str, Any]:  # JSON
    return {"instanceId": activity.instance_id, "saasId": activity.saas_id, "tags": [], "governable": False}


def _type(given: EventObject) -> int:
    if given.kind == "user":
        return _account_type(given.object_id, given.name)
    if given.kind in _APPS:
        return APP
    if given.kind in _PARAMETERS or (given.value is not None and given.kind not in _CONTENT):
        return PARAMETER
    return CONTAINER


def _account_type(account_id: str | None, name: str | None) -> int:
    if account_id is not None:
        return RESOLVED_ACCOUNT
    if name is not None and "@" in name:
        return NAMED_ACCOUNT
    return USER_NAME
