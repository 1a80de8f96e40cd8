"""A stand-in for the composition root: real repositories and services over one database, without the rest."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from opencasb.identity.credentials import NewSecret
from opencasb.identity.identity import Identity
from opencasb.model.application import Application
from opencasb.model.permissions import MDCA, parse_permission
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.settings import Settings
from opencasb.store.database import Database
from opencasb.store.streams import Streams
from opencasb.store.tenants import Tenants
from opencasb.store.user_groups import UserGroups
from opencasb.store.users import Users
from tests.conftest import NOW, create_schema

PUBLIC_URL = "https://localhost:8443"


class HandClock:
    """A manual clock in ms."""

    def __init__(self, now: int = NOW) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the time."""
        return self.now


@cache
def _key(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


_numbers = itertools.cycle(range(3))


def spare_key() -> rsa.RSAPrivateKey:
    """Return one of three small keys in rotation, created once per session: their certificates still differ."""
    return _key(next(_numbers))


class StandIn:
    """The parts of an installation that commands, handlers and tests need."""

    def __init__(
        self, database: Database, data: Path, clock: Callable[[], int], settings: Settings | None = None
    ) -> None:
        self.database = database
        self.data = data
        self.clock = clock
        self.tenants = Tenants(database, clock)
        self.users = Users(database, clock)
        self.streams = Streams(database, clock)
        self.user_groups = UserGroups(database, clock)
        self.identity = Identity(
            database,
            clock,
            replace(settings or Settings(public_url=PUBLIC_URL), data=data),
            tenants=self.tenants,
            users=self.users,
        )

    def open(self, data: Path | None = None, *, new: bool = False) -> StandIn:
        """Act as the opener of commands: every directory has this installation."""
        del data, new
        return self

    def again(self) -> StandIn:
        """Return another process of the same installation."""
        return StandIn(self.database, self.data, self.clock)

    def application(self, tenant: Tenant, *permissions: str, name: str = "script") -> tuple[Application, NewSecret]:
        """Register an application with one secret."""
        granted = [parse_permission(permission) for permission in permissions]
        made = self.identity.applications.create(tenant.tenant_id, name, granted)
        return made, self.identity.credentials.new_client_secret(tenant.tenant_id, made.client_id)

    def api_token(self, tenant: Tenant, role: Role, upn: str = "ann@contoso.example") -> str:
        """Add a user with an API token and return the token."""
        user = self.users.create(tenant.tenant_id, upn, role)
        return self.identity.credentials.new_api_token(tenant.tenant_id, user.user_id, "test").value


@cache
def _empty_database() -> bytes:
    """Return the file of an empty database with its schema, created once per session."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "casb.sqlite3"
        database = Database(f"sqlite:///{path}")
        create_schema(database)
        database.close()
        return path.read_bytes()


@contextmanager
def open_standin(folder: Path, clock: Callable[[], int], settings: Settings | None = None) -> Iterator[StandIn]:
    """Open a stand-in over a new SQLite database in ``folder``."""
    path = folder / "casb.sqlite3"
    path.write_bytes(_empty_database())
    database = Database(f"sqlite:///{path}")
    yield StandIn(database, folder / "data", clock, settings)
    database.close()


@pytest.fixture
def hand() -> HandClock:
    """Return the clock of ``casb``."""
    return HandClock()


@pytest.fixture
def casb(tmp_path: Path, hand: HandClock) -> Iterator[StandIn]:
    """Open a stand-in without tenants."""
    with open_standin(tmp_path, hand) as opened:
        yield opened


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """Create the first tenant of ``casb``."""
    return casb.tenants.create("Contoso", domain="contoso.example")


@pytest.fixture
def good(casb: StandIn, tenant: Tenant) -> dict[str, str]:
    """Return a form that both token endpoints accept."""
    application, secret = casb.application(tenant, "discovery.read", "CloudApp-Discovery.Read.All")
    return {
        "grant_type": "client_credentials",
        "client_id": application.client_id,
        "client_secret": secret.value,
        "scope": f"{MDCA.app_id}/.default",
        "resource": MDCA.app_id,
    }
