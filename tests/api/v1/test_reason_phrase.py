"""Status lines (api §5, §18.10)."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable
from threading import Event
from typing import ClassVar

import pytest
import uvicorn

from opencasb.api.v1.reason_phrase import PhrasingProtocol
from tests.api.v1.conftest import ADMIN, Client
from tests.api.v1.serving import serving


class Noting(PhrasingProtocol):
    """Notes that a piece has come."""

    came: ClassVar = Event()

    def data_received(self, data: bytes) -> None:
        """Take a piece."""
        super().data_received(data)
        self.came.set()


def status_line(port: int, path: str, token: str) -> tuple[int, str]:
    """Return status and reason phrase of a GET."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={"Authorization": f"Token {token}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.reason


def test_the_phrase_of_a_429_is_in_upper_case_and_others_are_the_usual(open_client: Callable[..., Client]) -> None:
    """One client compares ``TOO MANY REQUESTS``, another looks for ``Forbidden``."""
    client = open_client(requests_per_minute=2)
    token, path = client.known.tokens[ADMIN], "/api/v1/discovery/weights/"
    with serving(client.app) as port:
        assert status_line(port, path, token) == (200, "OK")
        assert status_line(port, f"{path}nothing", token) == (404, "Not Found")
        assert status_line(port, path, client.known.other_token) == (200, "OK")
        assert status_line(port, path, token) == (200, "OK")
        assert status_line(port, path, token) == (429, "TOO MANY REQUESTS")
        assert status_line(port, path, "0") == (401, "Unauthorized")


@pytest.mark.parametrize("cut", [0, 30, 50, 66, 80])
def test_an_address_need_not_be_escaped(client: Client, cut: int) -> None:
    """As sent by curl, in one or two pieces; it is equivalent to the escaped one."""
    key = client.known.tokens[ADMIN]
    head = f"Host: x\r\nX-Name: Brandvägg\r\nAuthorization: Token {key}\r\nConnection: close\r\n\r\n"
    wanted = {"name": {"eq": "Brandvägg"}}
    target = "/api/v1/subnet/?filters=" + json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
    sent = f"GET {target} HTTP/1.1\r\n{head}".encode()
    client.post("/api/v1/subnet/create_rule/", json={"name": "Brandvägg", "category": 1, "subnets": ["10.9.0.0/16"]})
    with serving(client.app, Noting) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        Noting.came.clear()
        connection.sendall(sent[:cut])
        assert not cut or Noting.came.wait(60)
        connection.sendall(sent[cut:])
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 "), answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["total"] == 1


@pytest.mark.parametrize("size", [None, 1234])
def test_the_connection_keeps_the_servers_limit(size: int | None) -> None:
    """The option for the maximum header size is honoured."""
    import asyncio

    async def app(scope: object, receive: object, send: object) -> None:
        """Serve nothing."""

    config = uvicorn.Config(app, http=PhrasingProtocol, h11_max_incomplete_event_size=size, log_config=None)
    loop = asyncio.new_event_loop()
    protocol = PhrasingProtocol(
        config=config, server_state=uvicorn.Server(config).server_state, app_state={}, _loop=loop
    )
    loop.close()
    assert protocol.conn._max_incomplete_event_size == (size or 16 * 1024)
