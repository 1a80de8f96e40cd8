"""``opencasb format``: list, detect, parse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from opencasb.cli.format import command
from tests.cli.commands import piped

NATIVE = (
    "1763640000.642    161 10.0.0.1 TCP_MISS/200 1037 GET http://example.com/é joe HIER_DIRECT/203.0.113.9 text/html"
)
PARSED = {
    "file": "a.log", "line": 1, "timestamp": "2025-11-20T12:00:00.642Z", "user": "joe", "source_ip": "10.0.0.1",
    "source_device": None, "destination_host": "example.com", "url": "http://example.com/é",
    "destination_ip": "203.0.113.9", "action": "allow", "uploaded_bytes": None, "downloaded_bytes": 1037,
    "total_bytes": 1037, "transactions": 1,
}  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with a line of each fate."""
    path = tmp_path / "a.log"
    lines = [NATIVE, "torn", NATIVE.replace("TCP_MISS/200", "TCP_DENIED/407"), NATIVE.replace(".642", ".000")]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(*arguments: object) -> Result:
    """Run a command of the group."""
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_parse(log: Path) -> None:
    """Transactions go to stdout with every key, what became of the other lines to stderr."""
    outcome = run("parse", log)
    assert outcome.exit_code == 0, outcome.output
    first, last = (json.loads(line) for line in outcome.stdout.splitlines())
    assert first == PARSED
    assert list(first) == list(PARSED)
    assert (last["line"], last["timestamp"]) == (4, "2025-11-20T12:00:00Z")
    assert "4 lines: 2 used, 1 ignored, 1 rejected" in outcome.stderr
    assert "recognised: 3 of 4 lines are in Squid's native layout" in outcome.stderr
    assert "line 2: not a line of Squid's native log: 'torn'" in outcome.stderr


def test_parse_without_a_time(tmp_path: Path) -> None:
    """A line without a time has none; a date without a year has that of its receipt."""
    path = tmp_path / "a.cef"
    cef = "CEF:0|V|P|1|s|n|3|src=10.0.0.1 dst=203.0.113.9"
    path.write_text(f"{cef}\n<134>Nov 20 12:00:00 host {cef}\n")
    outcome = run("parse", path, "--received-at", "2021-11-20T12:00:00", "--timezone", "Europe/Berlin")
    assert [json.loads(line)["timestamp"] for line in outcome.stdout.splitlines()] == [None, "2021-11-20T11:00:00Z"]
    outcome = run("parse", path, "--received-at", "2021-11-20T12:00:00+14:00")
    assert outcome.exit_code == 0


def test_parse_of_another_format(log: Path) -> None:
    """A log that is not in the named format ends in exit code 1 and the format it looks like."""
    outcome = run("parse", log, "--source", "squid")
    assert outcome.exit_code == 1
    assert outcome.stdout == ""
    assert "lines do not fit SQUID " in outcome.stderr
    assert "this looks like SQUID_NATIVE" in outcome.stderr


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "the file has no lines"),
        (b"nonsense\n" * 9, "in none of the known formats"),
        (b"\0" * 99, "the file is binary"),
        (NATIVE.replace("TCP_MISS/200", "TCP_DENIED/407").encode(), "no line is a transaction"),
    ],
)
def test_nothing_usable(tmp_path: Path, content: bytes, what: str) -> None:
    """A file without transactions is exit code 1 with the reason."""
    path = tmp_path / "a.log"
    path.write_bytes(content)
    outcome = run("parse", path)
    assert outcome.exit_code == 1
    assert what in outcome.stderr


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("--source", "NONSENSE", "is not a source type; allowed are"),
        ("--timezone", "Mars/Olympus", "is not an IANA time zone; allowed are"),
        ("--received-at", "yesterday", "is no ISO 8601 time; allowed are"),
    ],
)
def test_wrong_usage(log: Path, option: str, value: str, what: str) -> None:
    """A wrong value is exit code 2 and names the option and what is allowed."""
    outcome = run("parse", log, option, value)
    assert outcome.exit_code == 2
    assert f"Invalid value for {option}: '{value}' {what}" in outcome.stderr


def test_missing_file(tmp_path: Path) -> None:
    """A file that is not there is wrong usage."""
    assert run("parse", tmp_path / "none").exit_code == 2
    assert run("detect", tmp_path / "none").exit_code == 2


def test_damaged_file(log: Path, tmp_path: Path) -> None:
    """A damage is told, after the transactions before it."""
    import gzip
    import os

    lines = "".join(f"{NATIVE} {os.urandom(20).hex()}\n" for _ in range(500))
    damaged = tmp_path / "a.gz"
    damaged.write_bytes(gzip.compress(lines.encode())[:-2000])
    outcome = run("parse", damaged)
    assert outcome.exit_code == 0
    assert "Warning: the gzip file is cut off" in outcome.stderr


def test_detect(log: Path) -> None:
    """The formats that a file may be in, the likeliest first."""
    outcome = run("detect", log)
    assert outcome.exit_code == 0
    assert "SQUID_NATIVE" in outcome.stdout
    assert json.loads(run("detect", log, "--json").stdout) == [
        {"source": "SQUID_NATIVE", "confidence": 0.75, "reason": "3 of 4 lines are in Squid's native layout"}
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [("nonsense", "none of the known formats"), ("", "the file has no lines"), ("\0" * 99, "binary")],
)
def test_not_detected(tmp_path: Path, content: str, what: str) -> None:
    """A file in no known format is exit code 1."""
    path = tmp_path / "a.log"
    path.write_text(content)
    outcome = run("detect", path)
    assert outcome.exit_code == 1
    assert what in outcome.stderr


def test_list() -> None:
    """The source types that can be parsed."""
    head, *rows = [line.split() for line in run("list").stdout.splitlines()]
    assert head == ["source", "type", "structure", "evidence"]
    names = [row[0] for row in rows]
    assert {"SQUID_NATIVE", "BLUECOAT", "GENERIC_CEF_SYSLOG"} <= set(names)
    assert ["CHECKPOINT_XML", "XML", "documented"] in rows
    assert json.loads(run("list", "--json").stdout) == names


@pytest.mark.parametrize("words", [("detect",), ("parse",), ("infer",)])
def test_a_file_without_lines_is_told_so(tmp_path: Path, words: tuple[str, ...]) -> None:
    """In the same words by each command."""
    (tmp_path / "a.log").write_bytes(b"\n\n")
    outcome = run(*words, tmp_path / "a.log")
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "has no lines" in outcome.stderr


def test_standard_input_is_a_file(log: Path) -> None:
    """Its name is ``-``."""
    with piped(log.read_bytes()):
        assert json.loads(run("detect", "-", "--json").stdout)[0]["source"] == "SQUID_NATIVE"
    with piped(log.read_bytes()):
        assert len(run("parse", "-").stdout.splitlines()) == 2
    rows = [f"2025-11-20 12:00:{n:02};10.0.0.{n};www.site-{n}.example;{n * 100}" for n in range(40)]
    with piped("\n".join(["time;client;host;bytes", *rows]).encode()):
        assert "definition" in json.loads(run("infer", "-", "--json").stdout)


def test_a_log_is_not_overwritten_by_a_definition(log: Path) -> None:
    """Whatever it is called."""
    (log.parent / "other").symlink_to(log)
    outcome = run("infer", log, "--out", log.parent / "other")
    assert outcome.exit_code == 2
    assert "is read, and would be overwritten" in " ".join(outcome.stderr.split())
