"""The entity types and the names of their properties in queries."""

from __future__ import annotations

import pytest

from opencasb.api.graph.edm import EntityType
from opencasb.api.graph.entities import ALL, APP, APP_INFO, ENDPOINT_APP, USER, find
from tests.api.graph.contract import CONTRACT


@pytest.mark.parametrize(
    ("entity", "name", "found"),
    [
        (APP, "riskScore", "riskScore"),
        (APP, "RISKSCORE", "riskScore"),
        (APP, " riskRating ", "riskScore"),
        (APP, "uploadNetworkTraficInBytes", "uploadNetworkTrafficInBytes"),
        (ENDPOINT_APP, "downloadNetworkTraficInBytes", "downloadNetworkTrafficInBytes"),
        (ENDPOINT_APP, "deviceCount", "deviceCount"),
        (APP, "deviceCount", None),
        (APP, "traffic", "traffic"),
        (APP, "appInfo", None),
        (APP_INFO, "tlsEncryptionProtocol", "encryptionProtocol"),
        (APP_INFO, "Hippa", "isHipaaCompliant"),
        (APP_INFO, "Hipaa", "isHipaaCompliant"),
        (APP_INFO, "isGdprRightToDataPortablility", "isGdprRightToDataPortablility"),
        (USER, "useridentifier", "userIdentifier"),
        (USER, "id", None),
    ],
)
def test_a_query_may_spell_a_property_in_several_ways(entity: EntityType, name: str, found: str | None) -> None:
    """Case, old names and short names are accepted; anything else gives None."""
    property_ = find(entity, name)
    assert (property_.name if property_ else None) == found


@pytest.mark.parametrize("entity", [each for each in ALL if not each.abstract], ids=lambda entity: entity.name)
def test_each_type_is_in_the_contract(entity: EntityType) -> None:
    """The OpenAPI file has exactly the properties of the type, annotations and the old names."""
    schema = CONTRACT.document["components"]["schemas"][entity.name]
    known = {name for name in schema["properties"] if "@" not in name and "Trafic" not in name}
    assert known == {*entity.properties, *entity.navigations}
    assert schema["required"] == [entity.key]
    assert schema["properties"]["@odata.type"]["const"] == f"#{entity.full_name}"


@pytest.mark.parametrize("entity", [each for each in ALL if not each.abstract], ids=lambda entity: entity.name)
def test_the_contract_lets_null_where_the_type_does(entity: EntityType) -> None:
    """A nullable property, and no other, may be null in the OpenAPI file."""
    schema = CONTRACT.document["components"]["schemas"][entity.name]["properties"]
    nullable = {each.name: each.nullable for each in entity.properties.values()}
    assert {name: {"type": "null"} in schema[name].get("anyOf", []) for name in nullable} == nullable != {}
