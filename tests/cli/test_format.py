"""``opencasb format``: list, detect, parse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from opencasb.cli.format import command
from tests.cli.commands import Commands, piped

NATIVE = (
    "1763640000.642    161 10.0.0.1 TCP_MISS/200 1037 GET http://example.com/é joe HIER_DIRECT/203.0.113.9 text/html"
)
PARSED = {
    "file": "a.log", "line": 1, "timestamp": "2025-11-20T12:00:00.642Z", "user": "joe", "source_ip": "10.0.0.1",
    "source_device": None, "destination_host": "example.com", "url": "http://example.com/é",
    "destination_ip": "203.0.113.9", "action": "allow", "uploaded_bytes": None, "downloaded_bytes": 1037,
    "total_bytes": 1037, "transactions": 1,
}  # fmt: skip

FORMAT = Commands(command)


@pytest.fixture
def log(tmp_path: Path) -> str:
    """A log with a used, an ignored and a rejected line."""
    path = tmp_path / "a.log"
    lines = [NATIVE, "torn", NATIVE.replace("TCP_MISS/200", "TCP_DENIED/407"), NATIVE.replace(".642", ".000")]
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_parse(log: str) -> None:
    """Transactions with every key go to stdout, the summary of other lines to stderr."""
    outcome = FORMAT.run("parse", log)
    assert outcome.exit_code == 0, outcome.output
    first, last = (json.loads(line) for line in outcome.stdout.splitlines())
    assert first == PARSED
    assert list(first) == list(PARSED)
    assert (last["line"], last["timestamp"]) == (4, "2025-11-20T12:00:00Z")
    assert "4 lines: 2 used, 1 ignored, 1 rejected" in outcome.stderr
    assert "recognised: 3 of 4 lines are in Squid's native layout" in outcome.stderr
    assert "line 2: not a line of Squid's native log: 'torn'" in outcome.stderr


def test_parse_without_a_time(tmp_path: Path) -> None:
    """A line without a time has none; a date without a year gets that of its receipt."""
    path = tmp_path / "a.cef"
    cef = "CEF:0|V|P|1|s|n|3|src=10.0.0.1 dst=203.0.113.9"
    path.write_text(f"{cef}\n<134>Nov 20 12:00:00 host {cef}\n")
    parsed = FORMAT.text("parse", str(path), "--received-at", "2021-11-20T12:00:00", "--timezone", "Europe/Berlin")
    assert [json.loads(line)["timestamp"] for line in parsed.splitlines()] == [None, "2021-11-20T11:00:00Z"]
    FORMAT.text("parse", str(path), "--received-at", "2021-11-20T12:00:00+14:00")


def test_parse_of_another_format(log: str) -> None:
    """A log that is not in the given format gives exit code 1 and names the format it resembles."""
    told = FORMAT.refused("parse", log, "--source", "squid")
    assert "lines do not fit SQUID " in told
    assert "this looks like SQUID_NATIVE" in told


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "the file is empty"),
        (b"nonsense\n" * 9, "in none of the known formats"),
        (b"\0" * 99, "the file is binary"),
        (NATIVE.replace("TCP_MISS/200", "TCP_DENIED/407").encode(), "no line is a transaction"),
    ],
)
def test_a_file_without_transactions_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    """A file without transactions gives exit code 1 with the reason."""
    path = tmp_path / "a.log"
    path.write_bytes(content)
    assert what in FORMAT.refused("parse", str(path))


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("--source", "NONSENSE", "is not a source type; allowed:"),
        ("--timezone", "Mars/Olympus", "is not an IANA time zone; allowed:"),
        ("--received-at", "yesterday", "is not an ISO 8601 time; allowed:"),
    ],
)
def test_wrong_usage(log: str, option: str, value: str, what: str) -> None:
    """An invalid value gives exit code 2; the message names the option and what is allowed."""
    assert f"Invalid value for {option}: '{value}' {what}" in FORMAT.refused("parse", log, option, value, code=2)


def test_missing_file(tmp_path: Path) -> None:
    """A missing file is wrong usage."""
    for name in ("parse", "detect"):
        FORMAT.refused(name, str(tmp_path / "none"), code=2)


def test_damaged_file(tmp_path: Path) -> None:
    """Damage is reported after the transactions before it."""
    import gzip
    import os

    lines = "".join(f"{NATIVE} {os.urandom(20).hex()}\n" for _ in range(500))
    damaged = tmp_path / "a.gz"
    damaged.write_bytes(gzip.compress(lines.encode())[:-2000])
    outcome = FORMAT.run("parse", str(damaged))
    assert outcome.exit_code == 0
    assert "Warning: the gzip file is cut off" in outcome.stderr


def test_detect(log: str) -> None:
    """The possible formats of a file are listed, most likely first."""
    assert "SQUID_NATIVE" in FORMAT.text("detect", log)
    assert FORMAT.json("detect", log) == [
        {"source": "SQUID_NATIVE", "confidence": 0.75, "reason": "3 of 4 lines are in Squid's native layout"}
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [("nonsense", "none of the known formats"), ("", "the file is empty"), ("\0" * 99, "binary")],
)
def test_not_detected(tmp_path: Path, content: str, what: str) -> None:
    """A file in no known format gives exit code 1."""
    path = tmp_path / "a.log"
    path.write_text(content)
    assert what in FORMAT.refused("detect", str(path))


def test_list() -> None:
    """The list has the supported source types."""
    head, *rows = [line.split() for line in FORMAT.text("list").splitlines()]
    assert head == ["source", "type", "structure", "evidence"]
    names = [row[0] for row in rows]
    assert {"SQUID_NATIVE", "BLUECOAT", "GENERIC_CEF_SYSLOG"} <= set(names)
    assert ["CHECKPOINT_XML", "XML", "documented"] in rows
    assert FORMAT.json("list") == names


@pytest.mark.parametrize("name", ["detect", "parse", "infer"])
def test_a_file_without_lines_is_told_so(tmp_path: Path, name: str) -> None:
    """Each command gives the same message."""
    log = tmp_path / "a.log"
    for content, told in ((b"", "the file is empty"), (b"\n\n", "the file has no lines")):
        log.write_bytes(content)
        assert FORMAT.refused(name, str(log)) == f"Error: {log}: {told}\n"


def test_standard_input_is_a_file(log: str) -> None:
    """Its name is ``-``."""
    with piped(Path(log).read_bytes()):
        assert FORMAT.json("detect", "-")[0]["source"] == "SQUID_NATIVE"
    with piped(Path(log).read_bytes()):
        assert len(FORMAT.text("parse", "-").splitlines()) == 2
    rows = [f"2025-11-20 12:00:{n:02};10.0.0.{n};www.site-{n}.example;{n * 100}" for n in range(40)]
    with piped("\n".join(["time;client;host;bytes", *rows]).encode()):
        assert "definition" in FORMAT.json("infer", "-")


def test_a_log_is_not_overwritten_by_a_definition(log: str, tmp_path: Path) -> None:
    """The log is kept, whatever name it is given by."""
    other = tmp_path / "other"
    other.symlink_to(log)
    told = FORMAT.refused("infer", log, "--out", str(other), code=2)
    assert "is read, and would be overwritten" in " ".join(told.split())
