"""The server process: start, operation and shutdown."""

from __future__ import annotations

import asyncio
import errno
import resource
import signal
import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from opencasb.api.asgi import Dispatcher
from opencasb.app import Casb
from opencasb.identity.throttle import FAILURES_PER_MINUTE
from opencasb.model.stream import StreamType
from opencasb.server import ExceptionHandler, _config, warn_of_empty_lake
from opencasb.settings import CONFIG_NAME, Settings
from tests.server import PROGRAM, eventually, prepare, running

SCOPE = "https://graph.microsoft.com"
WAITING = f"""
import asyncio, functools, sys
from opencasb.api.feed import app

async def pause(seconds):
    print("a reader waits", file=sys.stderr, flush=True)
    await asyncio.sleep(seconds)

app.FeedApi.__init__ = functools.partialmethod(app.FeedApi.__init__, pause=pause)
{PROGRAM}
"""


def test_a_server_answers_on_both_doors_and_ends_when_told(tmp_path: Path) -> None:
    """A server answers over TLS by the local CA and over plain HTTP on loopback, and exits cleanly on SIGTERM."""
    with running(prepare(tmp_path / "data")) as started:
        context = ssl.create_default_context(cafile=str(started.ca))
        secure = httpx.get(f"{started.base}/readyz", verify=context)
        plain = httpx.get(f"{started.plain}/healthz")
        assert (secure.json(), plain.json()) == ({"status": "ready"}, {"status": "ok"})
        assert "server" not in plain.headers
        started.process.send_signal(signal.SIGTERM)
        assert started.process.wait(30) == 0


def test_a_waiting_reader_of_the_feed_is_answered_when_the_server_ends(tmp_path: Path) -> None:
    """A reader that waits for changes would otherwise hold up the end, and then get an error."""
    house = prepare(tmp_path / "data")
    with running(house, WAITING) as started, started.client() as client, ThreadPoolExecutor() as threads:
        waiting = threads.submit(client.get, "/feed/v1/activities", params={"wait": 30})
        assert eventually(lambda: "a reader waits" in (house.data / "server.log").read_text())
        started.process.send_signal(signal.SIGTERM)
        answer = waiting.result(60)
        assert (answer.status_code, len(answer.content.splitlines())) == (200, 1)
        assert started.process.wait(30) == 0
    assert "Traceback" not in (house.data / "server.log").read_text()


def test_a_connection_waits_more_than_a_minute_for_its_next_request(casb: Casb) -> None:
    """Clients that polled every five seconds lost requests, because the connection was closed as they wrote."""
    assert _config(Dispatcher(casb), ()).timeout_keep_alive > 60


@pytest.mark.parametrize(
    ("trusted", "caller"), [(["127.0.0.1"], "192.0.2.1"), (["198.51.100.0/24"], "127.0.0.1"), ([], "127.0.0.1")]
)
def test_only_a_trusted_proxy_says_who_calls(trusted: list[str], caller: str) -> None:
    """The header of another sender is ignored."""
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["client"][0])
        await Response()(scope, receive, send)

    async def call() -> None:
        config = _config(app, trusted)
        config.load()
        transport = httpx.ASGITransport(config.loaded_app, client=("127.0.0.1", 40000))
        async with httpx.AsyncClient(transport=transport, base_url="https://casb.example") as client:
            await client.get("/", headers={"x-forwarded-for": "192.0.2.1"})

    asyncio.run(call())
    assert seen == [caller]


def test_a_guessing_client_behind_a_proxy_is_throttled_alone(tmp_path: Path) -> None:
    """The proxy is named in the settings."""
    house = prepare(tmp_path / "data")
    (house.data / CONFIG_NAME).write_text('trusted_proxies = ["127.0.0.1"]\n')
    form = {"grant_type": "client_credentials", "client_id": house.client_id, "client_secret": "wrong"}
    with running(house) as started, httpx.Client(base_url=started.plain) as client:

        def guess(address: str) -> int:
            path, headers = f"/{house.tenant_guid}/oauth2/v2.0/token", {"x-forwarded-for": address}
            return client.post(path, data={**form, "scope": f"{SCOPE}/.default"}, headers=headers).status_code

        guesses = [guess("192.0.2.1") for _ in range(FAILURES_PER_MINUTE + 1)]
        assert guesses == [401] * FAILURES_PER_MINUTE + [429]
        assert guess("192.0.2.2") == 401


def test_a_lack_of_descriptors_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """Asyncio reports every waiting connection; other errors are logged as usual."""

    async def complain(tell: ExceptionHandler) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(3):
            tell(loop, {"message": "accept", "exception": OSError(errno.EMFILE, "Too many open files")})
        tell(loop, {"message": "something else", "exception": OSError(errno.EPIPE, "Broken pipe")})

    with capture_logs() as logs:
        asyncio.run(complain(ExceptionHandler()))
    assert [(each["event"], each["reason"]) for each in logs] == [
        ("no connection can be taken until others end", "Too many open files")
    ]
    assert [record.message.splitlines()[0] for record in caplog.records if record.levelname == "ERROR"] == [
        "something else"
    ]


def test_a_lake_without_the_logs_that_were_counted_is_told(tmp_path: Path) -> None:
    """Its setting may be mistyped; no warning before the first log, or if the lake has usage."""
    log = tmp_path / "a.log"
    log.write_text("1763640000.123 57 10.0.0.2 TCP_MISS/200 617 GET http://www.box.com/ joe DIRECT/- text/html\n")
    casb = Casb.open(Settings(data=tmp_path / "data", retention_days=0))
    tenant = casb.tenants.create("Example")
    with capture_logs() as logs:
        warn_of_empty_lake(casb)
        stream = casb.streams.create(tenant.tenant_id, "edge", StreamType.INPUT, source="SQUID_NATIVE")
        casb.intake.enqueue(stream, log, origin="cli", filename="a.log")
        upload = casb.uploads.lease("me")
        assert upload is not None
        casb.processing.run(upload)
        warn_of_empty_lake(casb)
        assert logs == []
        elsewhere = str(tmp_path / "lkae")
        with closing(Casb.open(replace(casb.settings, lake_url=elsewhere))) as mistyped:
            warn_of_empty_lake(mistyped)
        assert [(each["log_level"], each["lake"]) for each in logs] == [("warning", elsewhere)]
    casb.close()
    assert not Path(elsewhere).exists()


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs the descriptors of another process")
def test_a_server_without_descriptors_says_so_in_a_line(tmp_path: Path) -> None:
    """It accepts connections again when others end."""
    with running(prepare(tmp_path / "data")) as started:
        host, port = started.plain.removeprefix("http://").split(":")
        limit = len([*Path(f"/proc/{started.process.pid}/fd").iterdir()]) + 20
        resource.prlimit(started.process.pid, resource.RLIMIT_NOFILE, (limit, limit))
        with ExitStack() as held:
            for _ in range(40):
                held.enter_context(socket.create_connection((host, int(port))))
            log = tmp_path / "data" / "server.log"
            assert eventually(lambda: "no connection can be taken" in log.read_text())
        assert eventually(lambda: httpx.get(f"{started.plain}/healthz").status_code) == 200
        assert log.read_text().count("Too many open files") < 5
