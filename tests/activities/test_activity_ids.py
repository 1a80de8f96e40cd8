"""Ids for activities without one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given

from opencasb.activities.activity_ids import LONGEST, given_id, made_id
from opencasb.activities.fields import Fields
from opencasb.activities.invalid import Invalid
from opencasb.activities.json_values import storable
from tests.activities.anything import json_values


def test_the_order_of_keys_and_volatile_ones_do_not_matter() -> None:
    first = made_id(7, 5, {"a": {"x": 1, "y": 2}, "b": 1, "created": 1}, {"created"})
    second = made_id(7, 5, {"b": 1, "created": 2, "a": {"y": 2, "x": 1}}, {"created"})
    assert first == second != made_id(7, 5, {"a": {"x": 1, "y": 3}, "b": 1}, {"created"})


@given(json_values)
def test_a_made_id_has_tenant_time_and_digest(value: Any) -> None:
    assert re.fullmatch(r"7_0_[0-9a-f]{32}", made_id(7, None, {"value": storable(value)}, ()))


def test_a_given_id_is_short_and_printable() -> None:
    assert given_id(Fields({"id": "x" * LONGEST}), "id") == "x" * LONGEST
    assert given_id(Fields({}), "id") is None
    for bad in ("", "x" * (LONGEST + 1), "a\nb", 7):
        with pytest.raises(Invalid, match="id"):
            given_id(Fields({"id": bad}), "id")
