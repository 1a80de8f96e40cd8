"""Holds every answer of the REST API against the contract in ``openapi/v1.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from opencasb.api.v1.errors import NotFound
from opencasb.api.v1.routes import canonical

FILE = Path(str(files("opencasb.api").joinpath("openapi/v1.yaml")))


@cache
def contract() -> OpenAPI:
    """Return the contract."""
    return OpenAPI.from_file_path(str(FILE))


@cache
def operations() -> frozenset[tuple[str, str]]:
    """Return every (method, path) of the contract, paths as in the file."""
    paths = contract().spec["paths"].read_value()
    methods = {"get", "put", "post", "delete"}
    return frozenset((method.upper(), path) for path, item in paths.items() for method in item if method in methods)


@dataclass
class SeenRequest:
    """A request as openapi-core wants to see it."""

    method: str
    path: str
    parameters: RequestParameters
    content_type: str
    body: bytes | None
    host_url: str = "https://localhost:8443"


@dataclass
class SeenResponse:
    """A response as openapi-core wants to see it."""

    status_code: int
    headers: Headers
    content_type: str
    data: bytes | None


def check(response: httpx.Response) -> None:
    """Assert that an answer is one that the contract has for its path, method and status."""
    request = response.request
    path = _path(request.url.raw_path.decode("latin-1"))
    assert path is not None, f"{response.status_code} {response.text}"
    if (request.method, _template(path)) not in operations():
        assert response.status_code in {404, 405, 413}, f"{request.method} {path} is not in the contract"
        assert response.headers["content-type"] == "application/json"
        assert response.json().keys() == {"detail"}
        return
    query: Mapping[str, str] = dict(parse_qsl(request.url.query.decode("latin-1")))
    parameters = RequestParameters(query=ImmutableMultiDict(query), header=Headers())
    seen = SeenRequest(request.method.lower(), path, parameters, "", None)
    kind = response.headers.get("content-type", "")
    # openapi-core takes an empty text for a missing one.
    content = b"\n" if kind.startswith("text/plain") else None
    answer = SeenResponse(
        response.status_code, Headers(list(response.headers.items())), kind, response.content or content
    )
    try:
        contract().validate_response(seen, answer)
    except OpenAPIError as error:
        reasons = [str(each) for each in getattr(error.__cause__, "schema_errors", [])] or [repr(error.__cause__)]
        message = f"{request.method} {path} → {response.status_code} {response.text[:1000]}: {error}: {reasons}"
        raise AssertionError(message) from error


def _path(raw: str) -> str | None:
    path = urlsplit(f"//x{raw}").path
    if path.startswith("/upload/log/"):
        return path
    try:
        return f"/api/v1/{canonical(path)}/"
    except NotFound:
        return path


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    templates = sorted({path for _, path in operations()}, key=lambda path: re.sub(r"\{\w+\}", "\uffff", path))
    return [(template, re.compile(re.sub(r"\{\w+\}", "[^/]+", template))) for template in templates]


def _template(path: str) -> str | None:
    return next((template for template, pattern in _patterns() if pattern.fullmatch(path)), None)


def schema(name: str) -> Any:
    """Return a schema of the contract as it stands in the file."""
    return contract().spec["components"]["schemas"][name].read_value()
