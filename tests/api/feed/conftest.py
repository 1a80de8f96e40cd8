"""An installation on each engine, and readers of its feed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from opencasb.activities.columns import to_record
from opencasb.api.feed.app import FeedApi
from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.settings import Settings
from tests.activities.example import wire
from tests.conftest import NOW, create_schema
from tests.wire import send


class House:
    """An installation with two tenants and tokens."""

    def __init__(self, data: Path, database_url: str, **settings: Any) -> None:
        self.casb = Casb(Settings(data=data, database_url=database_url, **settings), lambda: NOW)
        create_schema(self.casb.database)
        self.tenant_id, self.other_id = (self.casb.tenants.create(name).tenant_id for name in ("Contoso", "Fabrikam"))
        self.token = self.token_of(self.tenant_id, Role.GLOBAL_ADMINISTRATOR)
        self.app: ASGIApp = FeedApi(self.casb)

    def token_of(self, tenant_id: int, role: Role) -> str:
        """Return a token of a new user."""
        user = self.casb.users.create(tenant_id, f"{role.slug}@{tenant_id}.example", role)
        return self.casb.identity.credentials.new_api_token(tenant_id, user.user_id, "test").value

    def add(self, *numbers: int, **changes: Any) -> None:
        """Store activities."""
        self.casb.activities.add(self.tenant_id, [to_record(wire(number, **changes)) for number in numbers])

    def get(self, path: str = "activities", token: str | None = "", **headers: str) -> httpx.Response:
        """Read the feed; by default as the administrator, with None anonymously."""
        if token is not None:
            headers.setdefault("Authorization", f"Token {token or self.token}")
        return self.call("GET", path, headers)

    def call(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        """Call the feed."""
        return send(self.app, method, f"/feed/v1/{path}", headers=headers)

    def read(self, path: str = "activities", **more: Any) -> tuple[list[dict[str, Any]], str]:
        """Return the lines of a response and the cursor after them."""
        answer = self.get(path, **more)
        assert answer.status_code == 200, answer.text
        assert answer.text.endswith("\n")
        *lines, last = (json.loads(line) for line in answer.content.splitlines())
        assert last == {"cursor": answer.headers["next-cursor"]}
        return lines, last["cursor"]

    def refusal(self, path: str, status: int = 400, **more: Any) -> str:
        """Return the error text of a call that must fail."""
        answer = self.get(path, **more)
        assert answer.status_code == status, answer.text
        body = answer.json()
        return str(body["detail"] if "detail" in body else body["errors"][0]["error"])


class FakeTime:
    """Simulated time that advances only while someone waits; ``during`` is called meanwhile."""

    def __init__(self, during: Callable[[float], None] = lambda _: None) -> None:
        self.now = 0.0
        self.waits: list[float] = []
        self._during = during

    def seconds(self) -> float:
        """Return the time."""
        return self.now

    def pause(self, seconds: float) -> Awaitable[None]:
        """Advance the time."""
        self.now += seconds
        self.waits.append(seconds)
        self._during(self.now)
        return asyncio.sleep(0)


def ids(lines: list[dict[str, Any]]) -> list[str]:
    """Return the ids of the records."""
    return [line["record"]["_id"] for line in lines]


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """An installation, once per engine."""
    made = House(tmp_path, database_url)
    yield made
    made.casb.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """Returns a function that creates an installation on SQLite with settings."""
    made: list[House] = []

    def make(**settings: Any) -> House:
        made.append(House(tmp_path, f"sqlite:///{tmp_path / 'casb.sqlite3'}", **settings))
        return made[-1]

    yield make
    for each in made:
        each.casb.close()
