"""An installation of two tenants, and a client of the administration API that checks every answer."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from opencasb.api.admin import build
from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.settings import Settings
from tests.api.v1.contract import SeenRequest, SeenResponse
from tests.conftest import NOW, create_schema

FILE = Path(str(files("opencasb.api").joinpath("openapi/admin.yaml")))
METHODS = ("get", "post", "patch", "delete")
ADMIN = Role.GLOBAL_ADMINISTRATOR


@cache
def contract() -> OpenAPI:
    """Return the contract."""
    return OpenAPI.from_file_path(str(FILE))


@cache
def operations() -> frozenset[tuple[str, str]]:
    """Return every (method, path) of the contract, paths as in the file."""
    paths = contract().spec["paths"].read_value()
    return frozenset((method.upper(), path) for path, item in paths.items() for method in item if method in METHODS)


class House:
    """Calls the administration API as a global administrator of Contoso."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.casb = Casb(Settings(data=data, requests_per_minute=0, **settings), lambda: NOW)
        data.mkdir(parents=True, exist_ok=True)
        create_schema(self.casb.database)
        self.contoso, self.fabrikam = (self.casb.tenants.create(name) for name in ("Contoso", "Fabrikam"))
        self.app = build(self.casb)
        self._tokens: dict[tuple[int, Role], str] = {}

    def token(self, role: Role = ADMIN, tenant_id: int | None = None) -> str:
        """Return an API token of a user of that role, made when first asked for."""
        key = (tenant_id or self.contoso.tenant_id, role)
        if key not in self._tokens:
            user = self.casb.users.create(key[0], f"{role.slug}@{key[0]}.example", role)
            made = self.casb.identity.credentials.new_api_token(key[0], user.user_id, "test")
            self._tokens[key] = made.value
        return self._tokens[key]

    def call(self, method: str, path: str, json: Any = None, *, token: str | None = "", **more: Any) -> httpx.Response:
        """Call a path below ``/admin/v1/`` and hold the answer against the contract; None sends no credentials."""
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers.setdefault("Authorization", f"Token {token or self.token()}")

        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="https://casb.example") as client:
                return await client.request(method, f"/admin/v1/{path}", json=json, headers=headers, **more)

        answer = asyncio.run(exchange())
        check(answer)
        return answer

    def ok(self, method: str, path: str, json: Any = None, **more: Any) -> Any:  # any JSON
        """Return the JSON of a call that succeeds."""
        answer = self.call(method, path, json, **more)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def refusal(self, status: int, method: str, path: str, json: Any = None, **more: Any) -> str:
        """Return the sentence of a call that is refused."""
        answer = self.call(method, path, json, **more)
        assert answer.status_code == status, answer.text
        body = answer.json()
        return str(body["detail"] if "detail" in body else body["errors"][0]["error"])

    def application(self, **flags: bool) -> str:
        """Register an application and return its client id."""
        return str(self.ok("POST", "applications", {"name": "script", **flags})["client_id"])


def check(response: httpx.Response) -> None:
    """Assert that an answer is one that the contract has for its path, method and status."""
    path, method = response.request.url.path, response.request.method
    templates = [path for _, path in operations()]
    template = next((each for each in templates if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", each), path)), None)
    if (method, template) not in operations():
        assert response.status_code in {401, 403, 404, 405}, f"{method} {path} is not in the contract"
        return
    seen = SeenRequest(method.lower(), path, RequestParameters(query=ImmutableMultiDict(), header=Headers()), "", None)
    headers = Headers(list(response.headers.items()))
    media_type = response.headers.get("content-type", "").partition(";")[0]
    answer = SeenResponse(response.status_code, headers, media_type, response.content)
    try:
        contract().validate_response(seen, answer)
    except OpenAPIError as error:
        reasons = [str(each) for each in getattr(error.__cause__, "schema_errors", [])] or [repr(error.__cause__)]
        raise AssertionError(f"{method} {path} → {response.status_code} {response.text[:500]}: {reasons}") from error


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation on SQLite."""
    made = House(tmp_path)
    yield made
    made.casb.close()
