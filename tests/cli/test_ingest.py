"""``opencasb ingest``: imports from files."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opencasb.cli import ingest
from tests.activities.example import wire
from tests.cli.commands import Commands, piped
from tests.cli.installation import Installation, Opening

FLAT = {"id": "n1", "app": "okta", "rawOperation": "user.session.start", "timestamp": "2025-11-20T11:00:00Z"}


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Return the installation that the commands use."""
    made = Installation(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a directory of the test."""
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def commands(installation: Installation) -> Commands:
    """Run ``opencasb ingest …``."""
    return Commands(ingest.command, Opening(installation))


def write(name: str, *records: Any) -> str:
    """Write records as lines of a file; text is written as it is."""
    lines = (each if isinstance(each, str) else json.dumps(each) for each in records)
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return name


def stored(installation: Installation, tenant_id: int | None = None) -> list[str]:
    """Return the ids of the activities of a tenant, by default Contoso."""
    tenant_id = installation.contoso if tenant_id is None else tenant_id
    rows = installation.activities.page(tenant_id, order="timestamp", ascending=False)
    return [row.record_id for row in rows]


def test_activities_of_both_forms_are_stored_once(installation: Installation, commands: Commands) -> None:
    """Text output is one line, JSON output one object; a second import adds nothing."""
    file = write("new.jsonl", FLAT, wire(1), wire(2))
    first = commands.run("activities", file)
    assert (first.exit_code, first.stdout, first.stderr) == (0, "3 read: 3 new, 0 known, 0 rejected\n", "")
    second = commands.run("activities", file, "--json")
    assert json.loads(second.stdout) == {"read": 3, "accepted": 0, "repeated": 3, "rejected": 0, "errors": []}
    assert sorted(stored(installation)) == sorted([wire(1)["_id"], wire(2)["_id"], "n1"])


def test_rejected_lines_are_named(installation: Installation, commands: Commands) -> None:
    """Exit code 1, the first ten on stderr, and the others are stored."""
    result = commands.run("activities", write("bad.jsonl", wire(1), *["{"] * 12, wire(2)), "--json")
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert (report["accepted"], report["rejected"], report["errors"][0]["line"]) == (2, 12, 2)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("line 2: record: this is not JSON")
    assert (len(lines), lines[-1]) == (11, "and 2 more")
    assert len(stored(installation)) == 2


def test_an_export_imports_as_it_is(installation: Installation, commands: Commands) -> None:
    """A list response, on one line or many, is imported into the named tenant."""
    page = {"data": [wire(1), wire(2)], "total": 2, "hasNext": False}
    Path("page.json").write_text(json.dumps(page, indent=1))
    commands.text("activities", "page.json", "--tenant", "Fabrikam")
    assert stored(installation) == []
    assert len(stored(installation, installation.fabrikam)) == 2


def test_entities(installation: Installation, commands: Commands) -> None:
    """Users and accounts are imported the same way."""
    result = commands.run("entities", write("people.jsonl", {"id": "ana@example.org", "appId": 11161}))
    assert (result.exit_code, result.stdout) == (0, "1 read: 1 new, 0 known, 0 rejected\n")
    assert installation.entities.count(installation.contoso)[0] > 0


def test_files(installation: Installation, commands: Commands) -> None:
    """Files and folders are imported the same way."""
    assert (
        commands.text("files", write("files.jsonl", {"id": "f1", "appId": 10489, "name": "Plan.xlsx"}))
        == "1 read: 1 new, 0 known, 0 rejected\n"
    )
    assert installation.files.count(installation.contoso)[0] == 1


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        ("", 0, ""),
        ("[", 1, "Error: odd.json: this begins like a JSON array but is not one"),
        ("\x00\x01", 1, "Error: odd.json: this is neither text nor gzip"),
    ],
)
def test_odd_files(commands: Commands, content: str, code: int, message: str) -> None:
    """An empty file is accepted; a file without records is reported."""
    Path("odd.json").write_text(content)
    result = commands.run("activities", "odd.json")
    assert result.exit_code == code
    assert result.stderr.startswith(message)


def test_a_pipe_is_read(installation: Installation, commands: Commands) -> None:
    """Records need not be in a file on disk."""
    os.mkfifo("pipe")
    writer = threading.Thread(target=write, args=("pipe", wire(1)))
    writer.start()
    result = commands.run("activities", "pipe")
    writer.join()
    assert (result.exit_code, len(stored(installation))) == (0, 1)


def test_a_file_may_be_in_utf_16(commands: Commands) -> None:
    """With its byte order mark, as written by PowerShell."""
    Path("export.json").write_bytes(json.dumps(wire(1)).encode("utf-16"))
    assert commands.text("activities", "export.json") == "1 read: 1 new, 0 known, 0 rejected\n"


def test_a_compressed_file_is_expanded(installation: Installation, commands: Commands) -> None:
    """Whatever its name, and also from a pipe; a damaged one is reported, and nothing of it is stored."""
    packed = gzip.compress((json.dumps(wire(1)) + "\n").encode() * 3)
    Path("export").write_bytes(packed)
    assert commands.text("activities", "export") == "3 read: 1 new, 2 known, 0 rejected\n"
    with piped(packed):
        assert commands.text("activities", "-") == "3 read: 0 new, 3 known, 0 rejected\n"
    Path("half.gz").write_bytes(gzip.compress(json.dumps(wire(2)).encode())[:-9])
    result = commands.run("activities", "half.gz")
    assert (result.exit_code, result.stderr) == (1, "Error: half.gz: the gzip file is cut off\n")
    assert len(stored(installation)) == 1


def test_a_missing_file_is_wrong_usage(commands: Commands) -> None:
    """Exit code 2, with its name."""
    result = commands.run("activities", "nowhere.jsonl")
    assert result.exit_code == 2
    assert "nowhere.jsonl" in result.stderr


def test_standard_input_is_a_file(commands: Commands) -> None:
    """Its name is ``-``."""
    with piped(json.dumps(FLAT).encode()):
        done = commands.run("activities", "-", "--json")
    assert (done.exit_code, json.loads(done.stdout)["accepted"]) == (0, 1)
