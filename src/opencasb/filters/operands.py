"""Operands of filters that span more than one column: apps, instances, entities and more (api §6.4 to §6.7).

Each function builds the :data:`opencasb.filters.field.Meaning` of one filter from the columns that it reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from opencasb.filters import values
from opencasb.filters.field import Field, Kind, Meaning
from opencasb.filters.tree import GAP, AllOf, Like, Node, OneOf, Span, Value, either
from opencasb.filters.values import Unfit
from opencasb.model.ip_block import ip_block

_OBJECT_ID: Final = re.compile("[0-9A-Fa-f]{24}")


def alternatives(match: Callable[[Any], Node]) -> Meaning:  # any JSON
    """Return the meaning of a list of alternatives, each of which ``match`` turns into a node."""
    return lambda given: either([values.fitted(match, each) for each in given])


def has(column: Field, given: Any) -> Node:  # any JSON
    """Return the node that holds if the column has the value ``given``."""
    return OneOf(column, (values.convert(column, given),))


def in_any(*columns: Field) -> Meaning:
    """Return the meaning of values that may occur in any of ``columns``."""
    return alternatives(lambda given: either([has(column, given) for column in columns]))


def flagged(yes: Node, no: Node) -> Meaning:
    """Return the meaning of a flag that is not stored as a flag."""
    return alternatives(lambda given: yes if values.flag(given) else no)


def named(column: Field, words: Mapping[str, Value]) -> Meaning:
    """Return the meaning of words that stand for values; any other operand is taken as a value."""
    return alternatives(lambda given: has(column, words.get(str(given).strip().lower(), given)))


def instances(apps: Sequence[Field], instance: Field) -> Meaning:
    """Return the meaning of instances: an app id, an instance id other than 0, or a pair of them (api §6.7)."""

    def pair(saas: Any, inst: Any) -> Node:  # any JSON
        if saas is None and inst is None:
            raise Unfit(f"{Kind.INSTANCE.value} is expected")
        app = [] if saas is None else [either([has(each, saas) for each in apps])]
        return AllOf((*app, *([] if inst is None else [has(instance, inst)])))

    def match(given: Any) -> Node:  # any JSON
        if isinstance(given, Mapping):
            return pair(given.get("saas"), given.get("inst"))
        if isinstance(given, str) and "|" in given:
            saas, _, inst = given.partition("|")
            return pair(saas, inst)
        columns = (*apps, instance) if values.integer(given) else apps
        return either([has(column, given) for column in columns])

    return alternatives(match)


def entities(column: Field) -> Meaning:
    """Return the meaning of entities over lower-case values ``id|inst|saas``; missing parts match anything."""
    return alternatives(partial(_entity, column))


def _entity(column: Field, given: Any) -> Node:  # any JSON
    key = values.entity(given)
    parts = (None if key.id is None else key.id.lower(), key.inst, key.saas)
    head, *rest = "|".join(GAP if part is None else str(part) for part in parts).split(GAP)
    if not rest:
        return OneOf(column, (head,))
    *between, tail = rest
    if head and tail:
        return Like(column, "around", (f"{head}{GAP}{tail}",))
    if head or tail:
        return Like(column, "starts" if head else "ends", (head or tail,))
    return Like(column, "contains", (between[0],))


def addresses(keys: Field) -> Meaning:
    """Return the meaning of IP addresses and blocks over values of 32 hex digits, with IPv4 mapped (api §6.4)."""
    return alternatives(partial(_address, keys))


def _address(keys: Field, given: Any) -> Node:  # any JSON
    try:
        block = ip_block(values.text(given))
    except ValueError:
        raise Unfit(f"{Kind.ADDRESS.value} is expected") from None
    first, last = f"{block.first:032x}", f"{block.last:032x}"
    return OneOf(keys, (first,)) if first == last else Span(keys, ((first, last),))


def object_id(given: str) -> str:
    """Return an id as stored: 24 hex characters become lower case, other text stays as it is (api §6.4)."""
    return given.lower() if _OBJECT_ID.fullmatch(given) else given


def strict_object_id(given: str) -> str:
    """Return an id of 24 hex characters in lower case. Raises :class:`Unfit` for other text (api §8.7)."""
    if not _OBJECT_ID.fullmatch(given):
        raise Unfit("an id of 24 hex characters is expected")
    return given.lower()
