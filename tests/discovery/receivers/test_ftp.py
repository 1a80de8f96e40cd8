"""FTP and FTPS: files from appliances arrive completely or not at all."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

from opencasb.app import Casb
from opencasb.discovery.receivers.drop import UNDER_WAY, Refused
from opencasb.discovery.receivers.ftp import FtpReceiver
from opencasb.discovery.receivers.logins import Login, Logins
from opencasb.identity.passwords import hash_password
from opencasb.model.stream import StreamType
from opencasb.settings import Settings, load
from tests.discovery.receivers.dropping import content, login_of, logins, source
from tests.server import House, eventually, free_port, prepare, running


@pytest.fixture
def found(tmp_path: Path) -> Logins:
    """The logins of a source that allows plain FTP, of one that does not, and of an SFTP source."""
    return logins(tmp_path, source("plain", "ftp"), source("secure", "ftps"), source("ssh", "sftp"))


@pytest.fixture
def authority() -> trustme.CA:
    """The CA that issued the server's certificate."""
    return trustme.CA()


@pytest.fixture
def server(found: Logins, authority: trustme.CA, tmp_path: Path) -> Iterator[FtpReceiver]:
    """A server on a free port."""
    made = authority.issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    chain.write_bytes(b"".join(each.bytes() for each in made.cert_chain_pems))
    made.private_key_pem.write_to_path(str(key))
    opened = FtpReceiver(Settings(ftp_port=0, ftp_passive_ports=""), found, lambda: (chain, key), failed_seconds=0)
    asyncio.run(opened.open())
    yield opened
    asyncio.run(opened.close())


@contextlib.contextmanager
def session(server: FtpReceiver, name: str, password: str = "secret") -> Iterator[ftplib.FTP]:  # noqa: S107 -- of the test
    """Log in with plain FTP."""
    with ftplib.FTP() as client:  # noqa: S321 -- the subject of the test
        client.connect("127.0.0.1", server.port, timeout=30)
        client.login(name, password)
        yield client


