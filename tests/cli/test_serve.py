"""``opencasb serve``: startup errors are reported in one line."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.commands import Shell
from tests.server import PROGRAM, prepare


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Return a shell on a new data directory."""
    return Shell(tmp_path / "data", new=True)


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_taken_ends_it(shell: Shell, command: str) -> None:
    """Exit code 1, with setting, host and port, before a demo is created."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        told = shell.refused(command, "--port", str(taken), "--http-port", "0")
    reason = "Address already in use; OPENCASB_PORT sets another"
    assert told == f"setting port: cannot listen at 127.0.0.1 port {taken}: {reason}\n"
    assert not shell.data.exists()


def test_an_unknown_host_ends_it(shell: Shell) -> None:
    """Exit code 1, with setting and value."""
    told = shell.refused("serve", "--host", "nowhere.invalid", "--port", "0", "--http-port", "0")
    assert re.fullmatch("setting host: cannot listen at nowhere.invalid port 0: .+\n", told)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        (
            "tls_certificate",
            "/nonexistent",
            "setting tls_key: it belongs to tls_certificate, set both or none",
        ),
        ("tls_names", '["a b"]', "setting tls_names or public_url: 'a b' is neither a host name nor an IP address"),
    ],
)
def test_a_wrong_certificate_ends_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    """Exit code 2 and one line, as for any other setting; also in other commands that need it."""
    monkeypatch.setenv(f"OPENCASB_{variable.upper()}", value)
    assert shell.refused("serve", "--port", "0", "--http-port", "0", code=2) == f"{told}\n"
    assert shell.refused("init", code=2) == f"{told}\n"


@pytest.mark.parametrize("public", ["", "https://casb.example.org"])
def test_any_free_port_is_told(tmp_path: Path, public: str) -> None:
    """The startup line has it; links and issuer use it unless a URL is configured for them."""
    house = prepare(tmp_path / "data")
    command = [sys.executable, "-c", PROGRAM, "serve", "--data", str(house.data), "--port", "0", "--http-port", "0"]
    environment = {**os.environ, "OPENCASB_PUBLIC_URL": public}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("OpenCASB answers at "))
        found = re.search(r"([1-9]\d+)\)?\n", said)
        assert found is not None
        assert f"at {public or 'https://localhost'}" in said
        here = f"https://localhost:{found[1]}"
        context = ssl.create_default_context(cafile=str(house.data / "ca.pem"))
        answer = httpx.get(f"{here}/{house.tenant_guid}/.well-known/openid-configuration", verify=context)
        process.terminate()
    assert answer.json()["issuer"].startswith(public or here)


@pytest.mark.parametrize("name", ["pepper", "vault"])
def test_a_damaged_key_file_ends_it(shell: Shell, name: str) -> None:
    """A server without the key would run but accept nobody; other commands that need it report the same."""
    shell.text("init")
    key = shell.data / "keys" / name
    key.write_bytes(b"short")
    told = f"Error: {key} holds 5 bytes instead of 32: restore the key file from a backup\n"
    assert shell.refused("serve", "--port", "0", "--http-port", "0") == told
    words = ("keys", "list") if name == "vault" else ("app", "create", "--name", "x", "--permission", "discovery.read")
    assert shell.refused(*words) == told


def test_a_lake_that_cannot_be_made_is_told_at_the_start(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before logs depend on it; a folder that can be created is created."""
    (tmp_path / "lake").symlink_to(tmp_path / "not mounted")
    monkeypatch.setenv("OPENCASB_LAKE_URL", str(tmp_path / "lake" / "usage"))
    told = shell.refused("serve", "--port", "0", "--http-port", "0")
    said = f"setting lake_url: the folder '{tmp_path / 'lake' / 'usage'}' cannot be made: "
    assert told.splitlines()[-1].startswith(said)
