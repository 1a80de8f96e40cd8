"""The filters of activities (api §7.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from opencasb.filters import values
from opencasb.filters.field import (
    DAYS,
    EQUALITY,
    NULL,
    ORDER,
    PLACES,
    PRESENCE,
    Field,
    Kind,
    column,
    flag_filter,
    number_filter,
    table,
    text_filter,
    time_filter,
)
from opencasb.filters.operands import addresses, alternatives, entities, has, in_any, instances, object_id
from opencasb.filters.tree import AllOf, Like, Node, OneOf, either
from opencasb.filters.values import Unfit

APP: Final = column("app_id", Kind.INTEGER)
PARENT_APP: Final = column("saas_id", Kind.INTEGER)
INSTANCE: Final = column("instance_id", Kind.INTEGER)
CATEGORY: Final = column("event_type")
SOURCE: Final = column("source", Kind.INTEGER)
STREAM: Final = column("stream_id")
IP_KEYS: Final = column("ip_keys", many=True)
ACTOR_TAGS: Final = column("user_tags", many=True)
OBJECT_TAGS: Final = column("object_tags", many=True)
SEARCHED: Final = column("search_text", folded=True)
ENTITIES: Final = column("entities", many=True, folded=True)

_SOURCES: Final = 'a type such as 2 or "t:2", or a stream such as "s:<id>" is expected'
CATEGORY_ALIASES: Final = {
    f"EVENT_CATEGORY_{alias}": f"EVENT_CATEGORY_{name}"
    for alias, name in (
        ("CREATE_FILE", "UPLOAD_FILE"),
        ("EDIT_FILE", "MODIFY_FILE"),
        ("EDIT_USER", "UPDATE_USER"),
        ("EDIT_OBJECT", "UPDATE_OBJECT"),
        ("ADMIN_ACTION", "CHANGE_SETTINGS"),
        ("IMPERSONATE", "IMPERSONATE_LOGIN"),
    )
}
"""Other names of categories of events → the names in use (connectors §4)."""

_ALIAS_OF: Final = {name: alias for alias, name in CATEGORY_ALIASES.items()}

_TAGS_OF_ROLE: Final = {1: (ACTOR_TAGS, OBJECT_TAGS), 2: (ACTOR_TAGS,), 3: (OBJECT_TAGS,)}


def _categories(given: Sequence[Any]) -> Node:  # any JSON
    """Return the node for categories under each of their names; a record keeps the one that it came with."""
    asked = [values.fitted(values.text, each) for each in given]
    names = (name for each in asked for name in (each, CATEGORY_ALIASES.get(each), _ALIAS_OF.get(each)) if name)
    return OneOf(CATEGORY, tuple(dict.fromkeys(names)))


def _source(given: Any) -> Node:  # any JSON
    """Return the node for a type (number or ``t:<number>``), a stream (``s:<id>``), or an object with ``t`` and ``s``.

    The documented form is not JSON; these are the forms that clients send, or could.
    """
    if isinstance(given, Mapping):
        parts = [
            f"{name}:{values.fitted(values.text, given[name])}" for name in ("t", "s") if given.get(name) is not None
        ]
        if not parts:
            raise Unfit(_SOURCES)
        return AllOf(tuple(map(_source, parts)))
    word, colon, rest = str(given).partition(":")
    try:
        if colon and word.strip().lower() == "s":
            return has(STREAM, object_id(rest.strip()))
        return has(SOURCE, rest if colon and word.strip().lower() == "t" else given)
    except Unfit:
        raise Unfit(_SOURCES) from None


def _roles(given: Sequence[Any]) -> tuple[tuple[Field, ...], tuple[str, ...]]:  # any JSON
    """Split a list of groups into the columns that its options object selects, and the groups (api §7.5)."""
    columns: tuple[Field, ...] = (ACTOR_TAGS,)
    groups = []
    for each in given:
        if not isinstance(each, Mapping):
            groups.append(values.fitted(values.text, each))
            continue
        role = values.fitted(values.integer, each.get("role", 2))
        if role not in _TAGS_OF_ROLE:
            raise Unfit("role 1 (any), 2 (actor) or 3 (object) is expected", role)
        columns = _TAGS_OF_ROLE[role]
    return columns, tuple(groups)


def _in_groups(given: Sequence[Any]) -> Node:  # any JSON
    columns, groups = _roles(given)
    return either(OneOf(each, tuple(map(object_id, groups))) for each in columns)


def _in_groups_starting(given: Sequence[Any]) -> Node:  # any JSON
    columns, groups = _roles(given)
    return either(Like(each, "starts", tuple(map(object_id, groups))) for each in columns)


def _searched(given: Any) -> Node:  # any JSON
    """Return the node that holds if one of the searchable fields, each on its own line, equals the text."""
    text = values.phrase(SEARCHED, given)
    first, last = Like(SEARCHED, "starts", (f"{text}\n",)), Like(SEARCHED, "ends", (f"\n{text}",))
    return either((OneOf(SEARCHED, (text,)), first, last, Like(SEARCHED, "contains", (f"\n{text}\n",))))


def _searched_start(given: Any) -> Node:  # any JSON
    text = values.phrase(SEARCHED, given)
    return either((Like(SEARCHED, "starts", (text,)), Like(SEARCHED, "contains", (f"\n{text}",))))


_optional = partial(text_filter, operators=EQUALITY | PRESENCE)
_ids = partial(text_filter, many=True, canonical=object_id)

ACTIVITIES: Final = table(
    number_filter(
        name="service",
        column="app_id",
        special={"eq": in_any(APP, PARENT_APP)},
        about="app id; that of a suite also finds its apps",
    ),
    Field(
        name="instance",
        column="instance_id",
        kind=Kind.INSTANCE,
        operators=EQUALITY,
        special={"eq": instances((APP, PARENT_APP), INSTANCE)},
        about="instance of an app, of the actor",
    ),
    text_filter(
        name="user.orgUnit",
        column="org_unit",
        operators=EQUALITY | PRESENCE | PLACES,
        folded=True,
        about="organisational unit of the actor",
    ),
    text_filter(name="activity.eventActionType", column="event_action_type", about="type of event, `EVENT_…`"),
    text_filter(
        name="activity.eventType",
        column="event_type",
        special={"eq": _categories},
        about="category of event, `EVENT_CATEGORY_…`, by any of its names",
    ),
    text_filter(
        name="actionType",
        column="action_type",
        operators=EQUALITY | PRESENCE | {"contains", "ncontains"},
        about="operation as the app calls it",
    ),
    text_filter(name="activity.actionType", column="full_action_type", about="`<app id>:<type of event>:<operation>`"),
    text_filter(name="activity.id", column="record_id", about="id of the activity"),
    flag_filter(name="activity.impersonated", column="is_impersonated", about="done in the name of somebody else"),
    flag_filter(name="activity.type", column="is_admin", about="administrative activity"),
    text_filter(
        name="activity.takenAction", column="taken_action", nulls=NULL, about="what was done about it; null is nothing"
    ),
    _ids(name="activity.alertId", column="alerts", about="relevant to one of these alerts"),
    text_filter(
        name="activity.azureSubscriptions",
        column="azure_subscriptions",
        many=True,
        folded=True,
        about="id of an Azure subscription",
    ),
    text_filter(
        name="device.type",
        column="device_type",
        nulls=NULL,
        canonical=str.upper,
        about="`DESKTOP`, `MOBILE`, `TABLET`, `OTHER`, or null",
    ),
    _ids(name="device.tags", column="device_tags", about="id of a device tag"),
    text_filter(
        name="userAgent.userAgent",
        column="user_agent",
        operators=frozenset({"contains", "ncontains"}),
        folded=True,
        about="user agent as it was sent",
    ),
    _ids(name="userAgent.tags", column="user_agent_tags", about="id of a user agent tag"),
    _optional(name="location.country", column="country", folded=True, about="country code"),
    text_filter(
        name="location.organizations",
        column="isp",
        operators=EQUALITY | PRESENCE | {"contains", "ncontains"},
        folded=True,
        about="internet provider",
    ),
    Field(
        name="ip.address",
        column="ips",
        kind=Kind.ADDRESS,
        operators=EQUALITY | PRESENCE | {"startswith", "doesnotstartwith"},
        many=True,
        folded=True,
        special={"eq": addresses(IP_KEYS)},
        about="an address of the activity; how one starts is how it is printed",
    ),
    number_filter(
        name="ip.category",
        column="ip_category",
        about="0 none, 1 corporate, 2 administrative, 3 risky, 4 VPN, 5 cloud provider, 6 other",
    ),
    _ids(name="ip.tags", column="ip_tags", about="id of an IP tag"),
    _ids(name="fileSelector", column="files", about="id of a file or folder"),
    _ids(name="fileId", column="files", about="the same"),
    _ids(name="fileLabels", column="file_labels", about="id of a label of the file"),
    text_filter(
        name="office365url",
        column="urls",
        operators=EQUALITY | {"startswith", "doesnotstartwith", "endswith"},
        many=True,
        folded=True,
        about="address of an object",
    ),
    _ids(name="activityObject", column="objects", about="id of any object of the activity"),
    text_filter(
        name="text",
        column="search_text",
        operators=frozenset({"eq", "startswithsingle", "text"}),
        folded=True,
        special={"eq": alternatives(_searched), "startswithsingle": alternatives(_searched_start)},
        about="description, people, app, objects, address, place and user agent; `eq` and `startswithsingle` look at"
        " each of them as a whole",
    ),
    time_filter(name="date", column="timestamp", about="when it happened"),
    time_filter(name="created", column="created", operators=ORDER | DAYS | {"eq"}, about="when it was saved"),
    _ids(name="policy", column="policies", operators=EQUALITY | PRESENCE, about="id of a policy that it matched"),
    text_filter(
        name="source",
        column="source",
        special={"eq": alternatives(_source)},
        about='type of source (`2` or `t:2`), stream (`s:<id>`), or both (`{"t": 2, "s": "<id>"}`)',
    ),
    Field(
        name="entity",
        column="entities",
        kind=Kind.ENTITY,
        operators=EQUALITY | PRESENCE | {"startswith", "doesnotstartwith"},
        many=True,
        folded=True,
        special={"eq": entities(ENTITIES)},
        about="who did it",
    ),
    text_filter(
        name="user.username",
        column="user_name",
        operators=EQUALITY | PRESENCE | {"startswith", "doesnotstartwith"},
        folded=True,
        about="name of the user who did it",
    ),
    text_filter(
        name="user.tags",
        column="user_tags",
        operators=EQUALITY | PRESENCE | {"startswith", "doesnotstartwith"},
        many=True,
        special={"eq": _in_groups, "startswith": _in_groups_starting},
        about='id of a group of the user; `{"role": 1}` in the list: or of an object, 2: only of the user (default),'
        " 3: only of an object",
    ),
    _optional(name="user.domain", column="user_domain", folded=True, about="domain of the user"),
)
