"""The validation of responses by the contract detects errors."""

from __future__ import annotations

import httpx
import pytest

from tests.api.v1.contract import check


def answer(status: int, json: object, method: str = "GET", path: str = "/api/v1/discovery/weights/") -> httpx.Response:
    """Return a response of the server."""
    return httpx.Response(status, json=json, request=httpx.Request(method, f"https://localhost:8443{path}"))


@pytest.mark.parametrize(
    "path", ["/api/v1/discovery/weights/", "/cas/api//discovery/weights", "/api/discovery/weights"]
)
def test_an_answer_of_the_contract_passes_under_every_alias(path: str) -> None:
    """Paths are converted to the form in the file."""
    check(answer(200, {"fields": []}, path=path))
    check(answer(405, {"detail": "no"}, "PUT", path))


@pytest.mark.parametrize(
    ("status", "json"),
    [(200, {"fields": [], "more": 1}), (200, {}), (200, []), (201, {"fields": []}), (400, {"detail": "x"}), (500, {})],
)
def test_what_the_contract_does_not_have_fails(status: int, json: object) -> None:
    """Wrong keys, wrong types, unknown statuses, another error format."""
    with pytest.raises(AssertionError):
        check(answer(status, json))


def test_a_required_header_is_required() -> None:
    """A 429 has the time to wait."""
    with pytest.raises(AssertionError):
        check(answer(429, {"detail": "x"}))
