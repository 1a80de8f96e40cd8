"""The metadata: valid XML with every table, its key and types."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from opencasb.api.reporting import csdl
from opencasb.reporting.schema import Type
from tests.reporting.house import House

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def test_every_table_is_there_with_its_key_and_types(filled: House) -> None:
    """Key columns are never null, and no column is a list, because report tools cannot join on these."""
    tables = filled.casb.report_tables.all
    answer = filled.get("/odata/v1/$metadata", Accept="application/xml")
    assert answer.headers["content-type"] == "application/xml"
    root = ET.fromstring(answer.content)  # noqa: S314 -- our own
    sets = {each.get("Name"): each.get("EntityType") for each in root.iter(f"{EDM}EntitySet")}
    assert sets == {name: f"{csdl.NAMESPACE}.{csdl.entity_type(table)}" for name, table in tables.items()}
    types = {each.get("Name"): each for each in root.iter(f"{EDM}EntityType")}
    for table in tables.values():
        element = types[csdl.entity_type(table)]
        assert [each.get("Name") for each in element.iter(f"{EDM}PropertyRef")] == list(table.key)
        found = {
            each.get("Name"): (each.get("Type"), each.get("Nullable") != "false")
            for each in element.iter(f"{EDM}Property")
        }
        assert found == {column.name: (column.type.value, column.nullable) for column in table.columns}
        assert not any(table.by_name[name].nullable for name in table.key)
        assert {column.type for column in table.columns} <= set(Type)
