"""One record of one source, as far as the catalog uses it."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import msgspec

WEB_SITES: Final = "kagi-bangs"
"""Id of the directory of web sites, which names hosts whether or not the name agrees with them."""


class Level(IntEnum):
    """How closely a category statement is about the app; the lowest level that speaks decides."""

    APP = 1
    """A source written about this one app."""
    DOMAIN_LIST = 2
    """A list of domains of one kind."""
    SECTION = 3
    """The section of a curated list the app stands in."""
    WHOLE_LIST = 4
    """The subject of a whole list."""
    SITE = 5
    """A directory of web sites."""


class Role(IntEnum):
    """What an entry may do."""

    SERVICE = 1
    """Written about a service and its accounts: makes an app, and its name is believed."""
    LISTED = 2
    """Stands in a list of services: makes an app if its name and its address agree."""
    NAMING = 3
    """Knows names and addresses of many things: only names apps that others make."""
    NAME_ONLY = 4
    """Has no address of its own: speaks about the app of that name, if there is exactly one."""


class Statement(msgspec.Struct, frozen=True, order=True):
    """A category with the level it is stated at."""

    level: Level
    category: str


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A record of a source. ``address`` and ``more`` are URLs or hosts as the source writes them."""

    source: str
    role: Role
    name: str = ""
    address: str = ""
    more: tuple[str, ...] = ()
    categories: tuple[Statement, ...] = ()
    vendor: str = ""
    flags: frozenset[str] = frozenset()


def stated(level: Level, category: str | None) -> tuple[Statement, ...]:
    """Return the statement of a category, nothing for None."""
    return (Statement(level, category),) if category else ()