@contextlib.contextmanager
def over_tls(server: FtpReceiver, name: str, authority: trustme.CA) -> Iterator[ftplib.FTP_TLS]:
    """Log in over TLS, and protect the data connections, too."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with ftplib.FTP_TLS(context=context) as client:  # noqa: S321 -- the subject of the test
        client.connect("localhost", server.port, timeout=30)
        client.login(name, "secret")
        client.prot_p()
        yield client


def begun(client: ftplib.FTP, login: Login) -> socket.socket:
    """Send the first line of a file; returns the data connection once the line has arrived."""
    connection = client.transfercmd("STOR a.log")
    connection.sendall(b"one\n")
    while not any(path.stat().st_size for path in login.folder.folder.glob(f"{UNDER_WAY}*")):
        pass
    return connection


def test_a_file_is_whole_when_its_sender_is_told(server: FtpReceiver, found: Logins) -> None:
    """Even in a subdirectory, under a name that is changed at the end."""
    with session(server, "plain") as client:
        client.storbinary("STOR a.log", io.BytesIO(b"one\ntwo\n"))
        assert content(login_of(found, "plain")) == {"a.log": b"one\ntwo\n"}
        assert client.size("a.log") == 8
        client.mkd("2025")
        client.cwd("2025")
        client.storbinary("STOR b.tmp", io.BytesIO(b"three\n"))
        client.rename("b.tmp", "b.log")
        assert client.nlst() == ["a.log", "b.log"]
        client.delete("a.log")
    assert content(login_of(found, "plain")) == {"b.log": b"three\n"}


def test_a_directory_of_a_sender_is_one_whatever_its_name(server: FtpReceiver, found: Logins) -> None:
    """Named after a host or day, created or not, it is listed before files are put into it, as lftp does."""
    with session(server, "plain") as client:
        client.storbinary("STOR a.log", io.BytesIO(b"one\n"))
        client.mkd("fw1.example.com")
        assert client.nlst("fw1.example.com") == ["a.log"]
        client.cwd("2025.11.20")
        assert [name for name, _ in client.mlsd()] == ["a.log"]
        client.storbinary("STOR b.log", io.BytesIO(b"two\n"))
        assert "type=dir" in client.sendcmd("MLST /logs")
        with pytest.raises(ftplib.error_perm):
            client.nlst("c.log")
    assert content(login_of(found, "plain")) == {"a.log": b"one\n", "b.log": b"two\n"}


def test_an_interrupted_file_does_not_count_and_can_go_on(server: FtpReceiver, found: Logins) -> None:
    """ABOR keeps what has arrived; REST continues after it."""
    login = login_of(found, "plain")
    with session(server, "plain") as client:
        connection = begun(client, login)
        client.abort()
        connection.close()
        assert content(login) == {}
    with session(server, "plain") as client:
        client.voidcmd("TYPE I")
        assert client.size("a.log") == 4
        client.storbinary("STOR a.log", io.BytesIO(b"two\n"), rest=4)
    assert content(login) == {"a.log": b"one\ntwo\n"}


@pytest.mark.parametrize("is_taken", [False, True])
def test_what_is_not_under_way_is_not_gone_on_with(server: FtpReceiver, found: Logins, *, is_taken: bool) -> None:
    """A complete file with the name may be a different one, so REST is rejected without effect.

    APPE starts a new file.
    """
    login = login_of(found, "plain")
    with session(server, "plain") as client:
        client.storbinary("STOR a.log", io.BytesIO(b"one\ntwo\n"))
        if is_taken:
            assert login.folder.take(lambda _path, _id: None) == 1
        assert client.size("a.log") == 8
        for name, rest in (("a.log", 4), ("a.log", 8), ("b.log", 8), (".hidden", 8)):
            with pytest.raises(ftplib.error_perm, match="554 Nothing of this file is under way"):
                client.storbinary(f"STOR {name}", io.BytesIO(b"two\n"), rest=rest)
        client.storbinary("APPE a.log", io.BytesIO(b"three\n"))
        client.storbinary("STOR c.log", io.BytesIO(b"four\n"))
    first = {} if is_taken else {"a.log": b"one\ntwo\n"}
    assert content(login) == {**first, "a.log" if is_taken else "a-2.log": b"three\n", "c.log": b"four\n"}
    assert not list(login.folder.folder.glob(f"{UNDER_WAY}*"))


@pytest.mark.parametrize("secured", [False, True])
def test_a_control_connection_that_ends_a_moment_later_ends_no_file(
    server: FtpReceiver, found: Logins, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, *, secured: bool
) -> None:
    """The kernel may close the two connections of a killed sender in any order."""
    monkeypatch.setattr("opencasb.discovery.receivers.ftp_transfer.END_SECONDS", 60)
    login = login_of(found, "plain")
    with over_tls(server, "plain", authority) if secured else session(server, "plain") as client:
        socket.close(begun(client, login).detach())
        with session(server, "plain") as other:
            assert other.nlst() == []
        assert client.sock is not None
        socket.close(client.sock.detach())
    wait_until_idle(login)
    assert content(login) == {}


@pytest.mark.parametrize("secured", [False, True])
def test_a_sender_that_is_gone_ends_no_file(
    server: FtpReceiver, found: Logins, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, *, secured: bool
) -> None:
    """Whichever connection is examined first: the server is busy while both end without a TLS close."""
    login = login_of(found, "plain")
    with over_tls(server, "plain", authority) if secured else session(server, "plain") as client:
        connection = begun(client, login)
        busy, gone = threading.Event(), threading.Event()

        def verify(*_: object) -> bool:
            busy.set()
            return gone.wait(30)

        monkeypatch.setattr(found, "_verify", verify)
        with ThreadPoolExecutor(1) as pool:
            other = pool.submit(log_in, server)
            assert busy.wait(30)
            assert client.sock is not None
            for each in (connection, client.sock):
                socket.close(each.detach())
            gone.set()
            other.result()
        wait_until_idle(login)
    assert content(login) == {}
    assert login.folder.find("a.log") is not None


def wait_until_idle(login: Login) -> None:
    """Return when the file is no longer being written."""
    while True:
        with contextlib.suppress(Refused):
            login.folder.write("a.log", resumed=True).close()
            return


def log_in(server: FtpReceiver) -> None:
    """Log in and out."""
    with session(server, "plain"):
        pass


def test_a_connection_that_is_reset_ends_no_file(server: FtpReceiver, found: Logins) -> None:
    """The sender gets an error, and may resume."""
    login = login_of(found, "plain")
    with session(server, "plain") as client:
        connection = begun(client, login)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(connection.detach())
        with pytest.raises(ftplib.error_temp, match="426"):
            client.voidresp()
        assert content(login) == {}
        client.storbinary("STOR a.log", io.BytesIO(b"one\n"))
    assert content(login) == {"a.log": b"one\n"}


def test_many_senders_end_files_without_a_farewell_of_tls(
    server: FtpReceiver, found: Logins, authority: trustme.CA
) -> None:
    """They still expect a reply, so the file is complete, however much of it was in transit."""
    login, rest = login_of(found, "plain"), b"two\n" * 1_000_000
    with over_tls(server, "plain", authority) as client:
        connection = begun(client, login)
        connection.sendall(rest)
        socket.close(connection.detach())
        assert client.voidresp().startswith("226")
    assert content(login) == {"a.log": b"one\n" + rest}


def test_files_can_be_sent_not_fetched(server: FtpReceiver) -> None:
    """Logs are not readable by senders, and no name leaves the directory."""
    with session(server, "plain") as client:
        client.storbinary("STOR ../../../a.log", io.BytesIO(b"one\n"))
        assert client.nlst("/") == ["a.log"]
        for refused in ("RETR a.log", "STOR .hidden", "STOR .."):
            with pytest.raises(ftplib.error_perm):
                client.storbinary(refused, io.BytesIO(b"")) if refused[0] == "S" else client.retrbinary(refused, print)
        with pytest.raises(ftplib.error_perm):
            client.size("b.log")
        with pytest.raises(ftplib.error_perm):
            client.sendcmd("SITE CHMOD 777 a.log")


@pytest.mark.parametrize(
    ("name", "password"), [("plain", "wrong"), ("nobody", "secret"), ("ssh", "secret"), ("secure", "secret")]
)
def test_others_do_not_get_in(server: FtpReceiver, name: str, password: str) -> None:
    """A wrong password, an unknown login, another receiver's login, and one for TLS only."""
    with pytest.raises(ftplib.error_perm, match="530"), session(server, name, password):
        pass


