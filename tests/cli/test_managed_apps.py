"""``opencasb managed-apps``: import, list and view."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

from tests.cli.commands import Shell
from tests.discovery.logs import squid


def test_what_is_imported_is_seen_against_what_is_used(shell: Shell, tmp_path: Path) -> None:
    """Managed by its domain, unused, and unmanaged after removal from the list."""
    (tmp_path / "list.csv").write_text("name,domains,owner\nFiles,dropbox.com,Ana\nOld,old.example,Ben\n")
    assert "2 applications imported" in shell.text("managed-apps", "import", str(tmp_path / "list.csv"))
    assert [each["name"] for each in shell.json("managed-apps", "list")] == ["Files", "Old"]
    assert "old.example" in shell.text("managed-apps", "list")
    apps = shell.json("managed-apps", "view", "--period", "P7D")["apps"]
    assert {row["Name"]: (row["Status"], row["AppId"]) for row in apps} == {
        "Files": ("managed", 11627),
        "Old": ("unused", None),
    }
    rows = list(csv.DictReader(io.StringIO(shell.text("managed-apps", "view", "--csv", "--status", "unused"))))
    assert [row["Name"] for row in rows] == ["Old"]
    assert "Files" in shell.text("managed-apps", "view")
    (tmp_path / "list.csv").write_text("name,app_id\nOther,10489\n")
    shell.text("managed-apps", "import", str(tmp_path / "list.csv"))
    apps = shell.json("managed-apps", "view")["apps"]
    assert {row["Name"]: row["Status"] for row in apps} == {"Dropbox": "unmanaged", "Other": "unused"}


def test_a_host_stands_for_the_app_of_its_registrable_domain(shell: Shell, tmp_path: Path) -> None:
    """Inside and outside the catalog."""
    log = squid(when=time.time() - 7200).replace(b"dropbox.com", b"nobody-knows.example.com")
    (tmp_path / "b.log").write_bytes(log)
    shell.text("upload", str(tmp_path / "b.log"), "--source", "SQUID_NATIVE", "--name", "edge")
    (tmp_path / "list.csv").write_text("name,domains\nFiles,files.dropbox.com\nWiki,wiki.example.com\n")
    shell.text("managed-apps", "import", str(tmp_path / "list.csv"))
    apps = {row["Name"]: row for row in shell.json("managed-apps", "view")["apps"]}
    assert {name: row["Status"] for name, row in apps.items()} == {"Files": "managed", "Wiki": "managed"}
    assert apps["Wiki"]["AppName"] == "example.com"


def test_bad_lines_are_refused_by_number_and_the_rest_is_taken(shell: Shell, tmp_path: Path) -> None:
    """With exit code 1; a file that is not a list changes nothing."""
    (tmp_path / "list.csv").write_text("name,app_id\nBox,10489\n,5\nX,minus\n")
    done = shell.run("managed-apps", "import", str(tmp_path / "list.csv"))
    assert done.exit_code == 1
    assert "line 3 refused: name is empty" in done.stderr
    assert "line 4 refused: app_id 'minus' must be the number of an app" in done.stderr
    done = shell.run("managed-apps", "import", str(tmp_path / "list.csv"), "--json")
    assert [each["line"] for each in json.loads(done.stdout)["refused"]] == [3, 4]
    (tmp_path / "bad.csv").write_bytes(b"name\xff")
    assert "is not UTF-8" in shell.refused("managed-apps", "import", str(tmp_path / "bad.csv"))
    assert [each["name"] for each in shell.json("managed-apps", "list")] == ["Box"]
