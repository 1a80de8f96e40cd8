"""SFTP: files from appliances arrive completely or not at all."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event
from typing import Any

import asyncssh
import pytest
from asyncssh.constants import FXF_APPEND, FXF_CREAT, FXF_WRITE

from opencasb.discovery.receivers.drop import UNDER_WAY
from opencasb.discovery.receivers.logins import Login, Logins
from opencasb.discovery.receivers.sftp import CONCURRENT_CHECKS, SftpReceiver, host_keys
from opencasb.discovery.receivers.sftp_session import MOST_PER_ADDRESS, Connection
from tests.discovery.receivers.dropping import content, login_of, logins, source
from tests.discovery.receivers.running import until

KEY = asyncssh.generate_private_key("ssh-ed25519")
PUBLIC = KEY.export_public_key().decode()


def ssh_string(content: bytes) -> bytes:
    """Return bytes prefixed with their length, as for a packet or a string in one."""
    return len(content).to_bytes(4, "big") + content


INIT, OPEN, WRITING = b"\1\0\0\0\3", b"\3\0\0\0\1", b"\0\0\0\x1a" + bytes(4)
WRITE_ONE = b"\6\0\0\0\2" + ssh_string(bytes(4)) + bytes(8) + ssh_string(b"one\n")
"""Packets of protocol version 3: the first file of a session has handle 0."""


def content_under_way(login: Login) -> bytes:
    """Return the content of unfinished files."""
    return b"".join(path.read_bytes() for path in login.folder.folder.glob(f"{UNDER_WAY}*"))


@pytest.fixture(scope="module")
def made_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of host keys, which take seconds to make."""
    folder = tmp_path_factory.mktemp("made") / "keys"
    host_keys(folder / "host")
    return folder


@pytest.fixture
def found(tmp_path: Path, made_keys: Path) -> Logins:
    """The logins of a source with a password and a key, and of an FTP source; the server has its host keys."""
    shutil.copytree(made_keys, tmp_path / "keys")
    return logins(tmp_path, source("ssh", "sftp", public_keys=f"\n{PUBLIC}\nno key\n"), source("plain", "ftp"))


