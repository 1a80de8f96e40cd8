"""``opencasb upload``: local files through the queue, with their verdicts."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from opencasb.discovery import demo
from tests.cli.commands import Shell
from tests.discovery.logs import squid

UPLOAD = ("upload", "--source", "squid_native")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log with twenty lines, a minute old."""
    path = tmp_path / "proxy.log"
    path.write_bytes(squid(when=time.time() - 60))
    return path


def test_a_file_is_counted_and_stays_where_it_is(tmp_path: Path, log: Path) -> None:
    """The verdict is one line; the report of the default data source has the app."""
    shell, content = Shell(tmp_path / "data"), log.read_bytes()
    assert shell.text(*UPLOAD, str(log)) == f"{log}: done: 20 transactions to 1 cloud app\n"
    assert log.read_bytes() == content
    (source,) = shell.json("source", "list")
    assert (source["display_name"], source["log_files"]) == ("API upload", 1)
    assert list((tmp_path / "data" / "uploads").iterdir()) == []


def test_a_file_sent_again_is_said_to_be_counted_already(tmp_path: Path, log: Path) -> None:
    """Under any name, per data source: into another one it counts."""
    shell, copy = Shell(tmp_path / "data"), log.with_name("copy.log")
    copy.write_bytes(log.read_bytes())
    assert "before" not in shell.text(*UPLOAD, str(log))
    text = "20 transactions to 1 cloud app; this file was counted before and does not count again"
    assert shell.text(*UPLOAD, str(copy)) == f"{copy}: done: {text}\n"
    assert "before" not in shell.text(*UPLOAD, "--name", "edge", str(log))


