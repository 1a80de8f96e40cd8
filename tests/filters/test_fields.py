"""The filter tables are complete and consistent."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import pytest

import opencasb.filters
from opencasb.filters.errors import InvalidFilter
from opencasb.filters.fields import EQUALITY, PRESENCE, RESOURCES, Kind, Table
from opencasb.filters.parse import NEGATIVES, OPERATORS, parse
from opencasb.filters.tree import leaves
from opencasb.store import activities, alerts, entities, files, ip_ranges, policies, user_groups


@pytest.mark.parametrize("table", RESOURCES.values(), ids=RESOURCES)
def test_every_operator_of_a_table_exists(table: Table) -> None:
    """Every operator in a table is known to the parser; names are found in lower case."""
    for name, field in table.items():
        assert name == field.name.lower()
        assert field.operators <= OPERATORS.keys() | NEGATIVES.keys()
        assert field.special.keys() <= field.operators & OPERATORS.keys()
        assert field.about


@pytest.mark.parametrize("table", RESOURCES.values(), ids=RESOURCES)
def test_numbers_in_lists_are_only_told_apart(table: Table) -> None:
    """They are stored as digits, which have no numeric order."""
    for field in table.values():
        if field.many and field.kind is Kind.INTEGER:
            assert field.operators <= EQUALITY | PRESENCE | {"deq"}


def test_there_are_22_operators() -> None:
    """The 21 that are documented for all lists, and one for files (api §6.3)."""
    assert len(OPERATORS) + len(NEGATIVES) == 22
    assert set(NEGATIVES.values()) <= OPERATORS.keys()


def test_the_manual_has_every_operator() -> None:
    """The module docstring is the language reference."""
    manual = opencasb.filters.__doc__ or ""
    assert [name for name in (*OPERATORS, *NEGATIVES) if f"``{name}``" not in manual] == []


KINDS: Final = {
    "Activities": activities.ACTIVITIES,
    "Alerts": alerts.KIND,
    "Entities": entities.ENTITIES,
    "Files": files.FILES,
    "IP ranges": ip_ranges.KIND,
    "Policies": policies.KIND,
    "User groups": user_groups.USER_GROUPS,
}


@pytest.mark.parametrize("resource", KINDS)
def test_every_column_is_one_of_the_store(resource: str) -> None:
    """Filters only read existing columns."""
    columns = KINDS[resource].table.c
    filters = RESOURCES[resource].values()
    assert [field.name for field in filters if not field.many and field.column not in columns] == []


OPERANDS: Final = ("1", "s:a", "a", "true", "policy", "192.0.2.0/24", "192.0.2.1", "1|1", {"id": "a"})


@pytest.mark.parametrize("resource", KINDS)
def test_every_column_behind_a_filter_is_one_of_the_store(resource: str) -> None:
    """Including filters that span several columns."""
    asked: set[str] = set()
    for field in RESOURCES[resource].values():
        for operand in OPERANDS if "eq" in field.special else ():
            with suppress(InvalidFilter):
                tree = parse({field.name: {"eq": operand}}, RESOURCES[resource], 0)
                asked |= {leaf.field.column for leaf in leaves(tree) if not leaf.field.many}
    assert asked <= set(KINDS[resource].table.c.keys())
