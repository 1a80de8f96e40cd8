"""``$metadata``: the types as an OData 4.0 CSDL document, generated from the type table."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final
from xml.etree import ElementTree as ET

from opencasb.api.graph import entities, enums
from opencasb.api.graph.edm import NAMESPACE, EntityType, Enum, Navigation, Property
from opencasb.api.graph.period import FUNCTION

_EDMX: Final = "http://docs.oasis-open.org/odata/ns/edmx"
_EDM: Final = "http://docs.oasis-open.org/odata/ns/edm"
_GRAPH: Final = "microsoft.graph"

SINGLETONS: Final = {"security": entities.SECURITY.full_name, "dataDiscovery": entities.ROOT.full_name}
"""The root paths: name and type."""


@cache
def document() -> bytes:
    """Return the CSDL document."""
    ET.register_namespace("edmx", _EDMX)
    root = ET.Element(f"{{{_EDMX}}}Edmx", Version="4.0")
    services = ET.SubElement(root, f"{{{_EDMX}}}DataServices")
    for namespace in (_GRAPH, NAMESPACE):
        schema = ET.SubElement(services, "Schema", xmlns=_EDM, Namespace=namespace)
        for enum in enums.ALL if namespace == NAMESPACE else ():
            _enum(schema, enum)
        for entity in entities.ALL:
            if entity.namespace == namespace:
                _entity(schema, entity)
        _entry_points(schema) if namespace == _GRAPH else _function(schema)
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f"<?xml version='1.0' encoding='utf-8'?>\n{text}".encode()


def _enum(schema: ET.Element, enum: Enum) -> None:
    element = ET.SubElement(schema, "EnumType", Name=enum.name)
    if enum.flags:
        element.set("IsFlags", "true")
    for member, value in _values(enum):
        ET.SubElement(element, "Member", Name=member, Value=str(value))


def _values(enum: Enum) -> Iterable[tuple[str, int]]:
    if not enum.flags:
        return zip(enum.members, range(len(enum.members)), strict=True)
    nothing = [member for member in enum.members if member == "none"]
    bits = [member for member in enum.members if member != "none"]
    return [*((member, 1 << bit) for bit, member in enumerate(bits)), *((member, 0) for member in nothing)]


def _entity(schema: ET.Element, entity: EntityType) -> None:
    element = ET.SubElement(schema, "EntityType", Name=entity.name)
    if entity.base is not None:
        element.set("BaseType", entity.base.full_name)
    else:
        ET.SubElement(ET.SubElement(element, "Key"), "PropertyRef", Name=entity.key)
    if entity.abstract:
        element.set("Abstract", "true")
    for each in entity.own_properties:
        _property(element, each)
    for navigation in entity.own_navigations:
        _navigation(element, navigation)


def _property(parent: ET.Element, each: Property) -> None:
    name = f"{NAMESPACE}.{each.type.name}" if isinstance(each.type, Enum) else each.type.value
    element = ET.SubElement(parent, "Property", Name=each.name, Type=_collected(name, collection=each.collection))
    if not each.nullable:
        element.set("Nullable", "false")


def _navigation(parent: ET.Element, each: Navigation) -> None:
    name = _collected(f"{NAMESPACE}.{each.target}", collection=each.collection)
    ET.SubElement(parent, "NavigationProperty", Name=each.name, Type=name, ContainsTarget="true")


def _collected(name: str, *, collection: bool) -> str:
    return f"Collection({name})" if collection else name


def _entry_points(schema: ET.Element) -> None:
    container = ET.SubElement(schema, "EntityContainer", Name="GraphService")
    for name, kind in SINGLETONS.items():
        ET.SubElement(container, "Singleton", Name=name, Type=kind)


def _function(schema: ET.Element) -> None:
    function = ET.SubElement(schema, "Function", Name=FUNCTION, IsBound="true", IsComposable="true")
    ET.SubElement(function, "Parameter", Name="bindingParameter", Type=entities.STREAM.full_name, Nullable="false")
    ET.SubElement(function, "Parameter", Name="period", Type="Edm.Duration", Nullable="false")
    ET.SubElement(function, "ReturnType", Type=f"Collection({entities.APP.full_name})", Nullable="false")
