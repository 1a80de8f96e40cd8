"""The contract of the feed is valid, complete and correct."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate

from opencasb.api.feed.app import LARGEST_LIMIT, LONGEST_WAIT, USUAL_LIMIT
from opencasb.api.feed.changes import OPERATIONS
from tests.activities.example import wire
from tests.api.feed.conftest import House
from tests.api.openapi import Contract

CONTRACT = Contract("feed.yaml")


def check(name: str, value: Any) -> None:
    """Validate a value by a schema of the contract."""
    OAS31Validator(CONTRACT.document["components"]["schemas"][name]).validate(value)


def test_the_file_has_exactly_the_feeds_and_their_limits() -> None:
    """By the rules of OpenAPI 3.1; numbers equal those in the program."""
    found = CONTRACT.document
    validate(found)
    assert list(found["paths"]) == [f"/feed/v1/{name}" for name in (*OPERATIONS, "usage")]
    assert found["components"]["schemas"]["Change"]["properties"]["resource"]["enum"] == list(OPERATIONS)
    parameters = {each["name"]: each["schema"] for each in found["paths"]["/feed/v1/files"]["get"]["parameters"]}
    assert parameters["limit"]["default"] == USUAL_LIMIT
    assert (parameters["wait"]["minimum"], parameters["wait"]["maximum"]) == (0, LONGEST_WAIT)


def test_answers_are_as_the_file_says(small: Callable[..., House]) -> None:
    """Lines, the last line, the header, and both error formats; a limit that is too large is clamped."""
    house = small()
    house.add(1, 2, 3)
    house.casb.activities.delete(house.tenant_id, [wire(3)["_id"]])
    answer = house.get(f"activities?limit={LARGEST_LIMIT + 1}")
    *lines, last = (json.loads(line) for line in answer.content.splitlines())
    assert [line["record"].get("deleted") for line in lines] == [None, None, True]
    for line in lines:
        check("Change", line)
    check("End", last)
    assert answer.headers["Next-Cursor"] == last["cursor"]
    check("Invalid", house.get("activities?limit=0").json())
    check("Detail", house.get("activities", token=None).json())