def test_its_own_end_is_not_polled_for(tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a file that somebody else processes is looked at again and again."""

    def wait(_: float) -> None:
        raise AssertionError

    shell = Shell(tmp_path / "data")
    monkeypatch.setattr(time, "sleep", wait)
    assert "done" in shell.text(*UPLOAD, str(log))


def test_machines_get_a_json_line_a_file(tmp_path: Path, log: Path) -> None:
    """With counts and stream; an unparsed file gives exit code 1."""
    shell = Shell(tmp_path / "data")
    bad = tmp_path / "bad.log"
    bad.write_text("hello world\n" * 20)
    done = shell.run(*UPLOAD, "--name", "edge", str(log), str(bad), "--json")
    assert done.exit_code == 1
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["file"], first["state"], first["linesUsed"]) == (str(log), "done", 20)
    assert (second["file"], second["state"], second["code"]) == (str(bad), "failed", "UNEXPECTED_FORMAT")
    (source,) = shell.json("source", "list")
    assert {first["stream_id"], second["stream_id"]} == {source["stream_id"]}
    assert (source["display_name"], source["log_files"], source["failed_log_files"]) == ("edge", 1, 1)


def test_files_of_a_data_source_are_of_its_type(tmp_path: Path, log: Path) -> None:
    """Unless another type is given; a new data source, and a snapshot, need one."""
    shell = Shell(tmp_path / "data")
    for more in ((), ("--name", "edge"), ("--name", "edge", "--snapshot"), ("--name", "Global View")):
        assert shell.run("upload", *more, str(log)).exit_code == 2
    shell.text("source", "create", "--name", "edge", "--source", "SQUID_NATIVE")
    assert "20 transactions" in shell.text("upload", "--name", "edge", str(log))
    assert shell.run("upload", "--name", "edge", "--snapshot", str(log)).exit_code == 2


def test_a_data_source_that_is_not_there_yet_needs_a_type(tmp_path: Path, log: Path) -> None:
    """The message says that the name is new, which it also is if it was mistyped."""
    shell = Shell(tmp_path / "data")
    shell.text("init")
    assert "'--parser': there is no data source 'edge' yet." in shell.refused(
        "upload", "--name", "edge", str(log), code=2
    )
    assert "'--parser'." in shell.refused("upload", str(log), code=2)


def test_files_of_two_formats_can_share_a_data_source(tmp_path: Path, log: Path) -> None:
    """Each is parsed as the type given with it."""
    shell = Shell(tmp_path / "data")
    other = tmp_path / "sgos.log"
    other.write_text("".join(f"{line}\n" for line in demo.lines(1, time.time_ns() // 1_000_000, days=7, users=3)))
    assert "done" in shell.text(*UPLOAD, str(log))
    assert "done" in shell.text("upload", "--source", "BLUECOAT", str(other))
    (source,) = shell.json("source", "list")
    assert (source["source"], source["log_files"]) == ("SQUID_NATIVE", 2)


def test_a_report_takes_no_files(tmp_path: Path, log: Path) -> None:
    """The Global View is built from data sources, and no other report may have its name."""
    shell = Shell(tmp_path / "data")
    for name in ("Global View", "global view"):
        assert "not a data source" in shell.refused(*UPLOAD, "--name", name, str(log))
        assert "give another one" in shell.refused(*UPLOAD, "--snapshot", "--name", name, str(log))
    assert [report["display_name"] for report in shell.json("report", "list")] == ["Global View"]
    assert "not a data source" in shell.refused(*UPLOAD, "--name", "Global View", str(log))


@pytest.mark.parametrize("name", ["a b", "n" * 65, "n" * 300, "a\nb", "edge\x1b[2J"])
def test_a_new_data_source_is_called_as_source_create_has_it(tmp_path: Path, log: Path, name: str) -> None:
    """The same rules for names in both commands; an existing source is found by any name."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "list")
    told = shell.refused(*UPLOAD, "--name", name, str(log))
    assert told == f"Error: --name: {name[:100]!r} must be 1-64 letters, digits, - and _\n"
    assert shell.json("source", "list") == []


@pytest.mark.parametrize("name", ["n" * 257, "a\nb", "a\x1b[2J"])
def test_a_report_is_called_by_a_line_that_is_not_too_long(tmp_path: Path, log: Path, name: str) -> None:
    """A name that is too long or has hidden characters creates no report."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "list")
    told = shell.refused(*UPLOAD, "--name", name, "--snapshot", str(log))
    assert told.startswith("Error: --name: '")
    assert told.endswith("must have 1 to 256 printable characters\n")
    assert shell.json("source", "list") == []


def test_a_file_waits_for_a_lake_that_cannot_be_made(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the setting is invalid or the folder belongs to another user, the file is not at fault and stays queued."""
    shell, file = Shell(tmp_path / "data"), tmp_path / "a file"
    file.touch()
    with monkeypatch.context() as mistyped:
        mistyped.setenv("OPENCASB_LAKE_URL", str(file / "lake"))
        done = shell.run(*UPLOAD, str(log))
    assert done.exit_code == 1
    assert done.stdout == f"{log}: queued: the data directory does not answer, or cannot be read and written\n"
    assert "Traceback" not in done.stderr
    (source,) = shell.json("source", "list")
    assert (source["log_files"], source["failed_log_files"]) == (0, 0)
    assert len(list((tmp_path / "data" / "uploads").iterdir())) == 1


def test_a_snapshot_is_a_report_of_its_own(tmp_path: Path, log: Path) -> None:
    """It is not a data source."""
    shell = Shell(tmp_path / "data")
    shell.text(*UPLOAD, "--snapshot", "--name", "Branch", str(log))
    assert shell.json("source", "list") == []
    assert "Branch" in shell.text("report", "list")


def test_a_wrong_source_type_is_named_with_the_allowed_ones(tmp_path: Path, log: Path) -> None:
    """Nothing is queued."""
    said = Shell(tmp_path / "data").refused("upload", "--source", "BANANA", str(log), code=2)
    assert "'BANANA'" in said
    assert "SQUID_NATIVE" in said


def test_a_file_waits_for_a_lake_that_is_not_mounted(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the folder is a link to nothing, or below one; once it is mounted, the file is counted."""
    shell, mount = Shell(tmp_path / "data"), tmp_path / "mount"
    (tmp_path / "lake").symlink_to(mount)
    monkeypatch.setenv("OPENCASB_LAKE_URL", str(tmp_path / "lake" / "usage"))
    done = shell.run(*UPLOAD, str(log))
    assert done.stdout == f"{log}: queued: the usage lake does not answer, or cannot be read and written\n"
    assert "Traceback" not in done.stderr
    mount.mkdir()
    shell.text(*UPLOAD, str(log))
    (source,) = shell.json("source", "list")
    assert source["log_files"] == 1
    assert source["failed_log_files"] == 0
