"""A naive implementation of the table of operators (api §6.3), as a reference for the interpreters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from opencasb.filters.fields import EQUALITY, ORDER, PLACES, PRESENCE, WORDING, Field, Kind, table

DAY = 86_400_000
NULLS = frozenset({"null"})

FIELDS = table(
    Field(
        name="number", column="number", kind=Kind.INTEGER, operators=EQUALITY | ORDER | PRESENCE | {"deq"}, nulls=NULLS
    ),
    Field(name="Score", column="number", kind=Kind.INTEGER, operators=frozenset({"eq"}), scale=(0, 10)),
    Field(name="when", column="moment", kind=Kind.TIME, operators=ORDER | {"gte_ndays", "lte_ndays"}),
    Field(name="on", column="switch", kind=Kind.FLAG, operators=EQUALITY | PRESENCE, nulls=NULLS),
    Field(
        name="word",
        column="word",
        kind=Kind.TEXT,
        operators=EQUALITY | WORDING | PRESENCE | {"deq", "text"},
        folded=True,
        nulls=NULLS,
    ),
    Field(name="code", column="code", kind=Kind.TEXT, operators=EQUALITY | {"deq"}),
    Field(name="place", column="place", kind=Kind.TEXT, operators=PLACES, folded=True),
    Field(
        name="some.words",
        column="words",
        kind=Kind.TEXT,
        operators=EQUALITY | WORDING | PRESENCE | {"deq"},
        many=True,
        folded=True,
        nulls=NULLS,
    ),
    Field(name="numbers", column="numbers", kind=Kind.INTEGER, operators=EQUALITY | PRESENCE | {"deq"}, many=True),
)
"""One filter of every kind."""

Record = Mapping[str, Any]


def matches(record: Record, filters: Mapping[str, Mapping[str, Any]], now: int) -> bool:
    """Return whether a record passes a valid filter."""
    for name, operators in filters.items():
        field = FIELDS[name.lower()]
        value = record[field.column]
        have = [] if value is None else value if isinstance(value, list) else [value]
        if field.folded:
            have = [each.lower() for each in have]
        for operator, operand in operators.items():
            if not MEANING[operator.lower()](field, have, operand, now):
                return False
    return True


def listed(operand: Any) -> list[Any]:
    """Wrap a bare value."""
    return operand if isinstance(operand, list) else [operand]


def single(operand: Any) -> Any:
    """Unwrap a list of one."""
    return operand[0] if isinstance(operand, list) else operand


def plain(field: Field, value: Any) -> Any:
    """Return the value of a wire operand; ``"null"`` is null where null is allowed."""
    if value is None or (field.nulls and value == "null"):
        return None
    if field.kind in {Kind.INTEGER, Kind.TIME}:
        return str(int(float(value))) if field.many else int(float(value))
    if field.kind is Kind.FLAG:
        return value if isinstance(value, bool) else value == "true"
    return value.lower() if field.folded else value


def equals(field: Field, have: list[Any], operand: Any, _: int) -> bool:
    """eq: the intersection is not empty; null: the field is empty; a pair may be a range."""
    wanted = [plain(field, value) for value in listed(operand)]
    if field.scale and isinstance(operand, list) and len(wanted) == 2:
        whole = wanted[0] <= field.scale[0] and wanted[1] >= field.scale[1]
        return any(wanted[0] <= each <= wanted[1] for each in have) or (whole and not have)
    return any(each in wanted for each in have) or (not have and None in wanted)


def differs(field: Field, have: list[Any], operand: Any, _: int) -> bool:
    """deq: a value that is not among those given."""
    wanted = [plain(field, value) for value in listed(operand)]
    return any(each not in wanted for each in have)


def wording(test: Callable[[str, str], bool]) -> Callable[[Field, list[Any], Any, int], bool]:
    """Any of the strings, compared with any value."""
    return lambda field, have, operand, _: any(
        test(each, text.lower() if field.folded else text) for each in have for text in listed(operand)
    )


def compared(test: Callable[[int, int], bool]) -> Callable[[Field, list[Any], Any, int], bool]:
    """Numeric comparison with one operand."""
    return lambda field, have, operand, _: any(test(each, plain(field, single(operand))) for each in have)


def ranged(field: Field, have: list[Any], operand: Any, _: int) -> bool:
    """In one of the ranges, ends included; a missing end is unbounded."""
    for between in listed(operand):
        start, end = (plain(field, between.get(name)) for name in ("start", "end"))
        if any((start is None or start <= each) and (end is None or each <= end) for each in have):
            return True
    return False


def since(_: Field, have: list[Any], operand: Any, now: int) -> bool:
    """Later than N days ago; 0 means since midnight."""
    days = float(single(operand))
    bound = now - now % DAY if days == 0 else now - round(days * DAY)
    return any(each >= bound for each in have)


def until(_: Field, have: list[Any], operand: Any, now: int) -> bool:
    """Earlier than N days ago."""
    return any(each <= now - round(float(single(operand)) * DAY) for each in have)


def present(_: Field, have: list[Any], operand: Any, __: int) -> bool:
    """Has a value, or has none if the operand is false."""
    return bool(have) == (single(operand) in {True, "true"})


def full_text(_: Field, have: list[Any], operand: Any, __: int) -> bool:
    """Every word occurs."""
    return not operand.split() or any(all(word in each for word in operand.lower().split()) for each in have)


def below(_: Field, have: list[Any], operand: Any, __: int) -> bool:
    """Equal to one of the places, or below it in the tree."""
    places = [place.lower().split("/") for place in listed(operand)]
    return any(each.split("/")[: len(place)] == place for each in have for place in places)


def no(meaning: Callable[[Field, list[Any], Any, int], bool]) -> Callable[[Field, list[Any], Any, int], bool]:
    """Negate."""
    return lambda field, have, operand, now: not meaning(field, have, operand, now)


MEANING: dict[str, Callable[[Field, list[Any], Any, int], bool]] = {
    "eq": equals,
    "neq": no(equals),
    "deq": differs,
    "contains": wording(lambda value, text: text in value),
    "ncontains": no(wording(lambda value, text: text in value)),
    "startswith": wording(str.startswith),
    "startswithsingle": wording(str.startswith),
    "doesnotstartwith": no(wording(str.startswith)),
    "endswith": wording(str.endswith),
    "gt": compared(lambda value, bound: value > bound),
    "gte": compared(lambda value, bound: value >= bound),
    "lt": compared(lambda value, bound: value < bound),
    "lte": compared(lambda value, bound: value <= bound),
    "range": ranged,
    "gte_ndays": since,
    "lte_ndays": until,
    "isset": present,
    "isnotset": no(present),
    "text": full_text,
    "descendantof": below,
    "ndescendantof": no(below),
}
