"""``opencasb saas``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from opencasb.app import Casb
from opencasb.cli.saas import command
from opencasb.program import Opener
from opencasb.settings import load
from tests.cli.commands import Commands
from tests.saas.standin import CLIENT, DIRECTORY, PAGE, SECRET, STREAMS, Reply, Vendor, app, running


@pytest.fixture
def vendor(ca: trustme.CA) -> Iterator[Vendor]:
    """A stand-in for the vendor's API, with one stream."""
    with running(ca) as started:
        started.streams = {"s1": ("Edge", [app(n) for n in range(3)])}
        yield started


@pytest.fixture
def shell(tmp_path: Path, vendor: Vendor, ca: trustme.CA) -> Commands:
    """A shell with the integration ``graph`` added."""
    ca.cert_pem.write_to_path(str(tmp_path / "vendor.pem"))
    data = tmp_path / "data"
    Casb.open(load(data)).close()
    shell = Commands(command, Opener(), "--data", str(data))
    ids = ["--directory-id", DIRECTORY, "--client-id", CLIENT]
    where = ["--authority", vendor.base, "--graph", f"{vendor.base}/beta", "--ca", str(tmp_path / "vendor.pem")]
    done = shell.run("add", "graph", *ids, *where, "--schedule", "off", typed=f"{SECRET}\n")
    assert "Next: opencasb saas authorize graph" in done.stderr
    assert SECRET not in done.output
    return shell


def test_from_the_first_command_to_the_apps(shell: Commands, vendor: Vendor) -> None:
    """The apps are listed as text and JSON."""
    assert "authorised first" in shell.refused("run", "graph")
    assert shell.text("authorize", "graph") == "Authorised: CloudApp-Discovery.Read.All is granted, 1 streams.\n"
    assert shell.text("run", "graph").startswith("completed: 1 streams, 0 streams_gone")
    vendor.streams["s1"] = ("Edge", [app(1), app(2, riskScore=10), app(5)])
    run = shell.json("run", "graph")
    assert (run["outcome"], run["counts"]["new"], run["counts"]["risk"]) == ("completed", 1, 1)
    assert shell.json("history", "graph") == [run, *shell.json("history", "graph")[1:]]
    assert shell.text("history", "graph", "--limit", "1").split()[:3] == ["run", "started", "outcome"]
    usage = shell.json("usage", "graph")
    assert [each["app_id"] for each in usage["apps"]] == ["10005", "10002", "10001"]
    assert shell.text("usage", "graph", "--stream", "s1", "--limit", "1").count("\n") == 2
    assert " kB" in shell.text("usage", "graph")
    lines = shell.text("changes", "graph", "--run", "2", "--kind", "risk").splitlines()
    assert lines[1].split() == ["2", "risk", "10002", "App", "2", "risk_score", "2", "10"]
    assert len(shell.json("changes", "graph")) == 3


def test_what_is_configured_is_shown_and_changed(shell: Commands) -> None:
    """The secret is never shown."""
    made = shell.json("show", "graph")
    assert (made["graph_url"].endswith("/beta"), made["schedule"], made["own_ca"]) == (False, "off", True)
    assert made["private_addresses"] is True
    changed = shell.json("set", "graph", "--period", "7", "--schedule", "daily 04:00", "--secret", typed="new\n")
    assert changed == made | {"period_days": 7, "schedule": "daily 04:00"}
    assert shell.json("list") == [changed]
    assert "daily 04:00" in shell.text("list")
    assert "period_days: 7" in shell.text("show", "graph")
    assert shell.json("remove", "graph") == {"removed": "graph"}
    assert shell.json("list") == []


def test_what_does_not_work_is_said(shell: Commands, vendor: Vendor) -> None:
    """On stderr or as JSON, with exit code 1."""
    vendor.expired = {SECRET}
    assert "secret_expired: The client secret has expired" in shell.refused("authorize", "graph")
    failed = shell.run("authorize", "graph", "--json")
    assert (failed.exit_code, json.loads(failed.stdout)["problem"]["code"]) == (1, "secret_expired")
    assert "The client secret has expired" in shell.refused("run", "graph")
    vendor.expired = set()
    shell.text("authorize", "graph")
    vendor.instead = lambda _method, path: Reply(200, PAGE) if path.startswith(STREAMS) else None
    done = shell.run("run", "graph")
    assert (done.exit_code, done.stdout) == (1, "failed: 3 requests\n")
    assert "a web page" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "other"], "'other' is not an integration of this tenant; known: graph"),
        (["add", "Graph!", "--directory-id", DIRECTORY, "--client-id", CLIENT], "name 'Graph!'"),
        (["add", "graph", "--directory-id", DIRECTORY, "--client-id", CLIENT], "another integration"),
        (["set", "graph", "--graph", "http://x"], "graph_url 'http://x' must be an address"),
    ],
)
def test_wrong_values_are_named(shell: Commands, words: list[str], said: str) -> None:
    assert said in shell.refused(*words, typed="s3cret\n")
