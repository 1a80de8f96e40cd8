"""An installation with an integration that reads from the fake vendor, and a clock that only sleeping advances."""

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
    """A clock that only ``sleep`` advances; it records the delays."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> int:
        """Return the time in ms."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
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
        """The integration's current record."""
        found = self.saas.integrations.get(TENANT, "graph")
        assert found is not None
        return found

    def authorized(self) -> Integration:
        """Add and authorise the integration."""
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
    """The fake vendor, without streams."""
    with running(ca) as started:
        yield started


@pytest.fixture
def each_house(database: Database, tmp_path: Path, vendor: Vendor, ca: trustme.CA) -> House:
    """SaaS management on each database engine."""
    return House(database, Vault(tmp_path / "vault"), vendor, ca)


@pytest.fixture
def house(tmp_path: Path, vendor: Vendor, ca: trustme.CA) -> Iterator[House]:
    """SaaS management on SQLite only, for tests that hardly depend on the database."""
    database = Database(f"sqlite:///{tmp_path / 'casb.sqlite3'}")
    create_schema(database)
    yield House(database, Vault(tmp_path / "vault"), vendor, ca)
    database.close()
