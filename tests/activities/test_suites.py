"""Suites in the filters of files."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.activities.connected_apps import parts_of
from opencasb.activities.suites import with_parts
from opencasb.filters.fields import FILES
from opencasb.filters.parse import parse
from tests.conftest import NOW

OFFICE = (11161, *parts_of(11161))


@pytest.mark.parametrize("operator", ["eq", "neq"])
@pytest.mark.parametrize(("given", "meant"), [([11161], OFFICE), ([10489, "11161"], (10489, *OFFICE)), ([1], (1,))])
def test_a_suite_also_means_its_apps(operator: str, given: Any, meant: tuple[int, ...]) -> None:
    """Whichever way it is written; other apps mean themselves."""
    assert {15600, 20892} < set(OFFICE)
    named = parse({"service": {operator: given}}, FILES, NOW)
    assert with_parts(named) == parse({"service": {operator: list(meant)}}, FILES, NOW)


def test_other_filters_stay() -> None:
    """A number that happens to be that of a suite is no suite elsewhere."""
    filters = parse({"fileType": {"eq": 11161}, "instance": {"eq": 11161}, "filename": {"eq": "x"}}, FILES, NOW)
    assert with_parts(filters) == filters
