"""The server process: how it starts and ends."""

from __future__ import annotations

import signal
import ssl
from pathlib import Path

import httpx

from tests.server import prepare, running


def test_a_server_answers_on_both_doors_and_ends_when_told(tmp_path: Path) -> None:
    """TLS by the local CA, plain HTTP on loopback; SIGTERM is a clean end."""
    with running(prepare(tmp_path / "data")) as started:
        context = ssl.create_default_context(cafile=str(started.ca))
        secure = httpx.get(f"{started.base}/readyz", verify=context)
        plain = httpx.get(f"{started.plain}/healthz")
        assert (secure.json(), plain.json()) == ({"status": "ready"}, {"status": "ok"})
        assert "server" not in plain.headers
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(30) == 0
