"""The server's listening sockets, bound before anything else: a taken address is reported at once, by its setting."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opencasb.settings import Settings

LOOPBACK: Final = "127.0.0.1"
"""The address for plain HTTP."""

_ABSENT: Final = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
"""Errors for an address that this machine does not have, such as ``::1`` for ``localhost`` without IPv6."""

_BACKLOG: Final = 2048
"""Accept backlog, the same as uvicorn's."""


class Unbound(Exception):
    """An address cannot be bound; the message names its setting."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """The listening sockets for HTTPS, plain HTTP and metrics; connections queue until they are served."""

    secure: Sequence[socket.socket] = ()
    plain: Sequence[socket.socket] = ()
    metrics: Sequence[socket.socket] = ()

    @property
    def port(self) -> int:
        """The HTTPS port."""
        return int(self.secure[0].getsockname()[1])


@contextmanager
def listening(settings: Settings) -> Iterator[Sockets]:
    """Listen as the settings say, on any free port where the port is 0. Raises :class:`Unbound`."""
    with ExitStack() as opened:
        secure = _bound(settings.host, settings.port, "port", opened)
        plain = _bound(LOOPBACK, settings.http_port, "http_port", opened) if settings.http_port else []
        host, port = settings.metrics_host, settings.metrics_port
        metrics = _bound(host, port, "metrics_port", opened) if port else []
        yield Sockets(secure, plain, metrics)


def _bound(host: str, port: int, setting: str, opened: ExitStack) -> list[socket.socket]:
    """Return a socket for each address of a host, all on the same port."""
    found: list[socket.socket] = []
    absent: OSError | None = None
    try:
        for family, place in _places(host, port):
            number = found[0].getsockname()[1] if found else port
            try:
                made = _listener(family, (place[0], number, *place[2:]))
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise
                absent = error
            else:
                found.append(opened.enter_context(made))
        if absent is not None and not found:
            raise absent
    except OSError as error:
        raise Unbound(_message(error, host, port, setting)) from error
    return found


def _listener(family: socket.AddressFamily, place: Any) -> socket.socket:  # shape depends on the family
    made = socket.create_server(place, family=family, backlog=_BACKLOG)
    # Marked as TCP, because asyncio sets TCP_NODELAY only on such sockets; without it each answer takes 40 ms.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())


def _places(host: str, port: int) -> dict[tuple[socket.AddressFamily, Any], None]:  # shape depends on the family
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return dict.fromkeys((family, place) for family, _, _, _, place in found)


def _message(error: OSError, host: str, port: int, setting: str) -> str:
    is_host = isinstance(error, socket.gaierror) or error.errno in _ABSENT
    reason = (error.strerror or str(error)).partition(" (while")[0]
    name = setting.replace("port", "host") if is_host else setting
    return f"setting {name}: cannot listen at {host} port {port}: {reason}; OPENCASB_{name.upper()} sets another"
