"""Random records, and random operands for every operator of :data:`tests.filters.reference.FIELDS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from opencasb.filters.fields import Field, Kind
from tests.conftest import NOW
from tests.filters.reference import DAY, FIELDS

WORDS = st.text("aA%_\\É", max_size=2)
PLACES = st.lists(st.sampled_from(["a", "B", "ab"]), min_size=1, max_size=2).map("/".join)
NUMBERS = st.integers(0, 2)
MOMENTS = st.integers(-2, 2).map(lambda days: NOW + days * DAY // 2)
FLAGS = st.booleans()

records = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.none() | NUMBERS,
            "moment": st.none() | MOMENTS,
            "switch": st.none() | FLAGS,
            "word": st.none() | WORDS,
            "code": st.none() | WORDS,
            "place": st.none() | PLACES,
            "words": st.none() | st.lists(WORDS, max_size=3),
            "numbers": st.none() | st.lists(NUMBERS.map(str), max_size=3),
        }
    ),
    min_size=4,
    max_size=8,
)


def _values(field: Field) -> st.SearchStrategy[Any]:
    match field.kind:
        case Kind.INTEGER:
            plain: st.SearchStrategy[Any] = NUMBERS | NUMBERS.map(str) | NUMBERS.map("{}.0".format)
        case Kind.TIME:
            plain = MOMENTS | MOMENTS.map(str) | MOMENTS.map("{}.5".format)
        case Kind.FLAG:
            plain = FLAGS | st.sampled_from(["true", "false"])
        case _:
            plain = PLACES if field.name == "place" else WORDS
    return plain


def _single(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return value | value.map(lambda each: [each])


def _listed(value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return value | st.lists(value, max_size=3)


def _operands(field: Field, operator: str) -> st.SearchStrategy[Any]:
    value = _values(field)
    if operator in {"eq", "neq"} and field.nulls:
        return _listed(value | st.none() | st.just("null"))
    if operator in {"gt", "gte", "lt", "lte", "startswithsingle"}:
        return _single(value)
    between = st.fixed_dictionaries({}, optional={"start": value | st.none(), "end": value})
    words = st.lists(WORDS, max_size=2).map(" ".join).filter(lambda text: '"' not in text)
    special: dict[str, st.SearchStrategy[Any]] = {
        "range": _listed(between),
        "gte_ndays": st.sampled_from([0, 1, 0.5, "2", "0", [1.5], -1]),
        "lte_ndays": st.sampled_from([0, 1, 0.5, "2", "0", [1.5], -1]),
        "isset": FLAGS | st.sampled_from(["true", "false"]),
        "isnotset": FLAGS | st.sampled_from(["true", "false"]),
        "text": words,
    }
    return special.get(operator, _listed(value))


def every_condition(*, many: bool = True) -> st.SearchStrategy[dict[tuple[str, str], Any]]:
    """Draw one operand for every operator of every field: (field, operator) → operand."""
    pairs = [(field, each) for field in FIELDS.values() if many or not field.many for each in sorted(field.operators)]
    return st.fixed_dictionaries({(field.name, each): _operands(field, each) for field, each in pairs})


def combined(conditions: Mapping[tuple[str, str], Any], count: int) -> dict[str, dict[str, Any]]:
    """Return a filter with every ``count``-th condition."""
    chosen: dict[str, dict[str, Any]] = {}
    for (name, operator), operand in list(conditions.items())[::count]:
        chosen.setdefault(name, {})[operator] = operand
    return chosen
