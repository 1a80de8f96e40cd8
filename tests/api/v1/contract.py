"""Validates every REST API response by the contract in ``openapi/v1.yaml``."""

from __future__ import annotations

from typing import Any, Final

from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.routes import canonical
from tests.api.openapi import Contract
from tests.wire import Answer

CONTRACT: Final = Contract("v1.yaml", wide={"activity_id", "entity_pk"})


def check(method: str, path: str, answer: Answer) -> None:
    """Assert that the contract has the response for its path, method and status."""
    known = _known(path)
    if CONTRACT.has(method, known):
        CONTRACT.check(method, known, answer)
        return
    assert answer.status in {404, 405, 413}, f"{method} {path} is not in the contract"
    assert answer.headers["content-type"] == "application/json"
    if method != "HEAD":
        assert answer.json().keys() == {"detail"}


def _known(path: str) -> str:
    if path.startswith("/upload/log/"):
        return path
    try:
        return f"/api/v1/{canonical(path)}/"
    except NotFound:
        return path


def schema(name: str) -> Any:  # any JSON
    """Return a schema of the contract, with references unresolved."""
    return CONTRACT.document["components"]["schemas"][name]
