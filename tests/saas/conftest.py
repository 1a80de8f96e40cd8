"""An installation whose integration reads from the stand-in of the vendor, with a clock that only sleeping moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from opencasb.identity.vault import Vault
from opencasb.model.saas import Integration, Run
from opencasb.saas.saas import Saas
from opencasb.store.database import Database
from tests.conftest import NOW, create_schema
from tests.saas.standin import Vendor, given, running

TENANT = 7
BY = "test"


class Time:
    """A clock that stands still but for what is slept, and remembers that."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> int:
        """Return the time in ms."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.now += round(seconds * 1000)


class House:
    """SaaS management of one tenant, and the vendor it reads from."""

    def __init__(self, database: Database, vault: Vault, vendor: Vendor, ca: trustme.CA) -> None:
        self.time = Time()
        self.vendor = vendor
        self.database = database
        self.saas = Saas(database, vault, self.time, sleep=self.time.sleep)
        self.given = given(vendor, ca)

    @property
    def integration(self) -> Integration:
        """The integration as it is now."""
        found = self.saas.integrations.get(TENANT, "graph")
        assert found is not None
        return found

    def authorized(self) -> Integration:
        """Add the integration, and authorise it."""
        self.saas.add(TENANT, "graph", self.given, by=BY)
        found = self.saas.authorize(self.integration, by=BY)
        assert found.ok, found.text
        self.vendor.seen.clear()
        return self.integration

    def run(self) -> Run:
        """Run the integration."""
        return self.saas.run(self.integration, "hand")


@pytest.fixture
def vendor(ca: trustme.CA) -> Iterator[Vendor]:
    """The stand-in, without streams."""
    with running(ca) as started:
        yield started


@pytest.fixture
def each_house(database: Database, tmp_path: Path, vendor: Vendor, ca: trustme.CA) -> House:
    """SaaS management on each engine in turn."""
    return House(database, Vault(tmp_path / "vault"), vendor, ca)


@pytest.fixture
def house(tmp_path: Path, vendor: Vendor, ca: trustme.CA) -> Iterator[House]:
    """The same on SQLite only, for what has little to do with a database."""
    database = Database(f"sqlite:///{tmp_path / 'casb.sqlite3'}")
    create_schema(database)
    yield House(database, Vault(tmp_path / "vault"), vendor, ca)
    database.close()
