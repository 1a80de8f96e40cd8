"""Log lines go to stderr, and logging never fails its caller."""

from __future__ import annotations

import errno
import io
import sys
from pathlib import Path
from secrets import token_hex

import pytest
import structlog

from opencasb import logs
from opencasb.app import Casb
from opencasb.settings import load
from tests.server import Server, eventually, prepare, running


@pytest.fixture(autouse=True)
def _to_stderr() -> None:
    """Begin with the defaults of structlog."""
    structlog.reset_defaults()
    logs.to_stderr()


def test_lines_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """The results of a command on stdout stay machine-readable."""
    structlog.get_logger().warning("something happened")
    written = capsys.readouterr()
    assert (written.out, "something happened" in written.err) == ("", True)


def test_what_strangers_send_controls_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor does it make a line of its own."""
    structlog.get_logger().error("refused", path="\x1b[2J", name="a\n2026-11-20 [info] all is well", agent="\u202e")
    written = capsys.readouterr().err
    assert len(written.splitlines()) == 1
    assert r"path=\x1b[2J" in written
    assert "\u202e" not in written


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str, /) -> int:
        """Fail for lack of space."""
        raise OSError(errno.ENOSPC, "No space left on device", text)


def test_a_full_disk_under_the_log_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is lost."""
    monkeypatch.setattr(sys, "stderr", Full())
    structlog.get_logger().error("the disk is full")


def test_a_traceback_has_no_values_of_variables(capsys: pytest.CaptureFixture[str]) -> None:
    """Local variables may contain passwords and keys."""

    def sign_in(password: str) -> None:
        raise RuntimeError(f"{len(password)} characters do not do")

    tried = token_hex(8)
    try:
        sign_in(tried)
    except RuntimeError:
        structlog.get_logger().exception("that went wrong")
    written = capsys.readouterr().err
    assert tried not in written
    assert written.endswith("RuntimeError: 16 characters do not do\n")


BROKEN = """
from opencasb.discovery.score_keeping import ScoreKeeping
from opencasb.identity.keyring import Keyring
from opencasb.program import main

def settle(self, tenant_id):
    password = "".join(("hun", "ter2"))
    raise RuntimeError("scores cannot be settled")

def maintain(self):
    raise OSError(28, "No space left on device")

ScoreKeeping.settle, Keyring.maintain = settle, maintain
main()
"""
"""A server whose upkeep fails for every tenant with a bug, and also with a full disk."""


def test_the_log_of_a_server_has_no_secret(tmp_path: Path) -> None:
    """Neither local variables nor the tenant's key are logged; a full disk is one line."""
    house = prepare(tmp_path / "data")
    casb = Casb.open(load(house.data))
    key = casb.tenants.all()[0].sealed_pseudonym_key
    casb.close()
    with running(house, BROKEN) as server:
        log = eventually(lambda: _complete(server))
    assert not [secret for secret in ("hunter2", "pseudonym_key", key.hex(), repr(key)) if secret in log]
    assert "settle" in log
    (line,) = [line for line in log.splitlines() if "job=keep_identity" in line]
    assert "reason='the disk of the data directory is full'" in line
    assert "maintain" not in log


def _complete(server: Server) -> str:
    """Return the server's log once it has both failures."""
    text = (server.house.data / "server.log").read_text("utf-8")
    return text if "RuntimeError: scores" in text and "keep_identity" in text else ""
