"""The validation of responses by the contract detects errors."""

from __future__ import annotations

import json

import pytest

from tests.api.v1.contract import check
from tests.wire import Answer

PATH = "/api/v1/discovery/weights/"


def answer(status: int, body: object) -> Answer:
    """Return a response of the server."""
    return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode())


@pytest.mark.parametrize(
    "path", ["/api/v1/discovery/weights/", "/cas/api//discovery/weights", "/api/discovery/weights"]
)
def test_an_answer_of_the_contract_passes_under_every_alias(path: str) -> None:
    """Aliases are normalised to the paths of the file."""
    check("GET", path, answer(200, {"fields": []}))
    check("PUT", path, answer(405, {"detail": "no"}))


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, {"fields": [], "more": 1}), (200, {}), (200, []), (201, {"fields": []}), (400, {"detail": "x"}), (500, {})],
)
def test_what_the_contract_does_not_have_fails(status: int, body: object) -> None:
    """Wrong keys, wrong types, unknown statuses and other error formats are detected."""
    with pytest.raises(AssertionError):
        check("GET", PATH, answer(status, body))


def test_a_required_header_is_required() -> None:
    """A 429 without a waiting time fails."""
    with pytest.raises(AssertionError):
        check("GET", PATH, answer(429, {"detail": "x"}))
