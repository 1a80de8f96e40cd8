"""The filters of each resource as data: name, column, kind of value, operators, text rule (api §6.3, §6.4).

A new resource is one more table here, and the columns its interpreter is given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final


class Kind(Enum):
    """What the values of a field are."""

    INTEGER = "a whole number"
    TIME = "a time in ms since 1970 or in ISO 8601"
    FLAG = "true or false"
    TEXT = "text"
    ENTITY = 'an entity such as {"id": "ana"}, or its id'


EQUALITY: Final = frozenset({"eq", "neq"})
PRESENCE: Final = frozenset({"isset", "isnotset"})
ORDER: Final = frozenset({"gt", "gte", "lt", "lte", "range"})
DAYS: Final = frozenset({"gte_ndays", "lte_ndays"})
WORDING: Final = frozenset({"contains", "ncontains", "startswith", "startswithsingle", "doesnotstartwith", "endswith"})
PLACES: Final = frozenset({"descendantof", "ndescendantof"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One filter of a resource.

    ``column`` is what the interpreter asks for; it is ``many`` where a record has a list of values. ``folded`` text is
    compared in lower case; an SQL column of such a field holds lower-case text already. ``nulls`` are the lower-case
    words that stand for *no value*; where there are none, null is no legal operand. ``canonical`` turns an operand into
    the form that is stored. ``pair_is_range``: a list of two numbers under ``eq`` is an inclusive range (api §12.4).
    ``separator`` parts the places of a hierarchical field.
    """

    name: str
    column: str
    kind: Kind
    operators: frozenset[str]
    many: bool = False
    folded: bool = False
    nulls: frozenset[str] = frozenset()
    canonical: Callable[[str], str] | None = None
    pair_is_range: bool = False
    separator: str = "/"


Table = Mapping[str, Field]
"""The filters of a resource by their names in lower case."""


def table(*fields: Field) -> Table:
    """Return the table of ``fields``."""
    return MappingProxyType({field.name.lower(): field for field in fields})


def _number(name: str, column: str) -> Field:
    return Field(name=name, column=column, kind=Kind.INTEGER, operators=EQUALITY | ORDER)


def _category(text: str) -> str:
    upper = text.upper()
    return upper if upper.startswith("SAASDB_") else f"SAASDB_CATEGORY_{upper}"


_NULL: Final = frozenset({"null"})

_APP: Final = (
    Field(name="appId", column="app_id", kind=Kind.INTEGER, operators=EQUALITY),
    Field(name="name", column="name", kind=Kind.TEXT, operators=EQUALITY | WORDING, folded=True),
    Field(name="domain", column="domains", kind=Kind.TEXT, operators=EQUALITY | WORDING, many=True, folded=True),
    Field(name="category", column="category", kind=Kind.TEXT, operators=EQUALITY, canonical=_category),
    Field(
        name="score",
        column="score",
        kind=Kind.INTEGER,
        operators=EQUALITY | ORDER | PRESENCE,
        nulls=_NULL,
        pair_is_range=True,
    ),
    Field(
        name="tag",
        column="tags",
        kind=Kind.TEXT,
        operators=EQUALITY | PRESENCE,
        many=True,
        folded=True,
        nulls=frozenset({"null", "none"}),
    ),
    Field(name="listed", column="listed", kind=Kind.FLAG, operators=EQUALITY),
)

USER_ENTITY: Final = Field(name="user.entity", column="", kind=Kind.ENTITY, operators=EQUALITY)
"""Has no column: users are looked up, and the apps they used take its place in the tree."""

CATALOG_APPS: Final = table(*_APP)
"""Apps of the catalog (api §12.4, ``app_catalog``)."""

DISCOVERED_APPS: Final = table(
    *_APP,
    USER_ENTITY,
    _number("users", "users"),
    _number("ipAddresses", "ip_addresses"),
    _number("devices", "devices"),
    _number("transactions", "transactions"),
    _number("traffic", "total_bytes"),
    _number("uploaded", "uploaded_bytes"),
    _number("downloaded", "downloaded_bytes"),
    Field(name="lastUsed", column="last_seen", kind=Kind.TIME, operators=ORDER | DAYS),
)
"""Apps of a report (api §12.4)."""

GOVERNANCE: Final = table(
    Field(name="timestamp", column="timestamp", kind=Kind.TIME, operators=ORDER | DAYS),
    Field(name="type", column="task_name", kind=Kind.TEXT, operators=EQUALITY),
    Field(name="taskName", column="task_name", kind=Kind.TEXT, operators=EQUALITY),
    Field(name="status", column="is_success", kind=Kind.FLAG, operators=EQUALITY, nulls=_NULL),
    Field(name="appId", column="app_id", kind=Kind.INTEGER, operators=EQUALITY),
)
"""Tasks of the governance log (api §14)."""
