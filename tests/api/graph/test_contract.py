"""The OpenAPI file is valid, complete and correct."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from opencasb.api.graph import enums
from opencasb.api.graph.errors import BadRequest, GraphError
from opencasb.api.graph.path import parse
from opencasb.api.graph.prepass import FUNCTIONS
from tests.api.graph.contract import CONTRACT, SAMPLES
from tests.api.graph.standin import ENDPOINTS, Api

DOCUMENT = CONTRACT.document
READ = [path for path, operations in DOCUMENT["paths"].items() if "get" in operations]


def test_the_file_is_valid_openapi() -> None:
    """By the rules of OpenAPI 3.1."""
    validate(DOCUMENT)


@pytest.mark.parametrize("template", READ)
def test_every_path_answers_as_the_file_says(shared_api: Api, template: str) -> None:
    """Each path has a resource, and its parameters are those of the file."""
    path = re.sub(r"\{(\w+)\}", lambda found: (SAMPLES | {"streamId": ENDPOINTS})[found[1]], template)
    assert shared_api.get(f"/beta{path}").status == 200
    parameters = {each["$ref"].rpartition("/")[2] for each in DOCUMENT["paths"][template]["get"].get("parameters", [])}
    assert set(re.findall(r"\{(\w+)\}", template)) <= parameters


def test_every_kind_of_path_is_in_the_file() -> None:
    """The file has every path, and other paths do not exist."""
    kinds = {parse(re.sub(r"\{(\w+)\}", lambda found: SAMPLES[found[1]], path)).kind for path in DOCUMENT["paths"]}
    assert len(kinds) == 13
    with pytest.raises(BadRequest):
        parse("/security/dataDiscovery/cloudAppDiscovery/uploadedStreams/1/users")


def test_the_guide_names_every_option_code_and_late_member() -> None:
    """Everything the API accepts and returns is documented."""
    guide = (Path(__file__).parents[3] / "docs/graph.md").read_text(encoding="utf-8")
    options = {each["name"] for each in DOCUMENT["components"]["parameters"].values() if each["in"] == "query"}
    codes = {error.code for error in GraphError.__subclasses__()} | {GraphError.code}
    late = {member for enum in enums.ALL for member in enum.late}
    for name in {*options, *codes, *late, *FUNCTIONS, "graph_requests_per_minute", "public_url"}:
        assert f"`{name}`" in guide, name


@pytest.mark.parametrize(
    ("schema", "wrong"),
    [
        ("discoveredCloudAppUser", {"userIdentifier": 1}),
        ("discoveredCloudAppUser", {"userIdentifier": "a", "count": 1}),
        ("discoveredCloudAppInfo", {"id": "1", "isDmca": True}),
        ("discoveredCloudAppInfo", {"id": "1", "logonUrls": ""}),
        ("app", {"id": 10980}),
        ("app", {"id": "1", "category": "Security"}),
    ],
)
def test_the_check_fails_on_what_is_wrong(schema: str, wrong: dict[str, object]) -> None:
    """A check that accepts everything would prove nothing."""
    with pytest.raises(AssertionError):
        CONTRACT.check_value(schema, wrong)
