"""A locked database is reported as busy by every API and command, with Retry-After."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from opencasb.cli.main import cli
from opencasb.model.permissions import parse_permission
from opencasb.program import Opener
from opencasb.settings import load
from tests.faults.client import Client
from tests.faults.kills import lines

SAID = "the database is busy: others kept it locked, or have all its connections, for too long"
DETAIL = {"detail": f"{SAID}; nothing of this was acknowledged, repeat it later"}


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """An installation that does not wait for locks."""
    data = tmp_path / "data"
    monkeypatch.setenv("OPENCASB_DATABASE_URL", f"sqlite:///{data / 'opencasb.sqlite3'}?timeout=0")
    with Client(load(data, requests_per_minute=0)) as made:
        sa.event.listen(made.casb.database.engine, "connect", lambda each, _: each.execute("PRAGMA busy_timeout=0"))
        made.casb.database.engine.dispose()
        yield made


@pytest.fixture
def other(client: Client) -> Iterator[sqlite3.Connection]:
    """Another process, from the database's point of view."""
    with closing(sqlite3.connect(client.casb.settings.data / "opencasb.sqlite3", isolation_level=None)) as connection:
        yield connection


def lock(client: Client, other: sqlite3.Connection) -> None:
    """Lock the database for writers and readers."""
    client.casb.database.engine.dispose()
    other.execute("PRAGMA locking_mode=EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")


def credentials(client: Client) -> dict[str, str]:
    """Return the form with which a new application requests a Graph token."""
    identity = client.casb.identity
    permissions = [parse_permission("CloudApp-Discovery.Read.All")]
    app = identity.applications.create(client.tenant_id, "client", permissions)
    secret = identity.credentials.new_client_secret(client.tenant_id, app.client_id).value
    scope = "https://graph.microsoft.com/.default"
    grant = {"grant_type": "client_credentials", "scope": scope}
    return {**grant, "client_id": app.client_id, "client_secret": secret}


def test_a_locked_database_takes_nothing_and_is_read(client: Client, other: sqlite3.Connection) -> None:
    """During another write, records are rejected and lists still work; afterwards everything is accepted."""
    other.execute("BEGIN IMMEDIATE")
    refused = client.call("POST", "/api/v1/ingest/activities/", content=lines(0))
    assert (refused.status_code, refused.headers["retry-after"], refused.json()) == (503, "30", DETAIL)
    assert client.call("POST", "/api/v1/activities/", json={}).json()["total"] == 0
    other.execute("ROLLBACK")
    assert client.call("POST", "/api/v1/ingest/activities/", content=lines(0)).status_code == 200


def test_every_api_says_that_the_database_is_busy(client: Client, other: sqlite3.Connection) -> None:
    """If even reading is impossible, each responds with 503 in its own format; nothing is reported as our mistake."""
    sign_in, form = f"/{client.guid}/oauth2/v2.0/token", credentials(client)
    bearer = client.call("POST", sign_in, data=form).json()["access_token"]
    lock(client, other)
    for method, url in (("GET", "/api/v1/discovery/streams/"), ("GET", "/feed/v1/activities")):
        answer = client.call(method, url)
        assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (503, "30", DETAIL)
    answer = client.call("POST", sign_in, data=form)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json()["error"] == "temporarily_unavailable"
    client.headers = {"Authorization": f"Bearer {bearer}"}
    answer = client.call("GET", "/beta/security/dataDiscovery/cloudAppDiscovery/uploadedStreams")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert answer.json()["error"]["code"] == "ServiceUnavailable"
    assert client.call("GET", "/readyz").status_code == 503


def test_a_command_says_it_in_one_line(client: Client, other: sqlite3.Connection) -> None:
    """With exit code 1."""
    lock(client, other)
    done = CliRunner().invoke(cli, ["tenant", "list", "--data", str(client.casb.settings.data)], obj=Opener())
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"Error: {SAID} (database is locked)\n"
