"""A filter is parsed once, and its problems are reported."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.filters.errors import InvalidFilter
from opencasb.filters.fields import ACTIVITIES, DISCOVERED_APPS, FILES, GOVERNANCE, RESOURCES, Field
from opencasb.filters.parse import (
    MOST_CONDITIONS,
    MOST_LOOKUPS,
    MOST_OPERANDS,
    MOST_TEXTS,
    MOST_VALUES,
    NEGATIVES,
    OPERATORS,
    parse,
)
from opencasb.filters.tree import AllOf, AnyOf, Empty, Like, Node, Not, OneOf, Range, Within, size
from tests.conftest import NOW
from tests.filters.reference import FIELDS

SCORE, NAME, TAG, WHEN = (DISCOVERED_APPS[name] for name in ("score", "name", "tag", "lastused"))
CATEGORY = DISCOVERED_APPS["category"]
STATUS, TASK = GOVERNANCE["status"], GOVERNANCE["type"]
DAY = 86_400_000

KEYS = ["start", "end", "id", "saas", "inst", "t", "s", "role"]
ODD_TEXTS = [
    "9" * 30,
    "1|2|a",
    "|",
    "t:",
    "s:a",
    "::/129",
    "192.0.2.1/24",
    '"a b',
    "\ud800",
    "\0",
    "None",
    "null",
    "a" * 24,
]

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(ODD_TEXTS),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)
operators = st.dictionaries(st.sampled_from(["eq", "NEQ", "contains", "range", "gte", "isset", "gte_ndays"]), json)


def only(given_: Any, table: Any = DISCOVERED_APPS) -> Node:
    """Parse a filter with one condition."""
    (node,) = parse(given_, table, NOW).nodes
    return node


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ({"score": {"eq": 3}}, OneOf(SCORE, (3,))),
        ({"SCORE": {"Eq": ["3"]}}, OneOf(SCORE, (3,))),
        ({" score ": {"gte": 5.0}}, Within(SCORE, (Range(start=5),))),
        ({"score": {"eq": [1, "4"]}}, Within(SCORE, (Range(1, 4),))),
        ({"score": {"eq": [0, 10]}}, AnyOf((Within(SCORE, (Range(0, 10),)), Empty(SCORE)))),
        ({"score": {"eq": [1, 2, 3]}}, OneOf(SCORE, (1, 2, 3))),
        ({"score": {"eq": [1, None]}}, OneOf(SCORE, (1,), or_empty=True)),
        ({"score": {"neq": []}}, Not(OneOf(SCORE, ()))),
        ({"score": {"lt": [5]}}, Within(SCORE, (Range(end=5, strict=True),))),
        ({"score": {"range": {"start": 2}}}, Within(SCORE, (Range(2, None),))),
        ({"score": {"range": [{"start": 2, "end": None}, {}]}}, Within(SCORE, (Range(2, None), Range()))),
        ({"score": {"isset": "false"}}, Empty(SCORE)),
        ({"score": {"isnotset": False}}, Not(Empty(SCORE))),
        ({"name": {"startswithsingle": ["Bo"]}}, Like(NAME, "starts", ("bo",))),
        ({"tag": {"eq": "None"}}, OneOf(TAG, (), or_empty=True)),
        ({"tag": {"neq": ["null", "Sanctioned"]}}, Not(OneOf(TAG, ("sanctioned",), or_empty=True))),
        ({"category": {"eq": "cloud_storage"}}, OneOf(CATEGORY, ("SAASDB_CATEGORY_CLOUD_STORAGE",))),
        ({"category": {"eq": "SAASDB_CATEGORY_CRM"}}, OneOf(CATEGORY, ("SAASDB_CATEGORY_CRM",))),
        ({"lastUsed": {"gte": "2025-11-20T12:00:00Z"}}, Within(WHEN, (Range(start=NOW),))),
        ({"lastUsed": {"gte": "2025-11-20T13:00:00+01:00"}}, Within(WHEN, (Range(start=NOW),))),
        ({"lastUsed": {"gte": f" {NOW}"}}, Within(WHEN, (Range(start=NOW),))),
        ({"lastUsed": {"lte": 1607952165309.8}}, Within(WHEN, (Range(end=1607952165309),))),
        ({"lastUsed": {"gte_ndays": "1.5"}}, Within(WHEN, (Range(start=NOW - DAY * 3 // 2),))),
        ({"lastUsed": {"gte_ndays": 0}}, Within(WHEN, (Range(start=NOW - NOW % DAY),))),
        ({"lastUsed": {"lte_ndays": 0}}, Within(WHEN, (Range(end=NOW),))),
    ],
)
def test_what_clients_write_becomes_one_tree(given_: Any, expected: Node) -> None:
    """Case, scalars for lists, text for numbers, words for null, short categories, days and dates (api §6.1, §6.3)."""
    assert only(given_) == expected


def test_booleans_may_be_text_and_null_is_a_value_where_the_table_says_so() -> None:
    """The state of a task is true, false or null (api §14)."""
    assert only({"status": {"eq": [True]}}, GOVERNANCE) == OneOf(STATUS, (True,))
    assert only({"status": {"eq": "False"}}, GOVERNANCE) == OneOf(STATUS, (False,))
    assert only({"status": {"eq": "null"}}, GOVERNANCE) == OneOf(STATUS, (), or_empty=True)


def test_an_entity_is_named_in_three_ways() -> None:
    """An object with an id; text with app, instance and id; or the id alone (api §6.6)."""
    for operand in ([{"id": "Ana", "inst": 0}], "11161|0|Ana", ["Ana"]):
        assert only({"user.entity": {"eq": operand}}) == OneOf(DISCOVERED_APPS["user.entity"], ("Ana",))
    assert only({"user.entity": {"eq": "a|b|c"}}) == OneOf(DISCOVERED_APPS["user.entity"], ("a|b|c",))


def test_words_in_quotes_are_one_word() -> None:
    """Full text: every word must occur, and quotes keep words together (api §6.5)."""
    word: Field = FIELDS["word"]
    found = only({"word": {"text": 'Big "Red  Dog" x"y "open'}}, FIELDS)
    words = ("big", "red  dog", 'x"y', "open")
    assert found == AllOf(tuple(Like(word, "contains", (each,)) for each in words))


@pytest.mark.parametrize(
    "given_",
    [None, {}, {"score": None}, {"score": {}}, {"lastUsed": {"gte": None, "LTE": None, "gt": None, "lt": None}}],
)
def test_no_conditions_are_no_filter(given_: Any) -> None:
    """Null and empty objects have no effect (api §4.4, §18)."""
    assert parse(given_, DISCOVERED_APPS, NOW) == AllOf()


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ([], "filters: an object is expected, not a list"),
        ({"score": 5}, "filter 'score': an object of operators is expected"),
        ({"score": {"eq": "banana"}}, "filter 'score', operator 'eq': banana is not valid: a whole number is expected"),
        ({"score": {"eq": True}}, "true is not valid"),
        ({"score": {"eq": 7.5}}, "7.5 is not valid"),
        ({"score": {"eq": 10**31}}, "a very large number is not valid"),
        ({"score": {"gt": [1, 2]}}, "a list is not valid: a single value is expected"),
        ({"score": {"gt": None}}, "null is not valid"),
        ({"appId": {"eq": None}}, "null is not valid"),
        ({"score": {"range": [{"from": 1}]}}, "an object is not valid: a range such as"),
        ({"score": {"range": 5}}, "5 is not valid"),
        ({"score": {"isset": "yes"}}, "yes is not valid: true or false is expected"),
        ({"name": {"contains": [["x"]]}}, "a list is not valid: text of at most 1000 characters"),
        ({"name": {"eq": "x" * 1001}}, f"{'x' * 100}… is not valid"),
        ({"name": {"eq": "a\0b"}}, "is not valid: text"),
        ({"lastUsed": {"gte": "yesterday"}}, "yesterday is not valid: a time in ms"),
        ({"lastUsed": {"gte": "0001-01-01T00:00:00+14:00"}}, None),
        ({"lastUsed": {"gte_ndays": "inf"}}, "inf is not valid: a number of days is expected"),
        ({"lastUsed": {"gte_ndays": 10**25}}, "is not valid: a number of days is expected"),
        ({"appId": {"eq": [1] * (MOST_VALUES + 1)}}, f"at most {MOST_VALUES} values are allowed"),
        ({"name": {"contains": ["x"] * (MOST_TEXTS + 1)}}, f"at most {MOST_TEXTS} values are allowed"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_would(given_: Any, said: str | None) -> None:
    """The error has the filter, the operator, the value and what is expected (api §6.2)."""
    if said is None:
        assert only(given_)
        return
    with pytest.raises(InvalidFilter) as error:
        parse(given_, DISCOVERED_APPS, NOW)
    assert said in str(error.value)
    assert not error.value.only_unknown
    assert error.value.problems[0].value


def test_unknown_filters_and_operators_are_named_with_the_known_ones() -> None:
    """An unknown filter is never ignored (api §6.2)."""
    with pytest.raises(InvalidFilter) as error:
        parse({"colour": {"eq": 1}, "users": {"contains": "x"}}, DISCOVERED_APPS, NOW)
    assert error.value.only_unknown
    assert [problem.unknown for problem in error.value.problems] == ["colour", "users.contains"]
    assert "filter 'colour' is unknown; allowed: appId, name" in str(error.value)
    assert "filter 'users' has no operator 'contains'; allowed: eq, gt" in str(error.value)
    with pytest.raises(InvalidFilter) as error:
        parse({"colour": {"eq": 1}, "users": {"gt": "x"}}, DISCOVERED_APPS, NOW)
    assert not error.value.only_unknown


def test_a_filter_has_a_limit_of_conditions() -> None:
    """The same name in different cases does not avoid the limit."""
    names = {f"{'S' if bit & 1 else 's'}{'C' if bit & 2 else 'c'}{'O' if bit & 4 else 'o'}re" for bit in range(8)}
    full = {name: {"gt": 1, "gte": 1, "lt": 1, "lte": 1} for name in sorted(names)}
    with pytest.raises(InvalidFilter, match=f"at most {MOST_CONDITIONS} conditions"):
        parse(full, DISCOVERED_APPS, NOW)


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("ip.address", [f"10.{number}.0.0/16" for number in range(MOST_TEXTS + 1)]),
        ("entity", [f"user{number}" for number in range(MOST_TEXTS + 1)]),
        ("instance", [f"{number}|1" for number in range(MOST_TEXTS + 1)]),
    ],
)
def test_conditions_beside_each_other_have_an_end(name: str, operands: list[str]) -> None:
    """Operands that cannot be one list of values in a query are limited like texts."""
    assert parse({name: {"eq": operands[1:]}}, ACTIVITIES, NOW)
    with pytest.raises(InvalidFilter, match=f"at most {MOST_TEXTS} such values are allowed"):
        parse({name: {"eq": operands}}, ACTIVITIES, NOW)


def test_values_of_several_columns_are_one_list_for_each() -> None:
    """A thousand apps become two lists, and the lists of one filter are limited."""
    apps = list(range(MOST_VALUES))
    assert size(parse({"service": {"eq": apps}}, ACTIVITIES, NOW)) == 2 * MOST_VALUES
    names = [name for name, field in ACTIVITIES.items() if {"eq", "neq"} <= field.operators]
    wanted = {name: {"eq": apps, "neq": apps} for name in ("service", "instance", "activityobject", "device.type")}
    assert size(parse(wanted, ACTIVITIES, NOW)) < MOST_OPERANDS
    wanted |= {name: {"eq": apps, "neq": apps} for name in names[:15] if name not in {"ip.address", "entity"}}
    with pytest.raises(InvalidFilter, match=f"at most {MOST_OPERANDS} values are allowed"):
        parse(wanted, ACTIVITIES, NOW)


def test_lists_are_looked_through_only_so_often() -> None:
    """Every quoted word is a search among the words of a name, which a database plans separately."""
    words = " ".join(f'"w{number}"' for number in range(MOST_LOOKUPS))
    assert parse({"filename": {"text": words}}, FILES, NOW)
    with pytest.raises(InvalidFilter, match=f"at most {MOST_LOOKUPS} conditions on fields with several values"):
        parse({"filename": {"text": words}, "fileId": {"eq": "x"}}, FILES, NOW)


def test_a_search_has_one_operand() -> None:
    """Operators that take one text also accept a list of one, but no longer list."""
    assert parse({"filename": {"text": ["a"]}}, FILES, NOW)
    with pytest.raises(InvalidFilter, match="a single value is expected"):
        parse({"filename": {"text": ["a", "b"]}}, FILES, NOW)


@given(st.dictionaries(st.sampled_from([*DISCOVERED_APPS, "x"]), json | operators) | json)
def test_any_json_is_a_filter_or_a_clear_error(given_: Any) -> None:
    """Whatever the input, only that error is raised."""
    try:
        parse(given_, DISCOVERED_APPS, NOW)
    except InvalidFilter as error:
        assert error.problems  # noqa: PT017 -- either outcome is right


@given(st.data(), st.sampled_from(sorted(RESOURCES)))
def test_any_operand_is_a_condition_or_a_clear_error(data: st.DataObject, resource: str) -> None:
    """For every filter of every resource."""
    table = RESOURCES[resource]
    operators = st.dictionaries(
        st.sampled_from([*OPERATORS, *NEGATIVES]), json | st.lists(json, max_size=3), max_size=4
    )
    given_ = data.draw(st.dictionaries(st.sampled_from(list(table)), operators, min_size=1, max_size=4))
    try:
        parse(given_, table, NOW)
    except InvalidFilter as error:
        assert all(problem.text for problem in error.problems)  # noqa: PT017 -- either outcome is right
