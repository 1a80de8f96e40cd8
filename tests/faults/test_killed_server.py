"""A killed server loses nothing that it acknowledged."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from opencasb.app import Casb
from opencasb.model.stream import StreamType
from opencasb.settings import load
from tests.server import House, Server, eventually, free_port, prepare, running


def log(lines: int, seed: str = "") -> bytes:
    """Return a Squid log from an hour ago."""
    start = time.time() - 3600
    text = "".join(
        f"{start + n / 100:.3f} 5 10.0.0.{n % 200} TCP_MISS/200 {n} GET http://www.dropbox.com/{seed}{n} user{n % 50}"
        " HIER_DIRECT/162.125.1.1 text/html\n"
        for n in range(lines)
    )
    return text.encode()


def upload(client: httpx.Client, body: bytes) -> str:
    """Upload a log in three steps and return the stream's id."""
    query = {"filename": "access.log", "source": "SQUID_NATIVE"}
    url = client.get("/api/v1/discovery/upload_url/", params=query).raise_for_status().json()["url"]
    anonymous = {"Authorization": "", "x-ms-blob-type": "BlockBlob"}
    assert client.put(url, content=body, headers=anonymous).status_code == 201
    done = client.post("/api/v1/discovery/done_upload/", json={"uploadUrl": url}).raise_for_status().json()
    assert done["success"] is True
    return str(done["inputStreamId"])


def transactions(client: httpx.Client, stream_id: str) -> int:
    """Return the number of transactions in a report."""
    question = {"streamId": stream_id, "timeframe": 30}
    page = client.post("/cas/api/v1/discovery/discovered_apps/", json=question).raise_for_status().json()
    return sum(app["trafficTotalEvents"] for app in page["data"])


def pending(client: httpx.Client) -> int:
    """Return the number of pending tasks."""
    tasks = client.post("/api/v1/governance/", json={}).raise_for_status().json()["data"]
    return sum("status" not in task for task in tasks)


@pytest.mark.slow
def test_acknowledged_uploads_are_processed_once_after_kills(tmp_path: Path) -> None:
    """After kills right after each acknowledgement and during parsing, every line is counted once."""
    house = prepare(tmp_path / "data")
    stream_id = ""
    for number, pause in enumerate((0.0, 0.4)):
        server = Server(house, free_port(), free_port())
        try:
            server.wait()
            with server.client() as client:
                stream_id = upload(client, log(20_000, f"{number}/"))
            time.sleep(pause)
        finally:
            server.kill()
    with running(house) as server, server.client() as client:
        eventually(lambda: pending(client) == 0)
        assert transactions(client, stream_id) == 40_000


@pytest.mark.slow
def test_an_upload_cut_off_by_a_kill_can_be_sent_again(tmp_path: Path) -> None:
    """A partial file is never processed; the same URL accepts the whole file after the restart."""
    house = prepare(tmp_path / "data")
    body = log(5_000)
    server = Server(house, free_port(), free_port())
    try:
        server.wait()
        with server.client() as client:
            query = {"filename": "access.log", "source": "SQUID_NATIVE"}
            path = urlsplit(client.get("/api/v1/discovery/upload_url/", params=query).json()["url"]).path
        address = urlsplit(server.plain)
        with socket.create_connection((address.hostname or "", address.port or 0)) as half:
            head = f"PUT {path}?sv=1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n\r\n"
            half.sendall(head.encode() + body[: len(body) // 2])
            eventually(lambda: any((house.data / "uploads").glob("*/part-*")))
    finally:
        server.kill()
    with running(house) as server, server.client() as client:
        assert (
            client.post("/api/v1/discovery/done_upload/", json={"uploadUrl": f"{server.base}{path}"}).status_code == 400
        )
        assert client.put(f"{server.base}{path}?sv=1", content=body).status_code == 201
        done = client.post("/api/v1/discovery/done_upload/", json={"uploadUrl": f"{server.base}{path}"})
        eventually(lambda: pending(client) == 0)
        assert transactions(client, done.json()["inputStreamId"]) == 5_000


@pytest.mark.slow
def test_syslog_lines_reach_the_report_and_survive_a_kill(tmp_path: Path) -> None:
    """Lines over TCP are in the report within seconds; those received before a kill are counted once after it."""
    house = prepare(tmp_path / "data")
    port, stream_id = add_syslog_source(house)
    for number in range(2):
        server = Server(house, free_port(), free_port())
        try:
            server.wait()
            send(port, log(1_000, f"{number}/"))
            eventually(lambda: received(house) or None)
        finally:
            server.kill()
    with running(house) as server, server.client() as client:
        eventually(lambda: transactions(client, stream_id) == 2_000)


def add_syslog_source(house: House) -> tuple[int, str]:
    """Add a data source with a TCP listener; return its port and stream."""
    casb = Casb.open(load(house.data))
    port = free_port()
    tenant = casb.tenants.all()[0].tenant_id
    made = casb.streams.create(
        tenant, "edge", StreamType.INPUT, source="SQUID_NATIVE", receiver="syslog-tcp", port=port
    )
    casb.close()
    return port, made.stream_id


def send(port: int, lines: bytes) -> None:
    """Send lines over TCP and wait until the server has read them all."""

    def connected() -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            return None

    with eventually(connected) as connection:
        connection.sendall(lines)
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(30)
        assert connection.recv(1) == b""


def received(house: House) -> bool:
    """Return whether lines are on disk or already handed over."""
    return any((house.data / "receivers").rglob("*.*")) or any((house.data / "uploads").glob("*/blob-*"))
