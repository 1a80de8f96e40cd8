"""Validates every REST API response by the contract in ``openapi/v1.yaml``."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import httpx

from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.routes import canonical
from tests.api.openapi import Contract

CONTRACT = Contract("v1.yaml")


def check(response: httpx.Response) -> None:
    """Assert that the contract has the response for its path, method and status."""
    method, path = response.request.method, _path(response.request.url.raw_path.decode("latin-1"))
    if not CONTRACT.has(method, path):
        assert response.status_code in {404, 405, 413}, f"{method} {path} is not in the contract"
        assert response.headers["content-type"] == "application/json"
        assert response.json().keys() == {"detail"}
        return
    # openapi-core takes an empty text for a missing one
    empty = b"\n" if response.headers.get("content-type", "").startswith("text/plain") else None
    CONTRACT.check(response, path, response.content or empty)


def _path(raw: str) -> str:
    path = urlsplit(f"//x{raw}").path
    if path.startswith("/upload/log/"):
        return path
    try:
        return f"/api/v1/{canonical(path)}/"
    except NotFound:
        return path


def schema(name: str) -> Any:
    """Return a schema of the contract, as in the file."""
    return CONTRACT.api.spec["components"]["schemas"][name].read_value()
