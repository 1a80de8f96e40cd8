"""Conversion of wire records of files to records."""

from __future__ import annotations

from opencasb.activities.file_columns import record
from opencasb.activities.file_wire import file_from
from opencasb.store.files import FILES
from tests.activities.file_example import ANA, BEN, EVE, FLAT, TENANT
from tests.conftest import NOW


def test_a_record_has_its_columns() -> None:
    """Exactly those of the table; names in lower case, extensions unchanged."""
    plan = record(file_from({**FLAT, "_id": "66AC00000000000000000001"}, TENANT, NOW))
    own = {"tenant_id", "record_id", "seq", "changed", "document"}
    assert set(plan.columns) == {column.name for column in FILES.table.c} - own
    assert (plan.columns["name"], plan.columns["extension"]) == ("plan_2025.final.xlsx", "XLSX")
    assert plan.columns["owner_entity"] == f"{ANA}|0|11161"
    assert plan.columns["parent_id"] == "66ac00000000000000000009"
    assert set(plan.values["ids"]) == {plan.record_id, "site|1", "66ac00000000000000000001"}
    assert set(plan.values["name_words"]) == {"plan", "2025", "final", "xlsx"}
    assert set(plan.values["collaborator_users"]) == {BEN, EVE.lower()}
    assert set(plan.values["collaborator_entities"]) == {f"{BEN}|0|11161", f"{EVE.lower()}|0|11161"}
    assert set(plan.values["groups"]) == {"g-1", "Team"}
    assert set(plan.values["labels"]) == {"L1", "L2"}
