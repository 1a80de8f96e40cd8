"""``$metadata`` of the feed: the tables as an OData 4.0 CSDL document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree import ElementTree as ET

from opencasb.reporting.schema import VERSION, Column, Table, Type

NAMESPACE: Final = f"OpenCASB.Reports.V{VERSION}"
CONTAINER: Final = "Reports"

_EDMX: Final = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM: Final = "http://docs.oasis-open.org/odata/ns/edm"


def entity_type(table: Table) -> str:
    """Return the type name of a table's rows: ``AppUsage`` for ``app_usage``."""
    return "".join(word.capitalize() for word in table.name.split("_"))


def document(tables: Iterable[Table]) -> bytes:
    """Return the CSDL document."""
    every = tuple(tables)
    ET.register_namespace("edmx", _EDMX)
    root = ET.Element(f"{{{_EDMX}}}Edmx", Version="4.0")
    schema = ET.SubElement(ET.SubElement(root, f"{{{_EDMX}}}DataServices"), "Schema", xmlns=_EDM, Namespace=NAMESPACE)
    for table in every:
        _entity(schema, table)
    container = ET.SubElement(schema, "EntityContainer", Name=CONTAINER)
    for table in every:
        ET.SubElement(container, "EntitySet", Name=table.name, EntityType=f"{NAMESPACE}.{entity_type(table)}")
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}".encode()


def _entity(schema: ET.Element, table: Table) -> None:
    element = ET.SubElement(schema, "EntityType", Name=entity_type(table))
    key = ET.SubElement(element, "Key")
    for name in table.key:
        ET.SubElement(key, "PropertyRef", Name=name)
    for column in table.columns:
        _property(element, column)


def _property(element: ET.Element, column: Column) -> None:
    made = ET.SubElement(element, "Property", Name=column.name, Type=column.type.value)
    if not column.nullable:
        made.set("Nullable", "false")
    if column.type is Type.INSTANT:
        made.set("Precision", "3")
