"""Tag activities with the imported user groups of their actors, as of ingest (portal §9.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from opencasb.activities.entity_keys import item_keys, own_keys, person_id
from opencasb.activities.wire_parts import at, listed
from opencasb.filters.operands import object_id
from opencasb.store.entities import USER, Entities
from opencasb.store.records import Record
from opencasb.store.user_groups import UserGroups

_Json = Mapping[str, Any]
_Groups = Mapping[str, str]
"""Group id → the group's id in its app; filters accept either."""

_NONE: Final[_Groups] = {}


class GroupTags:
    """Tag activities with the imported groups that their users, or those users' accounts, are in now."""

    def __init__(self, groups: UserGroups, entities: Entities) -> None:
        self._groups = groups
        self._entities = entities

    def tagged(self, tenant_id: int, records: Sequence[Record]) -> list[Record]:
        """Return the activities' records in the same order, tagged with their actors' groups."""
        imported = self._groups.imported(tenant_id)
        if not imported:
            return list(records)
        having = self._entities.having(tenant_id, {key for each in records for key in each.values["entities"]})
        names = {each.columns["user_name"] for each in records}  # for those who are new to an app
        people = {person_id(tenant_id, name) for name in names if name and "@" in name}
        having |= self._entities.many(tenant_id, people)
        groups = _groups_of(having.values(), imported)
        return [_with(each, groups) for each in records] if groups else list(records)


def _groups_of(entities: Iterable[_Json], imported: Collection[str]) -> Mapping[str, _Groups]:
    """Return the imported groups by entity key, and those of people also by address."""
    found: dict[str, dict[str, str]] = {}
    for entity in entities:
        groups = {each["_id"]: each["id"] for each in entity["userGroups"] if each["_id"] in imported}
        if not groups:
            continue
        keys = own_keys(entity).union(*map(item_keys, entity["accounts"]))
        if entity["type"] == USER and entity["email"]:
            keys.add(entity["email"])
        for key in keys:
            found.setdefault(key, {}).update(groups)
    return found


def _with(record: Record, groups_of: Mapping[str, _Groups]) -> Record:
    keys = *record.values["entities"], record.columns["user_name"]
    groups = {name: source for key in keys for name, source in groups_of.get(key, _NONE).items()}
    if not groups:
        return record
    user, values = at(record.document, "user") or {}, record.values["user_tags"]
    tags = [*listed(user.get("userTags")), *sorted(groups)]
    named = dict.fromkeys((*values, *sorted(groups), *sorted(map(object_id, groups.values()))))
    return replace(
        record,
        values={**record.values, "user_tags": list(named)},
        document={**record.document, "user": {**user, "userTags": list(dict.fromkeys(tags))}},
    )
