"""The server process: how it starts and ends."""

from __future__ import annotations

import signal
import ssl
from pathlib import Path

import httpx
import pytest

from opencasb.identity.throttle import FAILURES_PER_MINUTE
from opencasb.settings import CONFIG_NAME
from tests.server import prepare, running

SCOPE = "https://graph.microsoft.com"


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


@pytest.mark.parametrize(("trusted", "other"), [('["127.0.0.1"]', 401), ('["198.51.100.0/24"]', 429), ("[]", 429)])
def test_a_trusted_proxy_says_who_calls(tmp_path: Path, trusted: str, other: int) -> None:
    """Who guesses behind it is turned away, and not everybody; whoever else says so is not believed."""
    house = prepare(tmp_path / "data")
    (house.data / CONFIG_NAME).write_text(f"trusted_proxies = {trusted}\n")
    form = {"grant_type": "client_credentials", "client_id": house.client_id, "client_secret": "wrong"}
    with running(house) as started, httpx.Client(base_url=started.plain) as client:

        def guess(address: str) -> int:
            path, headers = f"/{house.tenant_guid}/oauth2/v2.0/token", {"x-forwarded-for": address}
            return client.post(path, data={**form, "scope": f"{SCOPE}/.default"}, headers=headers).status_code

        guesses = [guess("192.0.2.1") for _ in range(FAILURES_PER_MINUTE + 1)]
        assert guesses == [401] * FAILURES_PER_MINUTE + [429]
        assert guess("192.0.2.2") == other
