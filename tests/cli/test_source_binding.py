"""``opencasb source bind``."""

from __future__ import annotations

from pathlib import Path

import asyncssh
import pytest

from opencasb.app import Casb
from opencasb.identity.passwords import verify_password
from opencasb.settings import Settings
from tests.cli.commands import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A shell with two data sources."""
    made = Shell(tmp_path / "data")
    made.text("source", "create", "--name", "drop", "--source", "SQUID", "--receiver", "sftp")
    made.text("source", "create", "--name", "edge", "--source", "SQUID", "--receiver", "syslog-tcp", "--port", "6514")
    return made


def test_a_login_gets_a_password_that_is_shown_once(shell: Shell, tmp_path: Path) -> None:
    """Only its hash is stored; an operator's own password is read from a file."""
    made = shell.json("source", "bind", "drop", "--login", "fw1", "--new-password")
    assert made["login"] == "fw1"
    casb = Casb.open(Settings(data=shell.data))
    (binding,) = casb.bindings.every()
    assert made["password"] not in str(binding)
    assert verify_password(made["password"], binding.password_hash)
    assert made["password"] not in shell.text("source", "show", "drop")
    own = tmp_path / "password"
    own.write_text("correct horse\n")
    assert shell.json("source", "bind", "drop", "--password-file", str(own))["password"] is None
    (binding,) = casb.bindings.every()
    assert verify_password("correct horse", binding.password_hash)
    casb.close()


def test_what_is_bound_is_shown(shell: Shell, tmp_path: Path) -> None:
    """Each part is set separately; an empty value clears it."""
    key = tmp_path / "keys"
    key.write_text("# ours\n" + asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode())
    shell.text("source", "bind", "drop", "--public-key", str(key), "--login", "fw1")
    shell.text("source", "bind", "edge", "--sender", "10.0.0.7/24", "--host-name", "FW1", "--app-name", "traffic")
    shell.text("source", "bind", "edge", "--app-name", "")
    edge, drop = shell.json("source", "show", "edge"), shell.json("source", "show", "drop")
    assert (edge["sender"], edge["host_name"], edge["app_name"]) == ("10.0.0.0/24", "FW1", "")
    assert (drop["login"], drop["public_keys"], drop["has_password"]) == ("fw1", 1, False)
    assert "taken" in shell.refused("source", "bind", "edge", "--login", "fw1")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "at least one option"),
        (("--sender", "fw1"), "--sender"),
        (("--host-name", "a b"), "--host-name"),
        (("--login", "a/b"), "--login"),
        (("--url", "file:///etc/"), "--url"),
        (("--public-key", __file__), "--public-key"),
        (("--password-file", "/dev/null"), "--password-file"),
    ],
)
def test_a_wrong_value_is_named(shell: Shell, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, with the option."""
    assert said in shell.refused("source", "bind", "drop", *words, code=2)


def test_a_source_that_is_not_there_is_named(shell: Shell) -> None:
    """The message names the source."""
    assert "no data source" in shell.refused("source", "bind", "nothing", "--sender", "10.0.0.1")
