"""A real server for tests: ``opencasb serve`` as its own process on free loopback ports."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from opencasb.app import Casb
from opencasb.model.permissions import parse_permission
from opencasb.model.roles import Role
from opencasb.settings import load

START_SECONDS = 60
T = TypeVar("T")

PROGRAM = "from opencasb.program import main; main()"
CHECKING = "from tests.api.answers import check_always; check_always()\n"
"""Comes before a program that is to hold its answers against the contracts; what is wrong is in its log."""


@dataclass(frozen=True)
class House:
    """A prepared data directory with one tenant, an administrator's token and an application."""

    data: Path
    tenant_guid: str
    token: str
    client_id: str
    client_secret: str


def prepare(data: Path) -> House:
    """Create a tenant, a user with an API token, and an application with Graph and REST permissions."""
    casb = Casb.open(load(data))
    tenant = casb.tenants.create("Example")
    user = casb.users.create(tenant.tenant_id, "admin@example.org", Role.GLOBAL_ADMINISTRATOR)
    token = casb.identity.credentials.new_api_token(tenant.tenant_id, user.user_id, "test").value
    permissions = [parse_permission(name) for name in ("CloudApp-Discovery.Read.All", "discovery.manage")]
    app = casb.identity.applications.create(tenant.tenant_id, "client", permissions)
    secret = casb.identity.credentials.new_client_secret(tenant.tenant_id, app.client_id).value
    casb.tls.ensure()
    casb.close()
    return House(data, tenant.guid, token, app.client_id, secret)


class Server:
    """A running server process."""

    def __init__(self, house: House, port: int, http_port: int, program: str = PROGRAM) -> None:
        """Start ``program``, which runs the command line, on these ports."""
        self.house = house
        self.base = f"https://localhost:{port}"
        self.plain = f"http://127.0.0.1:{http_port}"
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "OPENCASB_DATA": str(house.data),
            "OPENCASB_FLUSH_SECONDS": "0.3",
            "OPENCASB_REQUESTS_PER_MINUTE": "0",
        }
        command = [sys.executable, "-c", program, "serve"]
        options = ["--port", str(port), "--http-port", str(http_port)]
        self.log = (house.data / "server.log").open("ab")
        self.process = subprocess.Popen([*command, *options], env=environment, stderr=self.log, start_new_session=True)

    @property
    def ca(self) -> Path:
        """The CA to trust."""
        return self.house.data / "ca.pem"

    def client(self) -> httpx.Client:
        """Return a client with the administrator's token."""
        headers = {"Authorization": f"Token {self.house.token}"}
        context = ssl.create_default_context(cafile=str(self.ca))
        return httpx.Client(base_url=self.base, headers=headers, verify=context, timeout=60)

    def wait(self) -> None:
        """Wait until the server responds."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {(self.house.data / 'server.log').read_text()}")
            try:
                if httpx.get(f"{self.plain}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        """Kill the server and its child processes (SIGKILL)."""
        with suppress(ProcessLookupError):  # it is already dead
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


@contextmanager
def running(house: House, program: str = PROGRAM) -> Iterator[Server]:
    """Run a server on free ports until the block ends; every answer has to be one of its contract."""
    server = Server(house, free_port(), free_port(), CHECKING + program)
    try:
        server.wait()
        yield server
    finally:
        server.kill()
    assert "AssertionError" not in (house.data / "server.log").read_text("utf-8")


def free_port() -> int:
    """Return a free TCP port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(ask: Callable[[], T | None], seconds: float = 60) -> T:
    """Poll until the result is true, and return it, instead of waiting for a fixed time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = ask()
        if answer:
            return answer
        time.sleep(0.05)
    raise TimeoutError(f"no answer within {seconds} s")