def test_a_reset_ends_no_file_over_tls_either(server: FtpReceiver, found: Logins, authority: trustme.CA) -> None:
    """The data in transit is lost, so the file is not complete."""
    login = login_of(found, "plain")
    with over_tls(server, "plain", authority) as client:
        connection = begun(client, login)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(connection.detach())
        with pytest.raises(ftplib.error_temp, match=r"^426"):
            client.voidresp()
    assert content(login) == {}


def test_a_source_of_ftps_sends_over_tls_only(server: FtpReceiver, found: Logins, authority: trustme.CA) -> None:
    """Login and files both need TLS."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with ftplib.FTP_TLS(context=context) as client:  # noqa: S321 -- the subject of the test
        client.connect("localhost", server.port, timeout=30)
        client.login("secure", "secret")
        with pytest.raises(ftplib.error_perm, match="PROT P"):
            client.storbinary("STOR a.log", io.BytesIO(b"one\n"))
        client.prot_p()
        client.storbinary("STOR a.log", io.BytesIO(b"one\n"))
    assert content(login_of(found, "secure")) == {"a.log": b"one\n"}


def test_a_renewed_certificate_is_shown_without_a_restart(
    server: FtpReceiver, authority: trustme.CA, tmp_path: Path
) -> None:
    """For new connections; a file in transfer is unaffected."""
    renewed = trustme.CA()
    made = renewed.issue_cert("localhost")
    made.cert_chain_pems[0].write_to_path(str(tmp_path / "chain.pem"))
    with over_tls(server, "secure", authority) as client:
        assert client.pwd() == "/"
    made.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    with over_tls(server, "secure", renewed) as client:
        assert client.pwd() == "/"


def test_a_removed_source_takes_no_more(server: FtpReceiver, found: Logins) -> None:
    """A client that is still logged in gets an error at its next file."""
    with session(server, "plain") as client:
        found.serve({})
        with pytest.raises(ftplib.error_perm):
            client.storbinary("STOR a.log", io.BytesIO(b"one\n"))


def test_the_log_of_a_server_names_no_file_and_no_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does it grow by itself: the library would log at every iteration of its loop."""
    port = free_port()
    monkeypatch.setenv("OPENCASB_FTP_PORT", str(port))
    monkeypatch.setenv("OPENCASB_FTP_PASSIVE_PORTS", "")
    house = prepare(tmp_path / "data")
    bind(house)
    with running(house) as started:
        eventually(lambda: is_open(port))
        with ftplib.FTP() as client:  # noqa: S321 -- the subject of the test
            client.connect("127.0.0.1", port, timeout=30)
            client.login("gateway", "correct horse")
            client.storbinary("STOR a.log", io.BytesIO(b"one\n"))
            for _ in range(20):  # each takes an iteration
                client.voidcmd("NOOP")
        log = (started.house.data / "server.log").read_text("utf-8").lower()
    assert [word for word in ("ftp", "gateway", "a.log") if word in log] == []


def bind(house: House) -> None:
    """Give a data source a login."""
    casb = Casb.open(load(house.data))
    tenant_id = casb.tenants.all()[0].tenant_id
    made = casb.streams.create(tenant_id, "gw", StreamType.INPUT, source="SQUID_NATIVE", receiver="ftp")
    casb.bindings.change(tenant_id, made.stream_id, login="gateway", password_hash=hash_password("correct horse"))
    casb.close()


def is_open(port: int) -> bool:
    """Return whether the port is open."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
