"""``opencasb upload`` and ``opencasb report``: from a local file to its report, without HTTP."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

from opencasb.model.quantities import bytes_text
from tests.cli.commands import Shell
from tests.discovery.logs import squid


def test_a_file_goes_in_and_its_apps_come_out(tmp_path: Path) -> None:
    """Upload waits for the verdict; reports list apps and entities by the report's name or id."""
    shell = Shell(tmp_path / "data")
    (tmp_path / "a.log").write_bytes(squid(when=time.time() - 3600))
    said = json.loads(
        shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE", "--name", "edge", "--json")
    )
    assert (said["state"], said["success"], said["linesUsed"]) == ("done", True, 20)
    apps = shell.json("report", "apps", "--days", "30")
    assert [(app["name"], app["users"], app["transactions"]) for app in apps] == [("Dropbox", 5, 20)]
    assert "Dropbox" in shell.text("report", "apps", "--report", "edge")
    users = shell.json("report", "entities", str(apps[0]["app_id"]), "user", "--report", said["stream_id"])
    assert users == [f"user{n}" for n in range(5)]
    assert {each["display_name"] for each in shell.json("report", "list")} == {"Global View", "edge"}
    assert "known:" in shell.refused("report", "apps", "--report", "nothing")


def test_an_app_is_named_by_id_name_or_domain(tmp_path: Path) -> None:
    """Also for the list of its users; an unknown name is refused, the number of a former app is not."""
    shell = Shell(tmp_path / "data")
    (tmp_path / "a.log").write_bytes(squid(when=time.time() - 3600))
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE")
    for app in ("11627", "dropbox", "www.dropbox.com"):
        assert shell.json("report", "entities", app, "user") == [f"user{n}" for n in range(5)]
        assert len(shell.json("report", "users", "--app", app)) == 5
    assert "'nothing at all' is no id, name or domain" in shell.refused("report", "entities", "nothing at all", "user")
    assert shell.json("report", "users", "--app", "1") == []


def test_users_come_with_what_they_moved(tmp_path: Path) -> None:
    """Most bytes first, in every app together; lines without a user are left out, and --limit counts the rest."""
    shell, hosts = Shell(tmp_path / "data"), ("www.dropbox.com", "www.box.com")
    shell.text("tenant", "create", "Contoso")
    assert shell.run("report", "users").stderr.startswith("no users: Global View has no usage with user names in these")
    lines = b"".join(squid(7, when=time.time() - 3600, host=host) for host in hosts)
    (tmp_path / "a.log").write_bytes(lines + squid(1, when=time.time() - 60).replace(b"user0", b"-"))
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE")
    found = shell.json("report", "users", "--days", "7")
    assert [user["name"] for user in found] == [f"user{n}" for n in range(5)]
    assert found[1] == {"name": "user1", "apps": 2, "transactions": 4, "uploaded_bytes": 0, "total_bytes": 400}
    assert [user["total_bytes"] for user in found] == [400, 400, 200, 200, 200]
    said = shell.text("report", "users", "--limit", "1").splitlines()
    assert [line.split() for line in said[:2]] == [
        ["user", "apps", "transactions", "uploaded", "total"],
        ["user0", "2", "4", "0", "B", "400", "B"],
    ]
    assert said[2] == "and 4 more users; --limit or --json shows what is left out"


def test_a_report_without_usage_says_so(tmp_path: Path) -> None:
    """The terminal does not stay empty; JSON is an empty list."""
    shell = Shell(tmp_path / "data")
    shell.text("tenant", "create", "Contoso")
    assert shell.run("report", "apps", "--days", "7").stderr == "no apps: Global View has no usage in these 7 days\n"
    assert shell.json("report", "apps") == []


def test_a_missing_file_of_the_lake_is_told_in_a_line(tmp_path: Path) -> None:
    """The message names the file and what to do."""
    shell = Shell(tmp_path / "data")
    (tmp_path / "a.log").write_bytes(squid(when=time.time() - 3600))
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE")
    (file,) = (tmp_path / "data" / "lake").glob("*/usage/*/*.parquet")
    file.unlink()
    told = shell.refused("report", "apps")
    assert told.startswith("Error: the usage lake lacks a file, or has one that cannot be read, and has to be restored")
    assert file.name in told
    assert told.count("\n") == 1


def test_snapshots_are_deleted_by_name_or_id(tmp_path: Path) -> None:
    """Including their usage; of several with one name the id selects one, and data sources are rejected."""
    shell = Shell(tmp_path / "data")
    (tmp_path / "a.log").write_bytes(squid(when=time.time() - 3600))
    upload = ("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE", "--name")
    for name in ("Branch", "Branch", "Other"):
        shell.text(*upload, name, "--snapshot")
    shell.text(*upload, "edge")
    ids = [each["stream_id"] for each in shell.json("report", "list") if each["display_name"] == "Branch"]
    said = shell.refused("report", "delete", "Branch", "--yes")
    assert all(each in said for each in ids)
    assert shell.json("report", "delete", ids[0], "--yes") == {"deleted": "Branch"}
    assert shell.run("report", "delete", "Branch").exit_code == 1  # not confirmed
    assert shell.json("report", "delete", "Branch", "--yes") == {"deleted": "Branch"}
    for name in ("Branch", "edge", "Global View"):
        assert "no snapshot report" in shell.refused("report", "delete", name)
    assert {each["display_name"] for each in shell.json("report", "list")} == {"Global View", "Other", "edge"}
    assert [each["action"] for each in shell.json("audit-log", "list")][:1] == ["snapshot_report.delete"]


