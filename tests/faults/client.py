"""An in-process client of an installation, for calls while its stores fail."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import httpx

from opencasb.api.asgi import Dispatcher
from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.settings import Settings
from tests.wire import send

BASE = "https://casb.example"


class Client:
    """An installation with a tenant and an administrator who calls it."""

    def __init__(self, settings: Settings) -> None:
        self.casb = Casb.open(settings)
        tenant = self.casb.tenants.create("Example")
        user = self.casb.users.create(tenant.tenant_id, "admin@example.org", Role.GLOBAL_ADMINISTRATOR)
        token = self.casb.identity.credentials.new_api_token(tenant.tenant_id, user.user_id, "test").value
        self.tenant_id = tenant.tenant_id
        self.guid = tenant.guid
        self.headers = {"Authorization": f"Token {token}"}
        self._app = Dispatcher(self.casb)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.casb.close()

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:  # whatever httpx takes
        """Send a request."""
        return send(self._app, method, path, headers=self.headers, base=BASE, **more)
