"""Rare values are found by their own index, with the same results as without it."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.filters.parse import parse
from opencasb.store import narrowing
from opencasb.store.records import Records
from tests.store.test_records import FILTERS, OTHER, TENANT, found, record, sightings

__all__ = ["sightings"]


@pytest.mark.parametrize("few", [0, 2, 1000])
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tags": {"eq": ["rare"]}}, ["r3", "r4"]),
        ({"tags": {"eq": ["rare", "common"]}}, [f"r{number}" for number in range(6)]),
        ({"tags": {"startswith": ["ra"]}, "codes": {"eq": [2]}}, ["r3", "r4"]),
        ({"tags": {"eq": ["common"], "neq": ["rare"]}}, ["r0", "r1", "r2", "r5"]),
        ({"tags": {"eq": [None, "rare"]}}, ["r3", "r4", "r6"]),
        ({"tags": {"eq": ["nowhere"]}}, []),
        ({"tags": {"isset": True}}, [f"r{number}" for number in range(6)]),
        ({"tags": {"isset": False}}, ["r6"]),
    ],
)
def test_the_answer_is_the_same(
    sightings: Records, monkeypatch: pytest.MonkeyPatch, few: int, filters: dict[str, Any], expected: list[str]
) -> None:
    """Whether values count as rare changes neither pages nor counts."""
    monkeypatch.setattr(narrowing, "FEW", few)
    tags = [("common",)] * 3 + [("common", "rare")] * 2 + [("common",), ()]
    sightings.add(TENANT, [record(f"r{number}", tags=each) for number, each in enumerate(tags)])
    assert found(sightings, **filters) == expected
    assert sightings.count(TENANT, parse(filters, FILTERS, 0)) == (len(expected), False)


@pytest.mark.parametrize("filters", [{"tags": {"eq": ["rare"]}}, {"name": {"eq": "Ana"}}])
def test_records_of_other_tenants_do_not_count(sightings: Records, filters: dict[str, Any]) -> None:
    """Neither in the total nor towards what is too many to list."""
    made = [record(f"r{number}", name="Ana", tags=("rare",)) for number in range(5)]
    sightings.add(OTHER, made)
    sightings.add(TENANT, made[3:])
    assert sightings.count(TENANT, parse(filters, FILTERS, 0)) == (2, False)
    assert found(sightings, **filters) == ["r3", "r4"]
