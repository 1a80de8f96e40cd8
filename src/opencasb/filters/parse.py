"""From the JSON of a filter to its tree, once, at the edge (api §6.1 to §6.3).

An operator is a function from field, operand and time to a node, found by name in one table; user input reaches
nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Literal

from opencasb.filters import values
from opencasb.filters.errors import InvalidFilter, Problem, shown
from opencasb.filters.fields import Field, Table
from opencasb.filters.tree import AllOf, AnyOf, Empty, Like, Node, Not, OneOf, Other, Range, Within

MOST_CONDITIONS: Final = 30
MOST_VALUES: Final = 1000
MOST_TEXTS: Final = 100
"""Limits that keep any filter within what both databases take in one statement."""

_WORD: Final = re.compile(r'"([^"]*)"|(\S+)')
"""A word of a full-text search: white space inside double quotes belongs to it (api §6.5)."""


class _Bad(ValueError):
    def __init__(self, value: Any, text: str) -> None:  # any JSON
        super().__init__(text)
        self.value = value


def parse(given: Any, table: Table, now: int) -> AllOf:  # any JSON
    """Return the tree of a filter object; None is no filter. ``now`` is in ms since the epoch UTC.

    Raises :class:`InvalidFilter` with everything that is wrong.
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
            try:
                nodes.append(OPERATORS[operator](field, operand, now))
            except _Bad as bad:
                problems.append(_problem(field.name, operator, bad))
    if len(nodes) > MOST_CONDITIONS:
        problems.append(Problem(f"filters: at most {MOST_CONDITIONS} conditions are allowed", value=str(len(nodes))))
    if problems:
        raise InvalidFilter(*problems)
    return AllOf(tuple(nodes))


def _conditions(
    name: str,
    operators: Any,  # any JSON
    table: Table,
    problems: list[Problem],
) -> list[tuple[str, Any]]:
    """Return the known (operator, operand) pairs of one filter; what is unknown goes to ``problems``."""
    field = table.get(name.strip().lower())
    if field is None:
        allowed = ", ".join(each.name for each in table.values())
        problems.append(Problem(f"filter {shown(name)!r} is unknown; allowed are {allowed}", unknown=shown(name)))
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
        text = f"filter {field.name!r} has no operator {shown(given)!r}; allowed are {allowed}"
        problems.append(Problem(text, unknown=f"{field.name}.{shown(given)}"))
    return found


def _problem(name: str, operator: str, bad: _Bad) -> Problem:
    value = shown(bad.value)
    return Problem(f"filter {name!r}, operator {operator!r}: {value} is not valid: {bad}", value=value)


def _many(given: Any, most: int = MOST_VALUES) -> list[Any]:  # any JSON
    found = given if isinstance(given, list) else [given]
    if len(found) > most:
        raise _Bad(given, f"at most {most} values are allowed")
    return found


def _one(given: Any) -> Any:  # any JSON
    if isinstance(given, list):
        if len(given) != 1:
            raise _Bad(given, "a single value is expected")
        return given[0]
    return given


def _fit(convert: Callable[[Any], Any], given: Any) -> Any:  # any JSON to any value
    try:
        return convert(given)
    except values.Unfit as error:
        raise _Bad(given, str(error)) from None


def _equal(field: Field, operand: Any, _now: int) -> Node:
    given = _many(operand)
    wanted = [each for each in given if not values.is_null(field, each)]
    found = tuple(_fit(partial(values.convert, field), each) for each in wanted)
    if field.pair_is_range and isinstance(operand, list) and len(found) == len(given) == 2:
        return Within(field, (Range(found[0], found[1]),))
    return OneOf(field, found, or_empty=len(found) < len(given))


def _different(field: Field, operand: Any, _now: int) -> Node:
    given = [each for each in _many(operand) if not values.is_null(field, each)]
    return Other(field, tuple(_fit(partial(values.convert, field), each) for each in given))


def _wording(how: Literal["contains", "starts", "ends"], field: Field, operand: Any, _now: int) -> Node:
    texts = [_fit(values.text, each) for each in _many(operand, MOST_TEXTS)]
    return Like(field, how, tuple(each.lower() if field.folded else each for each in texts))


def _single_start(field: Field, operand: Any, now: int) -> Node:
    return _wording("starts", field, _one(operand), now)


def _compare(operator: Literal["gt", "gte", "lt", "lte"], field: Field, operand: Any, _now: int) -> Node:
    bound = _fit(partial(values.convert, field), _one(operand))
    strict = operator in {"gt", "lt"}
    between = Range(start=bound, strict=strict) if operator.startswith("g") else Range(end=bound, strict=strict)
    return Within(field, (between,))


def _range(field: Field, operand: Any, _now: int) -> Node:
    return Within(field, tuple(_interval(field, each) for each in _many(operand, MOST_TEXTS)))


def _interval(field: Field, given: Any) -> Range:  # any JSON
    if not isinstance(given, Mapping) or not given.keys() <= {"start", "end"}:
        raise _Bad(given, 'a range such as {"start": 1, "end": 9} is expected')
    ends = [given.get(name) for name in ("start", "end")]
    start, end = (None if each is None else _fit(partial(values.convert, field), each) for each in ends)
    return Range(start, end)


def _later(field: Field, operand: Any, now: int) -> Node:
    ago = _fit(partial(values.days_ago, now=now), _one(operand))
    # A client divides hours by 24 and cuts the fraction off: its zero means today (api §6.3).
    return Within(field, (Range(start=values.start_of_day(now) if ago == now else ago),))


def _earlier(field: Field, operand: Any, now: int) -> Node:
    return Within(field, (Range(end=_fit(partial(values.days_ago, now=now), _one(operand))),))


def _set(field: Field, operand: Any, _now: int) -> Node:
    return Not(Empty(field)) if _fit(values.flag, _one(operand)) else Empty(field)


def _words(field: Field, operand: Any, _now: int) -> Node:
    text = _fit(values.text, _one(operand)).lower()
    words = [quoted or bare.strip('"') for quoted, bare in _WORD.findall(text)]
    if len(words) > MOST_TEXTS:
        raise _Bad(operand, f"at most {MOST_TEXTS} words are allowed")
    return AllOf(tuple(Like(field, "contains", (word,)) for word in words if word))


def _below(field: Field, operand: Any, _now: int) -> Node:
    places = tuple(_fit(partial(values.convert, field), each) for each in _many(operand, MOST_TEXTS))
    inside = tuple(f"{place.rstrip(field.separator)}{field.separator}" for place in places)
    return AnyOf((OneOf(field, places), Like(field, "starts", inside)))


Operator = Callable[[Field, Any, int], Node]


def _no(operator: Operator) -> Operator:
    return lambda field, operand, now: Not(operator(field, operand, now))


OPERATORS: Final[Mapping[str, Operator]] = {
    "eq": _equal,
    "neq": _no(_equal),
    "deq": _different,
    "contains": partial(_wording, "contains"),
    "ncontains": _no(partial(_wording, "contains")),
    "startswith": partial(_wording, "starts"),
    "startswithsingle": _single_start,
    "doesnotstartwith": _no(partial(_wording, "starts")),
    "endswith": partial(_wording, "ends"),
    "gt": partial(_compare, "gt"),
    "gte": partial(_compare, "gte"),
    "lt": partial(_compare, "lt"),
    "lte": partial(_compare, "lte"),
    "range": _range,
    "gte_ndays": _later,
    "lte_ndays": _earlier,
    "isset": _set,
    "isnotset": _no(_set),
    "text": _words,
    "descendantof": _below,
    "ndescendantof": _no(_below),
}
