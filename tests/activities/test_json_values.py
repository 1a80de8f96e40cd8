"""JSON values that every store accepts."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given

from opencasb.activities.invalid import Invalid
from opencasb.activities.json_values import DEEPEST, storable
from tests.activities.anything import json_values


def nested(levels: int) -> Any:
    """Return nested lists."""
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("na\0me", "na\N{REPLACEMENT CHARACTER}me"),
        ("ångström", "ångström"),
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (math.nan, None),
        (math.inf, None),
        ({"k\0": (1, 2)}, {"k\N{REPLACEMENT CHARACTER}": [1, 2]}),
    ],
)
def test_what_some_store_refuses_is_replaced(value: Any, kept: Any) -> None:
    assert storable(value) == kept


def test_a_lone_surrogate_is_replaced() -> None:
    assert set(storable("\ud800")) == {"\N{REPLACEMENT CHARACTER}"}


@pytest.mark.parametrize(
    ("value", "field"),
    [({"a": [b"bytes"]}, "record.a[0]"), ({1: 2}, "record"), ({"a": {1, 2}}, "record.a"), ([10**4000], "record[0]")],
)
def test_what_is_no_json_is_named(value: Any, field: str) -> None:
    with pytest.raises(Invalid) as error:
        storable(value)
    assert error.value.field == field


def test_levels_are_bounded() -> None:
    assert storable(nested(DEEPEST)) == nested(DEEPEST)
    with pytest.raises(Invalid, match="levels"):
        storable(nested(DEEPEST + 1))
    with pytest.raises(Invalid, match="levels"):
        storable(nested(100_000))


@given(json_values)
def test_the_result_can_be_encoded_and_is_stable(value: Any) -> None:
    """Any kept value can be written as JSON, and is unchanged the next time."""
    kept = storable(value)
    assert msgspec.json.decode(msgspec.json.encode(kept)) == kept
    assert storable(kept) == kept