@asynccontextmanager
async def server(found: Logins, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Run a server; yields a function that connects to it."""
    opened = SftpReceiver("127.0.0.1", 0, found, tmp_path / "keys" / "host", failed_seconds=0)
    await opened.open()
    keys = [key.export_public_key().decode() for key in host_keys(tmp_path / "keys" / "host")]
    known = asyncssh.import_known_hosts("".join(f"[127.0.0.1]:{opened.port} {key}" for key in keys))

    def connect(name: str, **given: Any) -> Any:
        return asyncssh.connect(
            "127.0.0.1", opened.port, username=name, known_hosts=known, config=None, agent_path=None,
            **{"client_keys": None, **given},
        )  # fmt: skip

    try:
        yield connect
    finally:
        await opened.close()


def run(found: Logins, tmp_path: Path, work: Callable[[Callable[..., Any]], Awaitable[None]]) -> None:
    """Run a function against a server."""

    async def both() -> None:
        async with server(found, tmp_path) as connect:
            await work(connect)

    asyncio.run(both())


def test_a_file_is_whole_when_its_handle_is_closed(found: Logins, tmp_path: Path) -> None:
    """By password or key, in a subdirectory, under a name that is changed at the end."""
    login = login_of(found, "ssh")

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection, connection.start_sftp_client() as client:
            async with client.open("/logs/a.log", "wb") as file:
                await file.write(b"one\ntwo\n")
                assert content(login) == {}
            assert content(login) == {"a.log": b"one\ntwo\n"}
            assert (await client.stat("a.log")).size == 8
        async with connect("ssh", client_keys=[KEY]) as connection, connection.start_sftp_client() as client:
            await client.mkdir("2025")
            (tmp_path / "own").write_bytes(b"three\n")
            await client.put(tmp_path / "own", "2025/b.part", preserve=True)
            await client.rename("2025/b.part", "2025/b.log")
            assert sorted(await client.listdir("2025")) == ["a.log", "b.log"]
            await client.remove("a.log")

    run(found, tmp_path, work)
    assert content(login) == {"b.log": b"three\n"}


def test_the_end_of_a_channel_ends_no_file(found: Logins, tmp_path: Path) -> None:
    """The sender was killed, but its SSH client lives on and signals end of file."""
    login = login_of(found, "ssh")

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection:
            sender, answers, _ = await connection.open_session(subsystem="sftp", encoding=None)
            sender.write(b"".join(map(ssh_string, (INIT, OPEN + ssh_string(b"a.log") + WRITING, WRITE_ONE))))
            while not content_under_way(login):
                await answers.read(1)
            sender.write_eof()
            await answers.read()
        assert content(login) == {}
        assert content_under_way(login) == b"one\n"

    run(found, tmp_path, work)


def test_a_lost_connection_ends_no_file(found: Logins, tmp_path: Path) -> None:
    """Its content is kept for the sender to resume."""
    login = login_of(found, "ssh")

    async def work(connect: Callable[..., Any]) -> None:
        connection = await connect("ssh", password="secret")
        client = await connection.start_sftp_client()
        file = await client.open("a.log", "wb")
        await file.write(b"one\n")
        connection.abort()
        await connection.wait_closed()
        async with connect("ssh", password="secret") as connection, connection.start_sftp_client() as client:
            assert content(login) == {}
            assert (await client.stat("a.log")).size == 4
            for _ in range(1000):
                try:
                    file = await client.open("a.log", "r+b")
                except asyncssh.SFTPPermissionDenied:  # the server has not noticed yet
                    await asyncio.sleep(0.01)
                else:
                    break
            await file.write(b"two\n", 4)
            await file.close()

    run(found, tmp_path, work)
    assert content(login) == {"a.log": b"one\ntwo\n"}


def test_a_session_that_went_well_says_so(found: Logins, tmp_path: Path) -> None:
    """Without an exit status, OpenSSH's ``scp`` exits with 1 although its file has arrived."""

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection:
            sender, answers, _ = await connection.open_session(subsystem="sftp", encoding=None)
            sender.write(ssh_string(INIT))
            sender.write_eof()
            await answers.read()
            await sender.wait_closed()
            assert sender.channel.get_exit_status() == 0

    run(found, tmp_path, work)


def test_files_come_by_the_older_scp(found: Logins, tmp_path: Path) -> None:
    """As sent by ``scp -O`` and OpenSSH before 9: single files, several, and directories; none can be fetched."""
    login = login_of(found, "ssh")
    (tmp_path / "logs.d").mkdir()
    own = tmp_path / "logs.d" / "a.log"
    own.write_bytes(b"one\n")

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection:
            await asyncssh.scp(own, (connection, "b.log"))
            await asyncssh.scp(own, (connection, "."), preserve=True)
            await asyncssh.scp(tmp_path / "logs.d", (connection, "/new.d"), recurse=True)
            with pytest.raises(asyncssh.SFTPError):
                await asyncssh.scp((connection, "b.log"), tmp_path / "fetched")

    run(found, tmp_path, work)
    assert content(login) == {"a.log": b"one\n", "a-2.log": b"one\n", "b.log": b"one\n"}


def test_a_directory_that_a_sender_made_is_one(found: Logins, tmp_path: Path) -> None:
    """Whatever its name: lftp looks for ``dir/.``, others for the directory itself, before they send files to it."""

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection, connection.start_sftp_client() as client:
            await client.mkdir("fw1.example.com")
            for path in ("fw1.example.com", "/fw1.example.com/", "/logs/."):
                assert (await client.stat(path)).type == asyncssh.FILEXFER_TYPE_DIRECTORY
            await client.rmdir("fw1.example.com")
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await client.stat("fw1.example.com")

    run(found, tmp_path, work)


def test_a_file_that_has_come_whole_is_not_gone_on_with(found: Logins, tmp_path: Path) -> None:
    """As with ``put -a``, which asks for the size and sends the rest: the sender gets an error every time."""
    login = login_of(found, "ssh")

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection, connection.start_sftp_client() as client:
            async with client.open("a.log", "wb") as file:
                await file.write(b"one\n")
            for is_taken in (False, True, True):
                if is_taken:
                    login.folder.take(lambda _path, _id: None)
                size = (await client.stat("a.log")).size
                file = await client.open("a.log", FXF_WRITE | FXF_CREAT | FXF_APPEND, encoding=None)
                for offset in (size, size + 4):
                    with pytest.raises(asyncssh.SFTPFailure, match="from the beginning"):
                        await file.write(b"two\n", offset)
                with pytest.raises(asyncssh.SFTPFailure, match="could not be kept"):
                    await file.close()
                assert content(login) == ({} if is_taken else {"a.log": b"one\n"})
                assert [*login.folder.folder.glob(f"{UNDER_WAY}*")] == []
            async with client.open("a.log", "ab") as file:  # appending starts a new file, as with APPE
                await file.write(b"three\n")

    run(found, tmp_path, work)
    assert content(login) == {"a.log": b"three\n"}


def test_a_file_with_a_piece_that_was_not_kept_is_not_whole(
    found: Logins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender may still close it; the content up to the gap is kept for resuming."""
    login = login_of(found, "ssh")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection, connection.start_sftp_client() as client:
            file = await client.open("a.log", "wb")
            await file.write(b"one\n")
            with monkeypatch.context() as patched:
                patched.setattr("os.pwrite", full)
                with pytest.raises(asyncssh.SFTPFailure, match="cannot be kept"):
                    await file.write(b"two\n")
            with pytest.raises(asyncssh.SFTPFailure, match="from the beginning"):
                await file.write(b"three\n", 8)
            with pytest.raises(asyncssh.SFTPFailure, match="could not be kept"):
                await file.close()
            assert (content(login), content_under_way(login)) == ({}, b"one\n")
            async with client.open("a.log", "r+b") as file:
                await file.write(b"two\n", 4)

    run(found, tmp_path, work)
    assert content(login) == {"a.log": b"one\ntwo\n"}


def test_files_can_be_sent_not_fetched(found: Logins, tmp_path: Path) -> None:
    """Logs are not readable by senders, no name leaves the directory, and there is no shell."""

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret") as connection, connection.start_sftp_client() as client:
            async with client.open("../../a.log", "wb") as file:
                await file.write(b"one\n")
            for attempt in (
                client.open("a.log", "rb"), client.open(".hidden", "wb"), client.symlink("/etc/passwd", "b.log"),
                client.remove("b.log"), client.rename("b.log", "c.log"),
            ):  # fmt: skip
                with pytest.raises(asyncssh.SFTPError):
                    await attempt
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await client.stat("b.log")
            with pytest.raises(asyncssh.Error):
                await connection.run("id", check=True)

    run(found, tmp_path, work)
    assert content(login_of(found, "ssh")) == {"a.log": b"one\n"}


@pytest.mark.parametrize("algorithm", ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256"])
def test_senders_without_new_algorithms_know_the_server(found: Logins, tmp_path: Path, algorithm: str) -> None:
    """With keys that stay the same: JSch, used by Java appliances, has no Ed25519."""
    kept = [key.export_public_key() for key in host_keys(tmp_path / "keys" / "host")]

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", password="secret", server_host_key_algs=[algorithm]) as connection:
            assert connection.get_server_host_key() is not None

    run(found, tmp_path, work)
    assert [key.export_public_key() for key in host_keys(tmp_path / "keys" / "host")] == kept
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_others_do_not_get_in(found: Logins, tmp_path: Path) -> None:
    """A wrong password, an unknown login, another receiver's login, an unknown key."""

    async def work(connect: Callable[..., Any]) -> None:
        other = asyncssh.generate_private_key("ssh-ed25519")
        for name, given in (
            ("ssh", {"password": "wrong"}), ("nobody", {"password": "secret"}), ("plain", {"password": "secret"}),
            ("ssh", {"client_keys": [other]}), ("nobody", {"client_keys": [KEY]}),
        ):  # fmt: skip
            with pytest.raises(asyncssh.PermissionDenied):
                await connect(name, **given)

    run(found, tmp_path, work)


def test_guesses_take_their_turn(found: Logins, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a few passwords are compared at a time, however many connections: uploads need the same threads."""
    guesses, came, most = 8, 0, 0
    compared: list[int] = []
    goes_on = Event()
    validate = Connection.validate_password

    async def validated(connection: Connection, username: str, password: str) -> bool:
        nonlocal came
        came += 1
        return await validate(connection, username, password)

    def slow(*_: object) -> None:
        nonlocal most
        compared.append(1)
        most = max(most, len(compared))
        assert goes_on.wait(60)
        compared.pop()

    monkeypatch.setattr(Connection, "validate_password", validated)
    monkeypatch.setattr(found, "checked", slow)

    async def guess(connect: Callable[..., Any]) -> None:
        with pytest.raises(asyncssh.PermissionDenied):
            await connect("ssh", password="wrong")

    async def work(connect: Callable[..., Any]) -> None:
        guessing = asyncio.gather(*(guess(connect) for _ in range(guesses)))
        await until(lambda: came == guesses)
        goes_on.set()
        await guessing

    run(found, tmp_path, work)
    assert 1 <= most <= CONCURRENT_CHECKS


def test_an_address_has_so_many_connections_and_no_more(found: Logins, tmp_path: Path) -> None:
    """One more is closed at once, and there is room again as soon as others have ended."""

    async def work(connect: Callable[..., Any]) -> None:
        async with connect("ssh", client_keys=[KEY]) as session:
            port = session.get_extra_info("peername")[1]
            idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_PER_ADDRESS - 1)]
            for reader, _ in idle:
                assert (await reader.readline()).startswith(b"SSH-")
            with pytest.raises((asyncssh.ConnectionLost, ConnectionError)):
                await connect("ssh", client_keys=[KEY])
            for _, writer in idle:
                writer.close()
                await writer.wait_closed()
        async with connect("ssh", client_keys=[KEY]) as session, session.start_sftp_client() as client:
            assert await client.isdir(".")

    run(found, tmp_path, work)
