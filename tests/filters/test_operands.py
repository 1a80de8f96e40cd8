"""Operands that are more than one column become nodes (api §6.4 to §6.7)."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.field import Kind, column
from opencasb.filters.operands import (
    addresses,
    alternatives,
    entities,
    flagged,
    has,
    in_any,
    instances,
    named,
    object_id,
    strict_object_id,
)
from opencasb.filters.tree import GAP, AllOf, AnyOf, Empty, Like, Node, OneOf, Span
from opencasb.filters.values import Unfit

APP, SUITE, INSTANCE = (column(name, Kind.INTEGER) for name in ("app", "suite", "instance"))
KEYS = column("entities", many=True, folded=True)
ADDRESSES = column("ip_keys", many=True)


def test_values_in_several_columns_are_one_list_for_each() -> None:
    """However many operands there are."""
    expected = AnyOf((OneOf(APP, (1, 2)), OneOf(SUITE, (1, 2))))
    assert in_any(APP, SUITE)([1, "2"]) == expected
    assert in_any(APP)([1, 2]) == OneOf(APP, (1, 2))
    assert in_any(APP)([]) == AnyOf()


def test_an_instance_is_an_app_or_an_instance_or_both() -> None:
    """Zero is the first instance of every app, and so means none (api §6.7)."""
    meaning = instances((APP, SUITE), INSTANCE)
    either = AnyOf((OneOf(APP, (5,)), OneOf(SUITE, (5,)), OneOf(INSTANCE, (5,))))
    of_app = AnyOf((OneOf(APP, (5,)), OneOf(SUITE, (5,))))
    assert meaning([5]) == either
    assert meaning(["0"]) == AnyOf((OneOf(APP, (0,)), OneOf(SUITE, (0,))))
    assert meaning(["5|7"]) == meaning([{"saas": 5, "inst": "7"}]) == AllOf((of_app, OneOf(INSTANCE, (7,))))
    assert meaning([{"inst": 0}]) == AllOf((OneOf(INSTANCE, (0,)),))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"id": "Ana", "saas": 1, "inst": "0"}, OneOf(KEYS, ("ana|0|1",))),
        ("1|0|Ana", OneOf(KEYS, ("ana|0|1",))),
        ({"id": "Ana", "inst": 0}, Like(KEYS, "starts", ("ana|0|",))),
        ("Ana", Like(KEYS, "starts", ("ana|",))),
        (7, Like(KEYS, "starts", ("7|",))),
        ("a|b", Like(KEYS, "starts", ("a|b|",))),
        ({"id": "Ana", "saas": 1}, Like(KEYS, "around", (f"ana|{GAP}|1",))),
        ({"saas": 1, "inst": 0}, Like(KEYS, "ends", ("|0|1",))),
        ({"saas": 1, "id": None}, Like(KEYS, "ends", ("|1",))),
        ({"inst": 0}, Like(KEYS, "contains", ("|0|",))),
    ],
)
def test_what_is_missing_of_an_entity_may_be_anything(given: Any, expected: Node) -> None:
    """An object, its text, or the id alone (api §6.6)."""
    assert entities(KEYS)([given]) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("192.0.2.1", OneOf(ADDRESSES, ("00000000000000000000ffffc0000201",))),
        ("::FFFF:192.0.2.1", OneOf(ADDRESSES, ("00000000000000000000ffffc0000201",))),
        (
            "192.0.2.9/24",
            Span(ADDRESSES, (("00000000000000000000ffffc0000200", "00000000000000000000ffffc00002ff"),)),
        ),
        ("2001:db8::/32", Span(ADDRESSES, (("20010db8" + "0" * 24, "20010db8" + "f" * 24),))),
    ],
)
def test_addresses_are_numbers_and_blocks_are_spans(given: str, expected: Node) -> None:
    """The same address has one form, and a block its first and last (api §6.4)."""
    assert addresses(ADDRESSES)([given]) == expected


@pytest.mark.parametrize(
    ("meaning", "given"),
    [
        (in_any(APP), "x"),
        (instances((APP,), INSTANCE), {"saas": None}),
        (instances((APP,), INSTANCE), "|"),
        (entities(KEYS), {"name": "ana"}),
        (entities(KEYS), {"id": ["ana"]}),
        (entities(KEYS), "a\0"),
        (addresses(ADDRESSES), "192.0.2.0/33"),
        (addresses(ADDRESSES), "fe80::1%eth0"),
        (flagged(AllOf(), AnyOf()), "perhaps"),
        (named(APP, {"one": 1}), "two"),
    ],
)
def test_what_does_not_fit_is_refused(meaning: Any, given: Any) -> None:
    """The error knows the value."""
    with pytest.raises(Unfit) as error:
        meaning([given])
    assert error.value.value("all") != "all"


def test_words_and_flags() -> None:
    """Words stand for values, flags for what holds."""
    meaning = named(APP, {"one": 1})
    assert meaning([" ONE ", "2"]) == OneOf(APP, (1, 2))
    assert flagged(Empty(APP), has(APP, 1))(["true"]) == Empty(APP)
    assert alternatives(lambda given: has(APP, given))([1]) == OneOf(APP, (1,))


def test_object_ids_are_compared_in_lower_case() -> None:
    """Other ids as they are (api §6.4)."""
    assert object_id("A" * 24) == strict_object_id("A" * 24) == "a" * 24
    assert object_id("Group-A") == "Group-A"
    with pytest.raises(Unfit, match="24 hex"):
        strict_object_id("A" * 23)
