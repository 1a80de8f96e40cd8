"""A real server process, and clients with persistent connections that measure its responses."""

from __future__ import annotations

import http.client
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from bench import material
from bench.filled import PROGRAM, Store
from bench.queries import SCANNED, Query, bodies
from bench.samples import Samples, sampled, timed

CLIENTS: Final = 8
SENDERS: Final = (CLIENTS, 64)
"""Numbers of clients that deliver activities one by one; deliveries that wait together are stored together."""
_START_SECONDS: Final = 60
_LIST: Final = "/api/v1/activities/"
_INGEST: Final = "/api/v1/ingest/activities/"

Request = tuple[str, bytes]  # path and body


@dataclass(frozen=True, slots=True)
class Load:
    """What concurrent clients measured: response times, and the total calls per second."""

    times: Samples
    per_second: float
    clients: int


class Client:
    """A persistent plain HTTP connection on loopback, with a token."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        self._headers = {"Authorization": f"Token {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: bytes) -> bytes:
        """Return the body of the response. Raises ``RuntimeError`` unless its status is 200."""
        self.send(path, body)
        return self.receive()

    def send(self, path: str, body: bytes) -> None:
        """Send a request; its response is received later."""
        self._connection.request("POST", path, body, self._headers)

    def receive(self) -> bytes:
        """Return the body of the response to the last request. Raises ``RuntimeError`` unless its status is 200."""
        answer = self._connection.getresponse()
        found = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{answer.status} {found[:300]!r}")
        return found

    def fileno(self) -> int:
        """Return the number of the socket, which becomes readable when a response arrives."""
        return self._connection.sock.fileno()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextmanager
def running(store: Store, token: str) -> Iterator[Callable[[], Client]]:
    """Run ``opencasb serve`` until the block ends; yields a function that opens a client."""
    port = _free_port()
    command = [*PROGRAM, "serve", "--data", str(store.data), "--port", str(_free_port()), "--http-port", str(port)]
    with (store.data / "server.log").open("wb") as log:
        process = subprocess.Popen(command, env=store.environment, stderr=log)
        try:
            _wait(process, port)
            yield lambda: Client(port, token)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def requests(query: Query, client: Client) -> list[Request]:
    """Return the requests of a query; the pages of a scan are read once to find where each begins."""
    made = [(f"{_LIST}{record_id}/", b"") for record_id in query.ids]
    for body in bodies(query):
        following: Any = body  # JSON
        for _ in range(SCANNED if query.scan else 1):
            made.append((_LIST, msgspec.json.encode(following)))
            found = msgspec.json.decode(client.post(*made[-1])) if query.scan else {}
            if "nextQueryFilters" not in found:
                break
            following = {**body, "filters": found["nextQueryFilters"]}
    return made


def alone(client: Client, asked: Sequence[Request], budget: float) -> Samples:
    """Measure sequential calls, after one unmeasured call."""
    client.post(*asked[0])
    return sampled([partial(client.post, *request) for request in asked], budget)


def together(opened: Callable[[], Client], asked: Sequence[Request], budget: float) -> Load:
    """Measure eight clients that call continuously for ``budget`` seconds, each at least once."""
    return _load(opened, lambda client, first, nth: client.post(*asked[(first + nth) % len(asked)]), budget, CLIENTS)


def singles(opened: Callable[[], Client], after: int, budget: float) -> list[Load]:
    """Measure deliveries of one activity each by :data:`SENDERS` clients; all are from the day after ``after`` (ms)."""
    left = iter([msgspec.json.encode(each) for each in material.activities(3, 40_000, after, after + material.DAY)])
    opened().post(_INGEST, next(left))  # makes the server load what it needs
    return [_deliveries(opened, left, budget, senders) for senders in SENDERS]


def _deliveries(opened: Callable[[], Client], left: Iterator[bytes], budget: float, senders: int) -> Load:
    """Deliver for ``budget`` seconds from one thread, because many threads would take CPU from the server."""
    started, seconds = time.perf_counter(), list[float]()
    with selectors.DefaultSelector() as waiting:

        def deliver(client: Client) -> None:
            client.send(_INGEST, next(left))
            waiting.register(client, selectors.EVENT_READ, time.perf_counter())

        for _ in range(senders):
            deliver(opened())
        while waiting.get_map():
            for key, _ in waiting.select():
                client: Any = waiting.unregister(key.fileobj).fileobj
                answer = msgspec.json.decode(client.receive())
                assert answer["accepted"] == 1, answer
                seconds.append(time.perf_counter() - key.data)
                if time.perf_counter() < started + budget:
                    deliver(client)
                else:
                    client.close()
    return Load(Samples.of(seconds), len(seconds) / (time.perf_counter() - started), senders)


def _load(
    opened: Callable[[], Client], call: Callable[[Client, int, int], object], budget: float, clients: int
) -> Load:
    """Run the clients; ``call`` gets the client's number and the number of its call, both from 0."""
    started = time.perf_counter()

    def work(number: int) -> list[float]:
        client, seconds = opened(), list[float]()
        while not seconds or time.perf_counter() < started + budget:
            seconds.append(timed(partial(call, client, number, len(seconds))))
        client.close()
        return seconds

    with ThreadPoolExecutor(clients) as pool:
        found = [each for seconds in pool.map(work, range(clients)) for each in seconds]
    return Load(Samples.of(found), len(found) / (time.perf_counter() - started), clients)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the server ended; look at server.log in its data directory")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise TimeoutError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
