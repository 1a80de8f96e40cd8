"""A filter is a value, and tables find filters in any case."""

from __future__ import annotations

import pytest

from opencasb.filters.field import EQUALITY, Field, Kind, column, table
from opencasb.filters.operands import in_any


def test_a_table_finds_filters_by_lower_case_names_and_stays_as_it_is() -> None:
    """Clients' names are lower-cased before the look-up."""
    field = Field(name="appId", column="app_id", kind=Kind.INTEGER, operators=EQUALITY)
    made = table(field)
    assert made["appid"] is field
    with pytest.raises(TypeError):
        made["x"] = field  # type: ignore[index]


def test_fields_are_equal_whatever_they_do_with_operands() -> None:
    """Trees are compared by the fields that they read, so a field can be a key."""
    plain = column("app_id", Kind.INTEGER)
    special = Field(
        name="app_id", column="app_id", kind=Kind.INTEGER, operators=frozenset(), special={"eq": in_any(plain)}
    )
    assert plain == special
    assert {plain, special} == {plain}
