"""$select and $expand."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.api.graph.edm import EntityType
from opencasb.api.graph.entities import APP, APP_INFO, ENDPOINT_APP, USER
from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.selection import expand, select


@pytest.mark.parametrize(
    ("entity", "text", "wire"),
    [
        (APP, "riskScore,displayName", ["id", "displayName", "riskScore"]),
        (APP, " DISPLAYNAME , id ,", ["id", "displayName"]),
        (APP, "riskRating", ["id", "riskScore"]),
        (APP, "uploadNetworkTraficInBytes", ["id", "uploadNetworkTraficInBytes"]),
        (APP, "uploadNetworkTraficInBytes,uploadNetworkTrafficInBytes", ["id", "uploadNetworkTraficInBytes"]),
        (ENDPOINT_APP, "deviceCount", ["id", "deviceCount"]),
        (APP, "displayName,deviceCount", ["id", "displayName"]),
        (APP, "displayName,appInfo,Users", ["id", "displayName"]),
        (APP, "displayName,*", list(APP.properties)),
        (APP, "", list(APP.properties)),
        (APP_INFO, "tlsEncryptionProtocol,Hipaa", ["id", "encryptionProtocol", "isHipaaCompliant"]),
        (USER, "userIdentifier", ["userIdentifier"]),
    ],
)
def test_a_selection_has_the_key_and_the_order_of_the_type(entity: EntityType, text: str, wire: list[str]) -> None:
    """The id is always included; old names stay if requested."""
    assert list(select(entity, text)) == wire


@pytest.mark.parametrize("text", ["nosuch", "traffic", "appInfo/vendor", "displayName;id", "'id'"])
def test_unknown_properties_are_refused_with_the_known_ones(text: str) -> None:
    """The error names the unknown property and lists the known ones."""
    with pytest.raises(BadRequest, match=r"\$select.*displayName, description"):
        select(APP, text)


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("", {}),
        ("appInfo", {"appInfo": ""}),
        (" APPINFO , users", {"appInfo": "", "users": ""}),
        ("appInfo($select=vendor,founded)", {"appInfo": "vendor,founded"}),
        ("appInfo( select = vendor ),users", {"appInfo": "vendor", "users": ""}),
        ("appInfo()", {"appInfo": ""}),
    ],
)
def test_expansions_may_have_a_selection(text: str, expanded: dict[str, str]) -> None:
    """Only $select is allowed inside."""
    assert expand(text, ("appInfo", "users"), "an app") == expanded


@pytest.mark.parametrize(
    "text",
    [
        *("nosuch", "*", "appInfo/vendor", "appInfo,appInfo", "appInfo($top=1)", "appInfo($select=a;$filter=b)"),
        *("appInfo($select=a;$select=b)", "appInfo(", "appInfo)", "appInfo,,users", "devices"),
    ],
)
def test_other_expansions_are_refused(text: str) -> None:
    """Unsupported expansions are rejected by name."""
    with pytest.raises(BadRequest, match="expand"):
        expand(text, ("appInfo", "users"), "an app")


@given(st.text(st.sampled_from("appInfousers$select=,;() *x"), max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Only the rejection is raised."""
    with suppress(BadRequest):
        expand(text, ("appInfo", "users"), "an app")
    with suppress(BadRequest):
        select(APP, text)


@pytest.mark.parametrize("text", [f"a{' ' * 100_000}!", "," * 100_000, "a(" * 50_000, "a()" * 50_000])
def test_a_hostile_expansion_takes_linear_time(text: str) -> None:
    """Batches have room for long ones."""
    with pytest.raises(BadRequest):
        expand(text, ("users",), "apps")
