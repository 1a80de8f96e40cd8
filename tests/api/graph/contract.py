"""Validates every response in the tests by the OpenAPI file."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from opencasb.api.graph.errors import BadRequest
from opencasb.api.graph.path import Target, parse
from tests.api.openapi import Contract
from tests.wire import Answer

CONTRACT: Final = Contract("graph.yaml")
SAMPLES: Final = {
    "streamId": "65a1f0c2d4b7e8a901234567",
    "period": "period=duration'P30D'",
    "appId": "10980",
    "userIdentifier": "user007@contoso.example",
    "ipAddress": "10.0.0.1",
    "deviceName": "laptop-1",
}


def check(method: str, path: str, answer: Answer) -> None:
    """Assert that the contract has the response for its resource, method and status."""
    assert {"request-id", "odata-version", "cache-control"} <= answer.headers.keys()
    try:
        known = _paths()[_kind(parse(re.sub("(?i)^/beta(?=/|$)", "", path)))]
    except BadRequest:
        known = ""
    if CONTRACT.has(method, known):
        CONTRACT.check(method, known, answer)
    else:
        assert answer.status in {400, 401, 404, 405}, f"{method} {path} is not in the contract"
        CONTRACT.check_response("refusal", answer)


@cache
def _paths() -> dict[tuple[object, ...], str]:
    paths = [re.sub(r"\{(\w+)\}", lambda found: SAMPLES[found[1]], path) for _, path in CONTRACT.operations]
    return {_kind(parse(path)): path for path in paths}


def _kind(target: Target) -> tuple[object, ...]:
    return target.kind, target.related, target.count
