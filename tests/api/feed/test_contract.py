"""The contract of the feed is valid, complete and correct."""

from __future__ import annotations

import json
from collections.abc import Callable

from openapi_spec_validator import validate

from opencasb.api.feed.app import LARGEST_LIMIT, LONGEST_WAIT, USUAL_LIMIT
from opencasb.api.feed.changes import OPERATIONS
from tests.activities.example import wire
from tests.api.feed.conftest import House
from tests.api.feed.contract import CONTRACT


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
    assert answer.headers["Next-Cursor"] == last["cursor"]
    assert house.get("activities?limit=0").status_code == 400
    assert house.get("activities", token=None).status_code == 401
