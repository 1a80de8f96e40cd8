"""The filters of entities: users and accounts (api §9.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Final

from opencasb.filters.field import (
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
from opencasb.filters.operands import entities, instances, named, object_id
from opencasb.filters.tree import AllOf, Node, Not, OneOf, leaves

TYPE: Final = column("entity_type", Kind.INTEGER)
APP: Final = column("saas_id", Kind.INTEGER)
INSTANCE: Final = column("instance_id", Kind.INTEGER)
KEYS: Final = column("entities", many=True, folded=True)
PERSON: Final = column("parent_id")
"""The user who owns the account."""

DISPLAY_NAME: Final = "display_name"


def one_per_person(filters: Node, users_named: Callable[[Collection[str]], Collection[str]]) -> Node:
    """Return filters that find a user by ``displayName`` without the accounts, which the user contains (api §9.3).

    A client treats more than one hit as none (api §18, 32). Filters that name a ``type`` stay as they are.
    ``users_named`` returns the record ids of the users with one of the given lower-case names.
    """
    names = frozenset(_names(filters))
    asked = {leaf.field.column for leaf in leaves(filters)}
    users = users_named(names) if names and TYPE.column not in asked else ()
    return AllOf((filters, Not(OneOf(PERSON, tuple(users))))) if users else filters


def _names(filters: Node) -> Iterator[str]:
    """Yield the display names; a record must have one of them."""
    match filters:
        case AllOf(nodes):
            for each in nodes:
                yield from _names(each)
        case OneOf(field, values) if field.column == DISPLAY_NAME:
            yield from map(str, values)


_app = partial(number_filter, column="apps", many=True)
_affiliation = partial(flag_filter, column="is_external", operators=EQUALITY, nulls=NULL)

ENTITIES: Final = table(
    number_filter(
        name="type",
        column="entity_type",
        special={"eq": named(TYPE, {"account": 1, "user": 2})},
        about="1 or `account`, 2 or `user`",
    ),
    flag_filter(name="isAdmin", column="is_admin", about="whether the entity is an administrator"),
    Field(
        name="entity",
        column="entities",
        kind=Kind.ENTITY,
        operators=EQUALITY,
        many=True,
        folded=True,
        special={"eq": entities(KEYS)},
        about="these entities; with a user also the user's accounts",
    ),
    text_filter(name="userGroups", column="user_groups", many=True, canonical=object_id, about="id of a user group"),
    _app(name="app", about="id of an app that is used"),
    _app(name="service", about="the same"),
    Field(
        name="instance",
        column="instance_id",
        kind=Kind.INSTANCE,
        operators=EQUALITY,
        special={"eq": instances((APP,), INSTANCE)},
        about="instance of an app",
    ),
    _affiliation(name="isExternal", about="true external, false internal, null unknown"),
    _affiliation(name="affiliation", about="the same"),
    text_filter(name="domain", column="domain", operators=EQUALITY | PRESENCE, folded=True, about="domain"),
    text_filter(
        name="organization",
        column="organization",
        operators=EQUALITY | PRESENCE | PLACES,
        folded=True,
        about="organisational unit",
    ),
    number_filter(name="status", column="status", about="0 none, 1 staged, 2 active, 3 suspended, 4 deleted"),
    text_filter(
        name="displayName",
        column=DISPLAY_NAME,
        folded=True,
        about="the whole display name; of a user without the accounts, unless `type` is named too",
    ),
    number_filter(name="score", column="score", operators=EQUALITY | ORDER | PRESENCE, about="investigation priority"),
    time_filter(name="lastSeen", column="last_seen", about="last seen"),
)
