"""REST API fixtures: an installation, and a client that validates every response by the contract."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from opencasb.api.v1.app import RestApi
from opencasb.api.v1.asgi import SECURITY_HEADERS
from opencasb.model.role_scope import RoleScope
from opencasb.model.roles import Role
from tests.api.v1.installation import Known, SmallCasb, bearer, make, open_copy

Result = TypeVar("Result")
Made = tuple[Path, Known]
ADMIN = Role.GLOBAL_ADMINISTRATOR
BASE = "https://localhost:8443"


class Client:
    """Calls the REST API as a global administrator, and validates every response."""

    def __init__(self, casb: SmallCasb, known: Known) -> None:
        self.casb = casb
        self.known = known
        self.app = RestApi(casb)
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=("192.0.2.1", 4711)), base_url=BASE
        )

    def close(self) -> None:
        """Close the event loop and the connections."""
        self._runner.run(self._http.aclose())
        self._runner.close()
        self.casb.close()

    def bearer(self, *permissions: str) -> str:
        """Return the credentials of a new application with ``permissions``."""
        return f"Bearer {bearer(self.casb, self.known.tenant_id, *permissions)}"

    def person(self, role: Role, scope: RoleScope | None = None) -> str:
        """Return the credentials of a new user."""
        tenant, users = self.known.tenant_id, self.casb.users
        user = users.create(tenant, f"{len(users.all(tenant))}@contoso.example", role, scope=scope)
        return f"Token {self.casb.identity.credentials.new_api_token(tenant, user.user_id, 'test').value}"

    def run(self, awaitable: Awaitable[Result]) -> Result:
        """Run an awaitable in the client's event loop."""

        async def wait() -> Result:
            return await awaitable

        return self._runner.run(wait())

    def call(self, method: str, path: str, *, role: Role | None = ADMIN, by: str = "", **more: Any) -> httpx.Response:
        """Call ``path`` (below ``/api/v1/`` unless it begins with a slash) as a role; None sends no credentials.

        ``by`` are other credentials.
        """
        headers = dict(more.pop("headers", {}))
        if by or role is not None:
            headers.setdefault("Authorization", by or f"Token {self.known.tokens[role or ADMIN]}")
        url = path if path.startswith("http") else BASE + (path if path.startswith("/") else f"/api/v1/{path}")
        response = self.run(self._http.request(method, url, headers=headers, **more))
        assert not response.has_redirect_location
        assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        return response

    def get(self, path: str, **more: Any) -> Any:
        """Return the JSON of a successful GET."""
        return self._ok(self.call("GET", path, **more))

    def post(self, path: str, json: Any = None, **more: Any) -> Any:
        """Return the JSON of a successful POST."""
        return self._ok(self.call("POST", path, json=json, **more))

    def refusal(self, status: int, path: str, json: Any = None, **more: Any) -> str:
        """Return the error text of a POST that is rejected with 400, or the detail of another error."""
        response = self.call("POST", path, json=json, **more)
        assert response.status_code == status, response.text
        body = response.json()
        return str(body["detail"] if "detail" in body else body["errors"][0]["error"])

    def _ok(self, response: httpx.Response) -> Any:
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The installation that tests copy."""
    folder = tmp_path_factory.mktemp("installation") / "data"
    return folder, make(folder)


@pytest.fixture
def open_client(template: Made, tmp_path: Path) -> Iterator[Callable[..., Client]]:
    """Return a function that opens clients of the test's copy of the installation, with settings."""
    clients: list[Client] = []

    def open_(**settings: Any) -> Client:
        folder, known = template
        casb = open_copy(folder, tmp_path / f"data{len(clients)}", **settings)
        clients.append(Client(casb, known))
        return clients[-1]

    yield open_
    for client in clients:
        client.close()


@pytest.fixture
def client(open_client: Callable[..., Client]) -> Client:
    """A client of a fresh copy of the installation."""
    return open_client()


@pytest.fixture(scope="module")
def reader(template: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a copy shared by a module's tests, for read-only calls."""
    folder, known = template
    casb = open_copy(folder, tmp_path_factory.mktemp("reader") / "data")
    opened = Client(casb, known)
    yield opened
    opened.close()
