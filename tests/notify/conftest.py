"""Notifications of two tenants, a webhook receiver, and a mail server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
import trustme

from opencasb.app import Casb
from opencasb.model.notification import Channel
from opencasb.settings import Settings
from tests.conftest import create_schema
from tests.identity.standin import HandClock
from tests.notify.mailbox import PASSWORD, USER, Mailbox, mailing
from tests.notify.receiver import Receiver, receiving

DAY = 86_400_000


class House:
    """An installation with the tenants Contoso and Fabrikam, and a manual clock."""

    def __init__(self, data: Path, database_url: str, box: Mailbox, ca: Path) -> None:
        self.clock = HandClock()
        data.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(
            data=data,
            database_url=database_url,
            public_url="https://casb.example",
            smtp_host="localhost",
            smtp_port=box.port,
            smtp_ca=ca,
            smtp_user=USER,
            smtp_password=PASSWORD,
            smtp_from="OpenCASB <casb@casb.example>",
        )
        self.casb = Casb(self.settings, self.clock)
        create_schema(self.casb.database)
        self.contoso, self.fabrikam = (self.casb.tenants.create(name) for name in ("Contoso", "Fabrikam"))
        self.tenant_id = self.contoso.tenant_id
        self.client_id = self.casb.identity.applications.create(self.tenant_id, "Report tool").client_id

    def second(self) -> Casb:
        """Open the same installation as another server."""
        return Casb(self.settings, self.clock)

    def channel(self, kind: str, address: str) -> Channel:
        """Add a channel to Contoso, as on the command line."""
        made = self.casb.notifications.channels.add(self.tenant_id, kind, address, anywhere=True, by="test")
        return made.channel

    def secret(self, days: int, description: str = "nightly") -> str:
        """Give the application a secret, and return its key id."""
        credentials = self.casb.identity.credentials
        made = credentials.new_client_secret(self.tenant_id, self.client_id, description=description, days=days)
        return made.key_id

    def warn(self) -> int:
        """Create due warnings."""
        return self.casb.notifications.warn(self.tenant_id)

    def warned(self, days: int) -> str:
        """Give the application a secret and create its warning; return its key id."""
        key_id = self.secret(days)
        self.warn()
        return key_id

    def deliver(self) -> int:
        """Deliver what is due."""
        return self.casb.notifications.deliver(Event())

    def pass_time(self, ms: int) -> None:
        """Advance the clock."""
        self.clock.now += ms

    def audited(self, prefix: str) -> list[tuple[str, str, dict[str, object]]]:
        """Return action, target and details of Contoso's entries with this prefix, by time and action."""
        found = self.casb.identity.audit_log.latest(self.tenant_id, 1000)
        ordered = sorted(found, key=lambda each: (each.time, each.action))
        return [(each.action, each.target, each.details) for each in ordered if each.action.startswith(prefix)]


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of that CA, which webhooks trust."""
    path = tmp_path / "ca.pem"
    path.write_bytes(ca.cert_pem.bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


@pytest.fixture
def receiver(ca: trustme.CA) -> Iterator[Receiver]:
    """A receiver with TLS."""
    with receiving(ca) as started:
        yield started


@pytest.fixture
def box(ca: trustme.CA) -> Iterator[Mailbox]:
    """A mail server that requires STARTTLS and a password."""
    with mailing(ca) as started:
        yield started


@pytest.fixture
def each_house(tmp_path: Path, database_url: str, box: Mailbox, ca_file: Path) -> Iterator[House]:
    """The installation on each database engine."""
    made = House(tmp_path / "data", database_url, box, ca_file)
    yield made
    made.casb.close()


@pytest.fixture
def house(tmp_path: Path, box: Mailbox, ca_file: Path) -> Iterator[House]:
    """The installation on SQLite, for tests that hardly depend on the database."""
    made = House(tmp_path / "data", "", box, ca_file)
    yield made
    made.casb.close()
