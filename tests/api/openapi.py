"""Validates responses by a contract in ``opencasb/api/openapi``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_spec_validator.readers import read_from_filename
from werkzeug.datastructures import Headers, ImmutableMultiDict


@dataclass
class SeenRequest:
    """A request as expected by openapi-core."""

    method: str
    path: str
    parameters: RequestParameters
    content_type: str = ""
    body: bytes | None = None
    host_url: str = "https://localhost:8443"


@dataclass
class SeenResponse:
    """A response as expected by openapi-core."""

    status_code: int
    headers: Headers
    content_type: str
    data: bytes | None


@dataclass
class Contract:
    """A contract, by its file name."""

    name: str

    @property
    def file(self) -> Path:
        """The file."""
        return Path(str(files("opencasb.api").joinpath(f"openapi/{self.name}")))

    @cached_property
    def document(self) -> dict[str, Any]:  # any JSON
        """The content of the file, with unresolved references."""
        return dict(read_from_filename(str(self.file))[0])

    @cached_property
    def api(self) -> OpenAPI:
        """The parsed contract."""
        return OpenAPI.from_file_path(str(self.file))

    @cached_property
    def operations(self) -> frozenset[tuple[str, str]]:
        """Every (method, path) of the contract, with paths as in the file."""
        methods, paths = {"get", "put", "post", "patch", "delete"}, self.api.spec["paths"].read_value()
        return frozenset((method.upper(), path) for path, item in paths.items() for method in item if method in methods)

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        templates = sorted({path for _, path in self.operations}, key=lambda path: re.sub(r"\{\w+\}", "\uffff", path))
        return [(template, re.compile(re.sub(r"\{\w+\}", "[^/]+", template))) for template in templates]

    def has(self, method: str, path: str) -> bool:
        """Return whether the contract has an operation."""
        template = next((template for template, pattern in self._patterns if pattern.fullmatch(path)), None)
        return (method, template) in self.operations

    def check(self, response: httpx.Response, path: str, content: bytes | None) -> None:
        """Assert that the contract has the response for the path, method and status."""
        method, query = response.request.method, response.request.url.query.decode("latin-1")
        parameters = RequestParameters(query=ImmutableMultiDict(dict(parse_qsl(query))), header=Headers())
        seen = SeenRequest(method.lower(), path, parameters)
        headers = Headers(list(response.headers.items()))
        answer = SeenResponse(response.status_code, headers, response.headers.get("content-type", ""), content)
        try:
            self.api.validate_response(seen, answer)
        except OpenAPIError as error:
            reasons = [str(each) for each in getattr(error.__cause__, "schema_errors", [])] or [repr(error.__cause__)]
            message = f"{method} {path} → {response.status_code} {response.text[:1000]}: {error}: {reasons}"
            raise AssertionError(message) from error
