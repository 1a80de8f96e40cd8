"""Groups of delivered entities as shown on the entities (api §9.2), including the built-in groups (portal §9.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opencasb.activities.entity_keys import APPLICATION, LONGEST_ID, LONGEST_NAME
from opencasb.activities.given import Given
from opencasb.activities.invalid import Invalid
from opencasb.store.user_groups import APPLICATIONS, BUILT_IN, EXTERNAL_USERS, group_id


def groups_from(
    given: Given, tenant_id: int, app_id: int, *, is_external: bool | None, id_type: int
) -> list[dict[str, Any]]:  # JSON
    """Return the groups of a delivered entity, including its automatic ones. Raises :class:`Invalid`."""
    automatic = [EXTERNAL_USERS] if is_external else []
    automatic += [APPLICATIONS] if id_type == APPLICATION else []
    found = [_group(each, tenant_id, app_id) for each in (*given.items("userGroups", "groups"), *automatic)]
    return list({group["_id"]: group for group in found}.values())


def built_in_group(group: str) -> dict[str, Any]:  # JSON
    """Return a built-in group as shown on an entity."""
    name, description = BUILT_IN[group]
    return {"_id": group, "id": group, "name": name, "description": description, "usersCount": None}


def _group(value: Any, tenant_id: int, app_id: int) -> dict[str, Any]:  # any JSON
    """Return a group as shown on an entity; ``usersCount`` is null, as only the group itself knows its size."""
    given = Given(value if isinstance(value, Mapping) else {"id": value})
    source = given.text("id", "_id", longest=LONGEST_ID)
    if source is None:
        raise Invalid("groups", value, "ids of groups, or objects with id and name are expected")
    if source in BUILT_IN:
        return built_in_group(source)
    number = given.number("appId")
    app = app_id if number is None else number
    return {
        "_id": group_id(tenant_id, app, source),
        "id": source,
        "name": given.label("name", longest=LONGEST_NAME) or source,
        "description": given.label("description") or "",
        "usersCount": None,
        "appId": app,
    }
