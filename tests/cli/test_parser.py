"""``opencasb parser``, and the commands that use custom parsers."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.cli.main import cli
from opencasb.settings import Settings
from tests.cli.commands import Commands, Shell

DEFINITION = """
name: edge
kind: delimiter
delimiter: ;
columns: [when, client, who, host, up, down]
time: {fields: [when], format: unix}
fields: {source_ip: client, user: who, destination_host: host, uploaded_bytes: up, downloaded_bytes: down}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A data directory, with a definition and a current log beside it."""
    (tmp_path / "edge.yaml").write_text(DEFINITION)
    now = int(time.time()) - 600
    lines = [f"{now + n};10.0.0.{n % 7 + 1};ann{n % 7 + 1};www.dropbox.com;{n}0;{n}00" for n in range(1, 21)]
    (tmp_path / "edge.log").write_text("\n".join([*lines, "damaged"]))
    return Shell(tmp_path / "data")


def beside(shell: Shell, name: str) -> str:
    return str(shell.data.parent / name)


def without_data(shell: Shell, *words: str) -> str:
    """Run a command that needs no data directory, and return its output."""
    return Commands(cli).text(*(word if "." not in word else beside(shell, word) for word in words))


def test_parsers_are_kept_shown_and_removed(shell: Shell) -> None:
    """A changed definition becomes the next version; the shown document can be added again."""
    made = shell.json("parser", "add", beside(shell, "edge.yaml"))
    assert (made["name"], made["version"], made["kind"]) == ("edge", 1, "delimiter")
    Path(beside(shell, "edge.yaml")).write_text(DEFINITION.replace("host, up", "site, up").replace(": host", ": site"))
    assert shell.text("parser", "add", beside(shell, "edge.yaml")) == "edge: version 2\n"
    assert "site" in shell.text("parser", "show", "edge")
    assert "site" not in shell.text("parser", "show", "edge", "--version", "1")
    assert "there are 1 to 2" in shell.refused("parser", "show", "edge", "--version", "3")
    assert [(each["name"], each["version"], each["data_sources"]) for each in shell.json("parser", "list")] == [
        ("edge", 2, [])
    ]
    assert "edge" in shell.text("parser", "list")
    shell.text("parser", "remove", "edge")
    assert "no parser 'edge'" in shell.refused("parser", "remove", "edge")
    assert "no parser 'edge'" in shell.refused("parser", "show", "edge")


def test_a_definition_is_checked_and_previewed(shell: Shell) -> None:
    """Without a data directory; rejected lines are shown with the reason."""
    assert without_data(shell, "parser", "check", "edge.yaml") == "edge: a parser of kind delimiter\n"
    seen = json.loads(without_data(shell, "parser", "preview", "edge.yaml", "edge.log", "--json"))
    assert seen["lines"] == {"read": 21, "used": 20, "ignored": 0, "rejected": 1}
    shown = without_data(shell, "parser", "preview", "edge.yaml", "edge.log")
    assert "rejected: fewer than 6 columns: 1" in shown
    assert "line 21" in shown
    Path(beside(shell, "edge.yaml")).write_text("name: edge\nkind: csv")
    assert "kind: 'csv'" in shell.refused("parser", "add", beside(shell, "edge.yaml"))


def test_logs_of_a_data_source_are_read_by_its_parser(shell: Shell) -> None:
    """Each upload uses the current version; a change of the parser leaves earlier counts unchanged."""
    shell.text("parser", "add", beside(shell, "edge.yaml"))
    shell.text("source", "create", "--name", "gw", "--source", "OTHER", "--parser", "edge")
    done = shell.json("upload", beside(shell, "edge.log"), "--source", "OTHER", "--name", "gw")
    assert (done["state"], done["linesUsed"], done["parser"], done["parserVersion"]) == ("done", 20, "edge", 1)
    before = usage(shell)
    Path(beside(shell, "edge.yaml")).write_text(DEFINITION.replace("uploaded_bytes: up", "uploaded_bytes: down"))
    shell.text("parser", "add", beside(shell, "edge.yaml"))
    assert usage(shell) == before == sum(n * 10 for n in range(1, 21))
    log = Path(beside(shell, "edge.log"))
    log.write_text(log.read_text().replace(";10.0.0.", ";10.0.1."))  # the same file would not count twice
    done = shell.json("upload", str(log), "--name", "gw", "--parser", "edge")
    assert done["parserVersion"] == 2
    assert usage(shell) == before * 11
    assert "gw" in shell.refused("parser", "remove", "edge")
    shell.text("source", "set", "gw", "--parser", "")
    shell.text("parser", "remove", "edge")


def usage(shell: Shell) -> int:
    """Return the total uploaded bytes counted so far."""
    casb = Casb.open(Settings(data=shell.data))
    tenant_id = casb.tenants.all()[0].tenant_id
    rows = casb.lake.usage(tenant_id)
    casb.close()
    return int(rows.collect()["uploaded_bytes"].sum())


def test_snapshots_may_have_a_parser(shell: Shell) -> None:
    """It is given with the upload; without a name or report to attach it to, it is rejected."""
    shell.text("parser", "add", beside(shell, "edge.yaml"))
    done = shell.json("upload", beside(shell, "edge.log"), "--snapshot", "--parser", "edge")
    assert (done["state"], done["linesUsed"]) == ("done", 20)
    assert "--name or --snapshot" in shell.refused("upload", beside(shell, "edge.log"), "--parser", "edge", code=2)
    assert "known: edge" in shell.refused("upload", beside(shell, "edge.log"), "--snapshot", "--parser", "x")
    assert "--source" in shell.refused("upload", beside(shell, "edge.log"), "--snapshot", code=2)
    failed = shell.run("upload", beside(shell, "edge.log"), "--source", "CUSTOM_PARSER", "--snapshot")
    assert (failed.exit_code, failed.stderr) == (1, "")  # the verdict is on stdout
    assert "known: edge" in shell.refused("source", "create", "--name", "g2", "--source", "OTHER", "--parser", "x")


def test_a_parser_is_inferred_and_reads(shell: Shell) -> None:
    """From the log alone to its transactions, without a server."""
    out = beside(shell, "found.yaml")
    shown = without_data(shell, "format", "infer", "edge.log", "--name", "found")
    assert "kind: delimiter" in shown
    record = json.loads(without_data(shell, "format", "infer", "edge.log", "--json"))
    assert record["preview"]["lines"]["used"] == 20
    Path(out).write_text(shown)
    rows = without_data(shell, "format", "parse", "edge.log", "--parser", "found.yaml").splitlines()
    first = json.loads(rows[0])
    assert (first["user"], first["source_ip"], first["destination_host"]) == ("ann2", "10.0.0.2", "www.dropbox.com")
    report = json.loads(without_data(shell, "discover", "edge.log", "--parser", "found.yaml", "--json"))
    assert report["lines"]["used"] == 20
