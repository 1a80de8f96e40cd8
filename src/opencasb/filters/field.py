"""Definition of a filter: name, column, kind of value, operators, text rules (api §6.3, §6.4)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opencasb.filters.tree import Node


class Kind(Enum):
    """The type of a field's values, or of the operands of a filter with its own comparison."""

    INTEGER = "a whole number"
    TIME = "a time in ms since 1970 or in ISO 8601"
    FLAG = "true or false"
    TEXT = "text"
    ENTITY = 'an entity such as {"id": "ana"}, or its id'
    INSTANCE = 'an app id, an instance id, or both such as "11770|1059065"'
    ADDRESS = "an IP address, or a block such as 192.0.2.0/24"


EQUALITY: Final = frozenset({"eq", "neq"})
PRESENCE: Final = frozenset({"isset", "isnotset"})
ORDER: Final = frozenset({"gt", "gte", "lt", "lte", "range"})
DAYS: Final = frozenset({"gte_ndays", "lte_ndays"})
WORDING: Final = frozenset({"contains", "ncontains", "startswith", "startswithsingle", "doesnotstartwith", "endswith"})
PLACES: Final = frozenset({"descendantof", "ndescendantof"})

NULL: Final = frozenset({"null"})
"""The word for *no value* in most fields that may have none."""

Meaning = Callable[[Sequence[Any]], "Node"]
"""Turns the operands of a condition (any JSON) into its node; raises :class:`opencasb.filters.values.Unfit`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One filter of a resource, or a column that filters read.

    ``column`` is the name that interpreters read. It is ``many`` if a record has a list of values, with whole numbers
    stored as digits. ``folded`` text is compared in lower case; an SQL column of such a field already holds lower-case
    text. ``nulls`` are the lower-case words that stand for *no value*; without any, null is not a valid operand.
    ``canonical`` converts an operand to its stored form and may raise :class:`opencasb.filters.values.Unfit`.
    ``scale`` holds the minimum and maximum of a field for which ``eq`` with a list of two is an inclusive range
    (api §12.4).

    ``special`` defines operators for a filter that spans more than one column; a negative operator follows its
    positive one. ``about`` is for the documentation.
    """

    name: str
    column: str
    kind: Kind
    operators: frozenset[str]
    many: bool = False
    folded: bool = False
    nulls: frozenset[str] = frozenset()
    canonical: Callable[[str], str] | None = None
    scale: tuple[int, int] | None = None
    special: Mapping[str, Meaning] = dataclasses.field(default_factory=dict, compare=False, repr=False)
    about: str = ""


text_filter = partial(Field, kind=Kind.TEXT, operators=EQUALITY)
number_filter = partial(Field, kind=Kind.INTEGER, operators=EQUALITY)
flag_filter = partial(Field, kind=Kind.FLAG, operators=frozenset({"eq"}))
time_filter = partial(Field, kind=Kind.TIME, operators=ORDER | DAYS)
"""The usual kinds of filter; each may override its operators."""

Table = Mapping[str, Field]
"""The filters of a resource by lower-case name."""


def table(*fields: Field) -> Table:
    """Return the table of ``fields``."""
    return MappingProxyType({field.name.lower(): field for field in fields})


def column(name: str, kind: Kind = Kind.TEXT, *, many: bool = False, folded: bool = False) -> Field:
    """Return a column that filters read but that is not itself a filter."""
    return Field(name=name, column=name, kind=kind, operators=frozenset(), many=many, folded=folded)


RECORD_ID: Final = column("record_id")
"""The key of stored records."""
