"""Parsing of a filter's JSON into its tree, once, at the edge (api §6.1 to §6.3).

An operator is a function of field, operand and time that returns a node. Operators are looked up by name in one table,
so that user input reaches nothing else. Filters that span more than one column define their own operators
(:attr:`Field.special`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal

from opencasb.filters import values
from opencasb.filters.errors import InvalidFilter, Problem, shown
from opencasb.filters.field import Field, Kind, Meaning, Table
from opencasb.filters.tree import (
    AllOf,
    AnyOf,
    Empty,
    Like,
    Node,
    Not,
    OneOf,
    Other,
    Range,
    Within,
    breadth,
    leaves,
    size,
)
from opencasb.filters.values import Unfit

MOST_CONDITIONS: Final = 30
MOST_VALUES: Final = 1000
MOST_TEXTS: Final = 100
MOST_OPERANDS: Final = 30_000
MOST_LOOKUPS: Final = 50
"""Limits that keep any filter within what both databases accept in one statement.

A look-up is a condition on a field with several values. PostgreSQL takes 0.3 s to plan 40 of them, 16 s for 150.
"""

_WORD: Final = re.compile(r'"([^"]*)"|(\S+)')
"""A word of a full-text search; white space inside double quotes is part of it (api §6.5)."""


def parse(given: Any, table: Table, now: int) -> AllOf:  # any JSON
    """Return the tree of a filter object; None means no filter. ``now`` is in ms since the epoch UTC.

    Raises :class:`InvalidFilter` with every problem found.
    """
    if given is None:
        return AllOf()
    if not isinstance(given, Mapping):
        raise InvalidFilter(Problem(f"filters: an object is expected, not {shown(given)}", value=shown(given)))
    nodes: list[Node] = []
    problems: list[Problem] = []
    for name, operators in given.items():
        for operator, operand in _conditions(name, operators, table, problems):
            field = table[name.strip().lower()]
            if operand is None and field.kind is Kind.TIME and operator in _BOUNDS:
                continue  # clients write an open end as null
            try:
                nodes.append(_node(field, operator, operand, now))
            except Unfit as error:
                problems.append(_problem(field.name, operator, operand, error))
    tree = AllOf(tuple(nodes))
    problems += _excesses(tree)
    if problems:
        raise InvalidFilter(*problems)
    return tree


def _excesses(tree: AllOf) -> list[Problem]:
    """Return the limits that the filter as a whole exceeds."""
    counted = (
        ("conditions", len(tree.nodes), MOST_CONDITIONS),
        ("values", size(tree), MOST_OPERANDS),
        ("conditions on fields with several values", sum(leaf.field.many for leaf in leaves(tree)), MOST_LOOKUPS),
    )
    return [
        Problem(f"filters: at most {most} {what} are allowed", value=str(number))
        for what, number, most in counted
        if number > most
    ]


def _conditions(
    name: str,
    operators: Any,  # any JSON
    table: Table,
    problems: list[Problem],
) -> list[tuple[str, Any]]:
    """Return the valid (operator, operand) pairs of one filter; append the rest to ``problems``."""
    field = table.get(name.strip().lower())
    if field is None:
        allowed = ", ".join(each.name for each in table.values()) or "none"
        problems.append(Problem(f"filter {shown(name)!r} is unknown; allowed: {allowed}", unknown=shown(name)))
        return []
    if operators is None:
        return []
    if not isinstance(operators, Mapping):
        text = f'filter {field.name!r}: an object of operators is expected, such as {{"eq": …}}'
        problems.append(Problem(text, value=shown(operators)))
        return []
    found = []
    for given, operand in operators.items():
        operator = given.strip().lower()
        if operator in field.operators:
            found.append((operator, operand))
            continue
        allowed = ", ".join(sorted(field.operators))
        text = f"filter {field.name!r} has no operator {shown(given)!r}; allowed: {allowed}"
        problems.append(Problem(text, unknown=f"{field.name}.{shown(given)}"))
    return found


def _problem(name: str, operator: str, operand: Any, error: Unfit) -> Problem:  # any JSON
    value = shown(error.value(operand))
    return Problem(f"filter {name!r}, operator {operator!r}: {value} is not valid: {error}", value=value)


def _node(field: Field, operator: str, operand: Any, now: int) -> Node:  # any JSON
    """Return the node of one condition. Raises :class:`Unfit`."""
    positive = NEGATIVES.get(operator, operator)
    special = field.special.get(positive)
    node = OPERATORS[positive](field, operand, now) if special is None else _special(special, positive, operand)
    return node if positive == operator else Not(node)


def _special(meaning: Meaning, operator: str, operand: Any) -> Node:  # any JSON
    node = meaning([_one(operand)] if operator in _SINGLE else _many(operand))
    if breadth(node) > MOST_TEXTS:
        raise Unfit(f"at most {MOST_TEXTS} such values are allowed")
    return node


def _many(given: Any, most: int = MOST_VALUES) -> list[Any]:  # any JSON
    found = given if isinstance(given, list) else [given]
    if len(found) > most:
        raise Unfit(f"at most {most} values are allowed", given)
    return found


def _one(given: Any) -> Any:  # any JSON
    if isinstance(given, list):
        if len(given) != 1:
            raise Unfit("a single value is expected", given)
        return given[0]
    return given


def _equal(field: Field, operand: Any, _now: int) -> Node:
    given = _many(operand)
    wanted = [each for each in given if not values.is_null(field, each)]
    if field.scale and isinstance(operand, list) and len(wanted) == len(given) == 2:
        start, end = (values.fitted(partial(values.point, field), each) for each in wanted)
        within = Within(field, (Range(start, end),))
        # A client without a preference sends the whole scale, and upstream every record has a number.
        whole = start <= field.scale[0] and end >= field.scale[1]
        return AnyOf((within, Empty(field))) if whole else within
    found = tuple(values.fitted(partial(values.convert, field), each) for each in wanted)
    return OneOf(field, found, or_empty=len(found) < len(given))


def _different(field: Field, operand: Any, _now: int) -> Node:
    given = [each for each in _many(operand) if not values.is_null(field, each)]
    return Other(field, tuple(values.fitted(partial(values.convert, field), each) for each in given))


def _wording(how: Literal["contains", "starts", "ends"], field: Field, operand: Any, _now: int) -> Node:
    return Like(
        field, how, tuple(values.fitted(partial(values.phrase, field), each) for each in _many(operand, MOST_TEXTS))
    )


def _single_start(field: Field, operand: Any, now: int) -> Node:
    return _wording("starts", field, _one(operand), now)


def _compare(operator: Literal["gt", "gte", "lt", "lte"], field: Field, operand: Any, _now: int) -> Node:
    bound = values.fitted(partial(values.point, field), _one(operand))
    strict = operator in {"gt", "lt"}
    between = Range(start=bound, strict=strict) if operator.startswith("g") else Range(end=bound, strict=strict)
    return Within(field, (between,))


def _range(field: Field, operand: Any, _now: int) -> Node:
    return Within(field, tuple(_interval(field, each) for each in _many(operand, MOST_TEXTS)))


def _interval(field: Field, given: Any) -> Range:  # any JSON
    if not isinstance(given, Mapping) or not given.keys() <= {"start", "end"}:
        raise Unfit('a range such as {"start": 1, "end": 9} is expected', given)
    ends = [given.get(name) for name in ("start", "end")]
    start, end = (None if each is None else values.fitted(partial(values.point, field), each) for each in ends)
    return Range(start, end)


def _later(field: Field, operand: Any, now: int) -> Node:
    ago = values.fitted(partial(values.days_ago, now=now), _one(operand))
    # A client divides hours by 24 and truncates: its zero means today (api §6.3).
    return Within(field, (Range(start=values.start_of_day(now) if ago == now else ago),))


def _earlier(field: Field, operand: Any, now: int) -> Node:
    return Within(field, (Range(end=values.fitted(partial(values.days_ago, now=now), _one(operand))),))


def _set(field: Field, operand: Any, _now: int) -> Node:
    return Not(Empty(field)) if values.fitted(values.flag, _one(operand)) else Empty(field)


def _words(field: Field, operand: Any, _now: int) -> Node:
    text = values.fitted(values.text, _one(operand)).lower()
    words = [quoted or bare.strip('"') for quoted, bare in _WORD.findall(text)]
    if len(words) > MOST_TEXTS:
        raise Unfit(f"at most {MOST_TEXTS} words are allowed")
    return AllOf(tuple(Like(field, "contains", (word,)) for word in words if word))


def _below(field: Field, operand: Any, _now: int) -> Node:
    places = tuple(str(values.fitted(partial(values.convert, field), each)) for each in _many(operand, MOST_TEXTS))
    inside = tuple(f"{place.rstrip('/')}/" for place in places)
    return AnyOf((OneOf(field, places), Like(field, "starts", inside)))


Operator = Callable[[Field, Any, int], Node]

OPERATORS: Final[Mapping[str, Operator]] = {
    "eq": _equal,
    "deq": _different,
    "contains": partial(_wording, "contains"),
    "startswith": partial(_wording, "starts"),
    "startswithsingle": _single_start,
    "endswith": partial(_wording, "ends"),
    "gt": partial(_compare, "gt"),
    "gte": partial(_compare, "gte"),
    "lt": partial(_compare, "lt"),
    "lte": partial(_compare, "lte"),
    "range": _range,
    "gte_ndays": _later,
    "lte_ndays": _earlier,
    "isset": _set,
    "text": _words,
    "descendantof": _below,
    "cabinetmatchedrulesequals": _equal,
}
"""The positive operators."""

NEGATIVES: Final[Mapping[str, str]] = {
    "neq": "eq",
    "ncontains": "contains",
    "doesnotstartwith": "startswith",
    "isnotset": "isset",
    "ndescendantof": "descendantof",
}
"""The negative operators, each with the positive one that it negates."""

_BOUNDS: Final = frozenset({"gt", "gte", "lt", "lte"})
"""Operators whose operand is one end of a range, which may be null for a time."""

_SINGLE: Final = frozenset({"startswithsingle", "text"})
"""Operators whose operand is not a list."""