def test_scores_are_in_reports_at_once(tmp_path: Path) -> None:
    """An overridden score, and a star on scores based on few facts."""
    shell = Shell(tmp_path / "data")
    hosts = ("www.dropbox.com", "www.evernote.com", "files.some-unlisted-place.example.net")
    (tmp_path / "a.log").write_bytes(b"".join(squid(when=time.time() - 3600, host=host) for host in hosts))
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE")
    shell.text("catalog", "override", "set", "Dropbox", "1")
    rows = shell.text("report", "apps").splitlines()[1:]
    assert [row.split()[2] for row in rows if "Dropbox" in row] == ["1"]
    (dropbox,) = [app for app in shell.json("report", "apps") if app["name"] == "Dropbox"]
    (row,) = [row for row in rows if "Dropbox" in row]
    sizes = (bytes_text(dropbox[name]) for name in ("uploaded_bytes", "total_bytes"))
    assert re.split("  +", row)[-2:] == [*sizes]
    (evernote,) = [app for app in shell.json("report", "apps") if app["name"] == "Evernote"]
    assert any(f" {evernote['score']}* " in row for row in rows if "Evernote" in row)
    assert any(" - " in row for row in rows if "unlisted" in row)
    assert [row.split(":")[0] for row in rows[3:]] == ["scores", "*"]


def test_names_are_whole_and_rows_that_are_left_out_are_told(tmp_path: Path) -> None:
    """The columns fit, however long the names are."""
    shell = Shell(tmp_path / "data")
    long = f"{'a' * 60}.com"
    lines = b"".join(squid(when=time.time() - 3600, host=host) for host in (long, "www.dropbox.com"))
    (tmp_path / "a.log").write_bytes(lines)
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE")
    heading, *rows = shell.text("report", "apps").splitlines()
    assert [row[heading.index("users")] for row in rows[:2]] == ["5", "5"]
    assert any(f"{long} (unlisted)" in row for row in rows)
    assert "and 1 more app; --limit or --json shows what is left out" in shell.text("report", "apps", "--limit", "1")


def test_names_of_users_cannot_steer_the_terminal(tmp_path: Path) -> None:
    """A proxy logs whatever was sent as a user name; JSON output has it unchanged."""
    shell, hostile = Shell(tmp_path / "data"), "\x1b]0;owned\x07"
    (tmp_path / "a.log").write_bytes(squid(when=time.time() - 3600).replace(b"user0", hostile.encode()))
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE")
    (app,) = shell.json("report", "apps")
    assert hostile in shell.json("report", "entities", str(app["app_id"]), "user")
    said = shell.text("report", "entities", str(app["app_id"]), "user")
    assert r"\x1b]0;owned\x07" in said.splitlines()
    assert "\x1b" not in said
    assert shell.text("report", "entities", "1", "user") == ""


def test_trackers_can_be_hidden(tmp_path: Path) -> None:
    """Advertising and measurement services are left out, the rest stays."""
    shell = Shell(tmp_path / "data")
    hosts = ("www.dropbox.com", "static.criteo.net")
    (tmp_path / "a.log").write_bytes(b"".join(squid(when=time.time() - 3600, host=host) for host in hosts))
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE")
    assert {app["name"] for app in shell.json("report", "apps")} == {"Dropbox", "Criteo"}
    assert [app["name"] for app in shell.json("report", "apps", "--hide-trackers")] == ["Dropbox"]


def test_a_file_that_cannot_be_used_ends_with_exit_code_1(tmp_path: Path) -> None:
    """The verdict is printed; the valid file beside it is counted."""
    shell = Shell(tmp_path / "data")
    (tmp_path / "good.log").write_bytes(squid(when=time.time() - 3600))
    (tmp_path / "bad.log").write_text("hello\n" * 20)
    done = shell.run(
        "upload", str(tmp_path / "bad.log"), str(tmp_path / "good.log"), "--source", "SQUID_NATIVE", "--snapshot"
    )
    assert done.exit_code == 1
    assert "bad.log: failed: 20 of 20 lines do not fit" in done.stdout
    assert "good.log: done: 20 transactions to 1 cloud app" in done.stdout


def test_a_pseudonym_is_revealed_on_record(tmp_path: Path) -> None:
    """The name is shown for a reason, which the governance log records."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "create", "--name", "edge", "--source", "SQUID_NATIVE", "--anonymize-users")
    (tmp_path / "a.log").write_bytes(squid(when=time.time() - 3600))
    shell.text("upload", str(tmp_path / "a.log"), "--source", "SQUID_NATIVE", "--name", "edge")
    users = shell.json("report", "entities", "11627", "user", "--report", "edge")
    names = [shell.text("report", "reveal", "user", user, "--justification", "case 17").strip() for user in users]
    assert sorted(names) == [f"user{n}" for n in range(5)]
    assert "not a user pseudonym" in shell.refused("report", "reveal", "user", "User_AAAA", "--justification", "x")
