"""An installation with two tenants, and a client of the administration API that checks every response."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from opencasb.api.admin.app import AdminApi
from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.settings import Settings
from tests.conftest import NOW, create_schema
from tests.wire import send

ADMIN = Role.GLOBAL_ADMINISTRATOR


class House:
    """Calls the administration API as a global administrator of Contoso."""

    def __init__(self, data: Path, **settings: Any) -> None:
        self.casb = Casb(Settings(data=data, requests_per_minute=0, **settings), lambda: NOW)
        data.mkdir(parents=True, exist_ok=True)
        create_schema(self.casb.database)
        self.contoso, self.fabrikam = (self.casb.tenants.create(name) for name in ("Contoso", "Fabrikam"))
        self.app = AdminApi(self.casb)
        self._tokens: dict[tuple[int, Role], str] = {}

    def token(self, role: Role = ADMIN, tenant_id: int | None = None) -> str:
        """Return an API token of a user with that role, created on first use."""
        key = (tenant_id or self.contoso.tenant_id, role)
        if key not in self._tokens:
            user = self.casb.users.create(key[0], f"{role.slug}@{key[0]}.example", role)
            made = self.casb.identity.credentials.new_api_token(key[0], user.user_id, "test")
            self._tokens[key] = made.value
        return self._tokens[key]

    def call(self, method: str, path: str, json: Any = None, *, token: str | None = "", **more: Any) -> httpx.Response:
        """Call a path below ``/admin/v1/`` and validate the response by the contract; None sends no credentials."""
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers.setdefault("Authorization", f"Token {token or self.token()}")
        return send(self.app, method, f"/admin/v1/{path}", json=json, headers=headers, **more)

    def ok(self, method: str, path: str, json: Any = None, **more: Any) -> Any:  # any JSON
        """Return the JSON of a successful call."""
        answer = self.call(method, path, json, **more)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def refusal(self, status: int, method: str, path: str, json: Any = None, **more: Any) -> str:
        """Return the error text of a call that must fail."""
        answer = self.call(method, path, json, **more)
        assert answer.status_code == status, answer.text
        body = answer.json()
        return str(body["detail"] if "detail" in body else body["errors"][0]["error"])

    def application(self, **flags: bool) -> str:
        """Register an application and return its client id."""
        return str(self.ok("POST", "applications", {"name": "script", **flags})["client_id"])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """An installation on SQLite."""
    made = House(tmp_path)
    yield made
    made.casb.close()
