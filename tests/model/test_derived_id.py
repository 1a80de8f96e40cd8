"""Ids derived from a record's content."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.derived_id import derived_id, folded_id

parts = st.lists(st.text(max_size=5) | st.integers(), max_size=3)


@given(st.integers(), st.text(max_size=3), parts)
def test_an_id_is_an_object_id(tenant_id: int, kind: str, given_: list[str | int]) -> None:
    """Parts may be anything, and give the same id each time."""
    made = derived_id(tenant_id, kind, *given_)
    assert re.fullmatch("[0-9a-f]{24}", made)
    assert derived_id(tenant_id, kind, *given_) == made


def test_different_things_have_different_ids() -> None:
    """Tenant, kind, each part, and the boundaries between parts count."""
    made = [
        derived_id(1, "a", "b", "c"),
        derived_id(2, "a", "b", "c"),
        derived_id(1, "a", "bc"),
        derived_id(1, "ab", "c"),
        derived_id(1, "a", "b:1:c"),
        derived_id(1, "a", "b", "c", ""),
    ]
    assert len(set(made)) == len(made)


def test_only_addresses_and_guids_are_the_same_in_any_case() -> None:
    """Other ids may differ only in case."""
    assert folded_id("Ana@Example.ORG") == "ana@example.org"
    assert folded_id("3B0F4C3E-0000-4000-8000-0000000000AA") == "3b0f4c3e-0000-4000-8000-0000000000aa"
    assert folded_id("005A0000001xYz") == "005A0000001xYz"
