"""``opencasb demo``: a company whose log was processed by the real pipeline, and instructions that work."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from opencasb.app import Casb
from opencasb.cli.main import cli
from opencasb.discovery import demo
from opencasb.listening import Sockets
from opencasb.program import Opener


class Stage(Opener):
    """An opener whose server is ready at once and then ends."""

    def __init__(self) -> None:
        self.served: list[Casb] = []

    @contextmanager
    def server(self, data: Path | None = None, **overrides: Any) -> Iterator[tuple[Casb, Sockets]]:  # settings
        """Open the installation without binding ports."""
        yield self.open(data, new=True, **overrides), Sockets()

    def serve(self, casb: Casb, sockets: Sockets, ready: Callable[[], None]) -> None:
        """Report that the server is ready."""
        assert sockets == Sockets()
        self.served.append(casb)
        ready()


@dataclass(frozen=True)
class Shown:
    """A running demo: its output, the installation and its directory."""

    said: str
    casb: Casb
    folder: Path


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """A stage, with a company of five people and a log of five days, which always include two working days."""
    made = Stage()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(demo, "lines", partial(demo.lines, days=5, users=5))
        patched.setattr("opencasb.cli.demo.USERS", 5)
        yield made
    for casb in made.served:
        casb.close()


@pytest.fixture(scope="module")
def shown(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """The result of the first start."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    said = run(stage, folder)
    return Shown(said, stage.served[0], folder)


def run(stage: Stage, folder: Path, *more: str) -> str:
    """Run the command and return its output."""
    words = ["demo", "--data", str(folder), "--port", "9443", "--http-port", "0", *more]
    done = CliRunner().invoke(cli, words, obj=stage)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_printed_credentials_work(shown: Shown) -> None:
    """The API token belongs to an administrator, the client has both kinds of permissions, and the CA file exists."""
    said, casb = shown.said, shown.casb
    token = re.search(r"API token +([0-9a-f]{64})\n", said)
    assert token is not None
    principal = casb.identity.access.authenticate(f"Token {token[1]}", "mdca")
    tenant = casb.tenants.all()[0]
    assert (principal.tenant_id, tenant.domain) == (tenant.tenant_id, "lindgren-logistics.example")
    client = re.search(r"Client id +(\S+)\n", said)
    assert client is not None
    application = casb.identity.applications.get(principal.tenant_id, client[1])
    assert application is not None
    assert {"CloudApp-Discovery.Read.All", "discovery.manage"} <= {each.name for each in application.permissions}
    assert "https://localhost:9443/api/v1/discovery/discovered_apps/" in said
    assert "plain HTTP" not in said
    assert "30 a minute" in said


def test_the_report_has_apps_and_verdicts(shown: Shown) -> None:
    """The log is uploaded, parsed and matched; some apps are tagged."""
    casb = shown.casb
    tenant_id = casb.tenants.all()[0].tenant_id
    report = casb.reports.apps(tenant_id, casb.streams.global_view(tenant_id).stream_id, 30)
    assert report.height > 10
    assert report["last_seen"].max() <= casb.clock()  # type: ignore[operator]  # a column of integers
    tags = {tag for given in casb.tags.by_app(tenant_id).values() for tag in given}
    assert tags == {"Sanctioned", "Unsanctioned"}


def test_there_are_activities_alerts_and_ip_ranges(shown: Shown) -> None:
    """Activities are ingested and enriched, their people and files are known, and alerts give reasons."""
    casb = shown.casb
    tenant_id = casb.tenants.all()[0].tenant_id
    assert casb.activities.count(tenant_id)[0] > 500
    assert casb.entities.count(tenant_id)[0] > 5
    assert casb.files.count(tenant_id)[0] > 100
    assert {each["name"] for each in casb.ip_ranges.all(tenant_id)} == {
        "Head office",
        "Remote access",
        "Reported hosts",
    }
    alerts = casb.alerts.page(tenant_id, order="timestamp", ascending=True)
    audits = [casb.alerts.many(tenant_id, [row.record_id])[row.record_id]["audits"] for row in alerts]
    assert all(len(found) >= least for found, least in zip(audits, (1, 120, 42, 1), strict=True))
    about = casb.activities.many(tenant_id, audits[2]).values()
    guesses = [each for each in about if each["eventTypeName"] == "EVENT_CATEGORY_FAILED_LOGIN"]
    assert len(guesses) == 40
    assert {(each["location"]["categoryValue"], each["userAgent"]["name"]) for each in guesses} == {
        ("RISKY", "Python Requests")
    }


def test_people_files_and_policies_are_as_clients_read_them(shown: Shown) -> None:
    """People have names and are internal, except for a guest; files have owners; alerts refer to policies."""
    casb = shown.casb
    tenant_id = casb.tenants.all()[0].tenant_id
    rows = casb.entities.page(tenant_id, order="last_seen", ascending=True, limit=1000)
    people = casb.entities.many(tenant_id, [row.record_id for row in rows]).values()
    outside = {each["displayName"] for each in people if each["isExternal"]}
    assert outside == {"Robin Ek"}
    assert {each["isExternal"] for each in people} == {True, False}
    assert {each["displayName"] for each in people if each["isAdmin"]} == {"Anna Berg", "Lars Forsberg"}
    files = casb.files.page(tenant_id, order="modified", ascending=False, limit=5)
    assert all(json.loads(row.document)["ownerAddress"].endswith("@lindgren-logistics.example") for row in files)
    assert casb.policies.count(tenant_id)[0] == 4


def test_a_second_start_finds_the_same_company(stage: Stage, shown: Shown) -> None:
    """No log is added; new credentials are issued and the earlier ones still work."""
    before = len(shown.casb.identity.applications.all(shown.casb.tenants.all()[0].tenant_id))
    assert run(stage, shown.folder) != shown.said
    casb = stage.served[-1]
    (tenant,) = casb.tenants.all()
    (source,) = [each for each in casb.streams.all(tenant.tenant_id) if each.log_files]
    assert source.log_files == 1
    assert len(casb.identity.applications.all(tenant.tenant_id)) == before + 1


def test_machines_get_the_credentials_as_an_object(stage: Stage, shown: Shown) -> None:
    """They work like those in the text; the server's address is included."""
    made = json.loads(run(stage, shown.folder, "--json"))
    principal = shown.casb.identity.access.authenticate(f"Token {made['token']}", "mdca")
    assert shown.casb.identity.applications.get(principal.tenant_id, made["client_id"]) is not None
    assert made["portal"] == "https://localhost:9443/portal/"
    assert made["password"] == json.loads(run(stage, shown.folder, "--json"))["password"]
    assert made["tenant_id"][:8] not in made["password"], "everybody is told the guid, at the first page"
    served = CliRunner().invoke(cli, ["serve", "--data", str(shown.folder), "--port", "9443", "--json"], obj=stage)
    assert json.loads(served.stdout) == {"address": "https://localhost:9443"}
