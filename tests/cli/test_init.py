"""``opencasb init``: a data directory ready to serve."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.commands import Shell


def test_it_prepares_everything_once(tmp_path: Path) -> None:
    """Database, certificates, keys, tenant, administrator and token; a second run changes nothing and says so."""
    shell = Shell(tmp_path / "data")
    made = shell.json("init", "--name", "Example", "--admin", "ann@example.org")
    assert (made["name"], made["user"]) == ("Example", "ann@example.org")
    assert re.fullmatch(r"[0-9a-f]{64}", made["token"])
    assert (shell.data / "ca.pem").is_file()
    assert (shell.data / "opencasb.sqlite3").is_file()
    (user,) = shell.json("user", "list")
    assert "ann@example.org" in user.values()
    assert "prepared already" in shell.refused("init")


def test_a_person_reads_what_to_do_next(tmp_path: Path) -> None:
    """Without --json the lines name the CA to trust and the next command."""
    said = Shell(tmp_path / "data").text("init")
    assert "ca.pem" in said
    assert "opencasb serve --data" in said


def test_the_first_token_needs_nothing_before_it(tmp_path: Path) -> None:
    """In a new data directory a token and an application can be made at once."""
    shell = Shell(tmp_path / "data")
    made = shell.json("token", "create", "--user", "ann@example.org", "--name", "script")
    assert set(made) == {"token", "id", "name"}
    app = shell.json("app", "create", "--name", "client", "--permission", "discovery.read")
    assert set(app) == {"client_id", "client_secret", "tenant_id", "permissions"}
    assert "not a user" in shell.refused("token", "create", "--user", "ben@example.org", "--name", "x")
