"""``opencasb init``: a data directory ready to serve."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from opencasb.app import Casb
from opencasb.model.roles import Role
from opencasb.settings import load
from tests.cli.commands import Shell


def test_init_prepares_everything_once(tmp_path: Path) -> None:
    """Database, certificates, keys, tenant, administrator and token; a second run changes nothing and says so."""
    shell = Shell(tmp_path / "data")
    made = shell.json("init", "--name", "Example", "--admin", "ann@example.org")
    assert (made["name"], made["user"]) == ("Example", "ann@example.org")
    assert re.fullmatch(r"[0-9a-f]{64}", made["token"])
    assert (shell.data / "ca.pem").is_file()
    assert (shell.data / "opencasb.sqlite3").is_file()
    (user,) = shell.json("user", "list")
    assert "ann@example.org" in user.values()
    assert "already set up" in shell.refused("init")


def test_the_first_tenant_may_be_given_its_domain(tmp_path: Path) -> None:
    """It stands in sign-in URLs, and behind the @ of users whom other tenants invite as guests."""
    shell = Shell(tmp_path / "data")
    assert "--domain: domain 'no domain' is not a domain name" in shell.refused("init", "--domain", "no domain")
    made = shell.json("init", "--domain", "contoso.example", "--admin", "pat@contoso.example")
    assert (made["name"], shell.json("tenant", "list")[0]["domain"]) == ("Default", "contoso.example")
    shell.text("tenant", "create", "Other")
    shell.text("user", "create", "pat@contoso.example", "--guest", "--role", "security-reader", "--tenant", "Other")


def test_init_need_not_come_first(tmp_path: Path) -> None:
    """A directory begun by another command gets what it lacks, once; its tenant keeps its name."""
    shell = Shell(tmp_path / "data")
    shell.text("source", "create", "--name", "edge", "--source", "SQUID_NATIVE")
    assert "is called 'Default'" in shell.refused("init", "--name", "Example")
    assert "has the domain 'default.opencasb.local'" in shell.refused("init", "--domain", "contoso.example")
    made = shell.json("init", "--admin", "ann@example.org")
    assert made["tenant_id"] == shell.json("tenant", "list")[0]["tenant_id"]
    (user,) = shell.json("user", "list")
    assert (user["name"], user["role"]) == ("ann@example.org", Role.GLOBAL_ADMINISTRATOR)
    assert "already set up" in shell.refused("init")


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--name", "", "tenant name '' must have 1 to 256 printable characters"),
        ("--name", "n" * 5000, f"tenant name '{'n' * 100}…' must have 1 to 256 printable characters"),
        ("--admin", "an n", "user name 'an n' must have 1 to 256 printable characters and no white space"),
    ],
)
def test_a_wrong_name_is_told_and_another_one_may_follow(tmp_path: Path, option: str, value: str, told: str) -> None:
    """One line names the option; nothing is left that would block the next attempt."""
    shell = Shell(tmp_path / "data")
    assert shell.refused("init", option, value) == f"Error: {option}: {told}\n"
    assert shell.json("init", option, "ann")["token"]


def test_a_person_reads_what_to_do_next(tmp_path: Path) -> None:
    """Without --json, the output names the CA to trust, the credentials and the next command."""
    shell = Shell(tmp_path / "my data")
    said = shell.text("init")
    assert "ca.pem" in said
    assert f"opencasb serve --data '{shell.data}'" in said
    assert "https://localhost:8443/portal/" in said
    password = re.search(r"^Password +(\S+)$", said, re.MULTILINE)
    assert password is not None
    casb = Casb.open(load(shell.data))
    user = casb.identity.sign_in.check(casb.tenants.default(), "admin@localhost.localdomain", password[1], "127.0.0.1")
    assert user.role is Role.GLOBAL_ADMINISTRATOR
    casb.close()


def test_the_first_token_needs_nothing_before_it(tmp_path: Path) -> None:
    """In a new data directory, a token and an application can be created at once."""
    shell = Shell(tmp_path / "data")
    made = shell.json("token", "create", "--user", "ann@example.org", "--name", "script")
    assert set(made) == {"token", "id", "name"}
    app = shell.json("app", "create", "--name", "client", "--permission", "discovery.read")
    assert set(app) == {"client_id", "client_secret", "tenant_id", "permissions"}
    assert "not a user" in shell.refused("token", "create", "--user", "ben@example.org", "--name", "x")


def test_a_directory_in_which_nothing_can_be_made_is_told() -> None:
    """It is named, rather than reported as an unresponsive database."""
    told = Shell(Path("/sys"), new=True).refused("init")  # a file system in which files cannot be created
    assert re.fullmatch(r"Error: /sys\S*: (Permission denied|Read-only file system|Operation not permitted)\n", told)
