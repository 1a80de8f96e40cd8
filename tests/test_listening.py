"""The server's addresses are bound before it starts; errors name the setting."""

from __future__ import annotations

import asyncio
import errno
import socket
from typing import Any

import pytest

from opencasb.listening import Unbound, listening
from opencasb.settings import Settings
from tests.server import free_port


def test_any_free_port_is_known_when_it_is_bound() -> None:
    """All addresses of a host share one port; plain HTTP has its own port, or none."""
    with listening(Settings(host="localhost", port=0, http_port=0)) as sockets:
        assert sockets.port > 0
        assert {each.getsockname()[1] for each in sockets.secure} == {sockets.port}
        assert sockets.plain == []
        port = sockets.port
        socket.create_connection(("127.0.0.1", port)).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    with listening(Settings(port=0, http_port=free_port())) as sockets:
        assert sockets.plain[0].getsockname()[0] == "127.0.0.1"


def test_small_answers_are_sent_at_once() -> None:
    """Nagle's algorithm is off; with it, a response in two small pieces would take 40 ms."""

    async def work() -> int:
        with listening(Settings(port=0, http_port=0)) as sockets:
            opened: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
            server = await asyncio.start_server(lambda _, writer: opened.set_result(writer), sock=sockets.secure[0])
            _, client = await asyncio.open_connection("127.0.0.1", sockets.port)
            accepted = await opened
            sent_at_once = accepted.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            client.close()
            accepted.close()
            server.close()
            return int(sent_at_once)

    assert asyncio.run(work()) > 0


@pytest.mark.parametrize("setting", ["port", "http_port"])
def test_a_port_that_is_taken_is_told(setting: str) -> None:
    """The error names the setting, and nothing stays bound."""
    free = free_port()
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        ports = {"port": free, "http_port": free, setting: taken}
        with pytest.raises(Unbound) as told, listening(Settings(**ports)):
            pass
    reason = f"Address already in use; OPENCASB_{setting.upper()} sets another"
    assert str(told.value) == f"setting {setting}: cannot listen at 127.0.0.1 port {taken}: {reason}"
    socket.create_server(("127.0.0.1", free)).close()


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_told(host: str) -> None:
    """The host may be a name or an address."""
    with (
        pytest.raises(Unbound, match=rf"^setting host: cannot listen at {host} port 0: ."),
        listening(Settings(host=host, port=0, http_port=0)),
    ):
        pass


def test_an_address_that_this_machine_lacks_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """``localhost`` without IPv6 lacks ``::1``, for example; another address of the host must be bound."""
    create = socket.create_server

    def lacking(place: tuple[Any, ...], *, family: socket.AddressFamily, backlog: int) -> socket.socket:
        if family is socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return create(place, family=family, backlog=backlog)

    places = [
        (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 0, 0, 0)),
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0)),
    ]
    monkeypatch.setattr(socket, "create_server", lacking)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: places)
    with listening(Settings(host="localhost", port=0, http_port=0)) as sockets:
        assert [each.getsockname()[0] for each in sockets.secure] == ["127.0.0.1"]
