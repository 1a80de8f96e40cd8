"""$metadata."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from opencasb.api.graph import entities, enums
from opencasb.api.graph.csdl import document
from tests.api.graph.standin import BASE, Api

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
SCHEMAS = {schema.get("Namespace", ""): schema for schema in ET.fromstring(document()).iter(f"{EDM}Schema")}  # noqa: S314
SECURITY = SCHEMAS["microsoft.graph.security"]


def names(tag: str) -> set[str]:
    """Return the qualified names of all declarations of one kind."""
    return {
        f"{space}.{each.get('Name')}" for space, schema in SCHEMAS.items() for each in schema.findall(f"{EDM}{tag}")
    }


def test_the_document_lists_every_type() -> None:
    """All entity types and enumerations are declared in their namespaces."""
    assert set(SCHEMAS) == {"microsoft.graph", "microsoft.graph.security"}
    assert names("EntityType") == {each.full_name for each in entities.ALL}
    assert names("EnumType") == {f"microsoft.graph.security.{each.name}" for each in enums.ALL}


def test_the_service_document_lists_the_singletons(shared_api: Api) -> None:
    """By name, which is also their path, with or without a slash and annotations; it accepts no options."""
    container = next(SCHEMAS["microsoft.graph"].iter(f"{EDM}EntityContainer"))
    for target in ("/beta", "/beta/", "/beta/?$format=json"):
        body = shared_api.get(target).json()
        assert body["@odata.context"] == f"{BASE}/beta/$metadata"
        assert [each["url"] for each in body["value"]] == [each.get("Name") for each in container]
    plain = shared_api.get("/beta/", accept="application/json;odata.metadata=none").json()
    assert plain == {"value": body["value"]}
    for each in body["value"]:
        assert shared_api.get(f"/beta/{each['url']}").json()["id"] == each["name"]
    assert shared_api.get("/beta/?$top=1").status == 400


def test_every_type_that_is_used_is_declared() -> None:
    """Properties, base types, parameters and singletons refer to declared or primitive types."""
    declared = names("EntityType") | names("EnumType") | {"Edm.Duration"}
    declared |= {"Edm.String", "Edm.Boolean", "Edm.Int32", "Edm.Int64", "Edm.DateTimeOffset"}
    elements = [each for schema in SCHEMAS.values() for each in schema.iter()]
    used = {name for each in elements for name in (each.get("Type"), each.get("BaseType")) if name}
    assert names("EnumType") < {re.sub(r"^Collection\((.*)\)$", r"\1", name) for name in used} <= declared


def test_every_type_has_the_properties_of_the_table() -> None:
    """Own properties with their types, keys for types without a base, and navigation to contained entities."""
    for entity in entities.ALL:
        found = next(
            each for each in SCHEMAS[entity.namespace].findall(f"{EDM}EntityType") if each.get("Name") == entity.name
        )
        properties = {each.get("Name"): each for each in found.findall(f"{EDM}Property")}
        assert list(properties) == [each.name for each in entity.own_properties]
        keys = [each.get("Name") for each in found.iter(f"{EDM}PropertyRef")]
        assert keys == ([] if entity.base else [entity.key])
        assert [each.get("Name") for each in found.findall(f"{EDM}NavigationProperty")] == [
            each.name for each in entity.own_navigations
        ]
        for each in entity.own_properties:
            assert properties[each.name].get("Nullable", "true") == str(each.nullable).lower()


def test_members_have_distinct_values_and_flags_are_bits() -> None:
    """Flags can be combined; no member is 0."""
    elements = SECURITY.findall(f"{EDM}EnumType")
    assert {element.get("IsFlags") for element in elements} == {None, "true"}
    for element in elements:
        values = [int(each.get("Value", "-1")) for each in element]
        assert len(set(values)) == len(values)
        if element.get("IsFlags"):
            assert sorted(values) == [0, *(1 << bit for bit in range(len(values) - 1))]


def test_names_are_simple_identifiers() -> None:
    """Every declared name is valid in OData."""
    declared = {each.get("Name", "") for schema in SCHEMAS.values() for each in schema.iter()} - {""}
    assert "discoveredCloudAppDetail" in declared
    assert [name for name in declared if not re.fullmatch(r"[A-Za-z_]\w{0,127}", name)] == []


def test_the_function_is_bound_to_a_stream() -> None:
    """The function takes a stream and a duration and returns apps."""
    function = SECURITY.find(f"{EDM}Function")
    assert function is not None
    assert (function.get("Name"), function.get("IsBound")) == ("aggregatedAppsDetails", "true")
    assert [each.get("Type") for each in function] == [
        "microsoft.graph.security.cloudAppDiscoveryReport",
        "Edm.Duration",
        "Collection(microsoft.graph.security.discoveredCloudAppDetail)",
    ]


def test_metadata_is_open_to_all(shared_api: Api) -> None:
    """It describes types, not data: OData tools read it before they sign in."""
    answer = shared_api.get("/beta/$metadata", authorization="")
    assert (answer.status, answer.headers["content-type"], answer.content) == (200, "application/xml", document())
    assert shared_api.send("POST", "/beta/%24metadata").headers["allow"] == "GET"
