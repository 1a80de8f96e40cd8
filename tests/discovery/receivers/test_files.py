"""Complete files are queued once, under their names and for their data source, whatever the receiver."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import obstore
import pytest
from obstore.store import MemoryStore

from opencasb.app import Casb
from opencasb.identity.passwords import hash_password
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding
from tests.discovery.queue import lease, run_next
from tests.discovery.receivers.running import LINES, add, connected, receiving, until


def bucket_of(casb: Casb, url: str) -> tuple[Stream, Binding]:
    """Add a data source that reads from an object store."""
    source = add(casb, "bucket", "object-store")
    return source, casb.bindings.change(source.tenant_id, source.stream_id, url=url)


def with_login(casb: Casb, receiver: str) -> Stream:
    """Add a data source to which a gateway may send files."""
    source = add(casb, "gw", receiver)
    hashed = hash_password("correct horse")
    casb.bindings.change(source.tenant_id, source.stream_id, login="gateway", password_hash=hashed)
    return source


async def send_by_ftp(port: int) -> None:
    """Send a file as soon as the server listens."""

    def send() -> None:
        with ftplib.FTP() as client:  # noqa: S321 -- the subject of the test
            client.connect("127.0.0.1", port, timeout=30)
            client.login("gateway", "correct horse")
            client.storbinary("STOR a.log", io.BytesIO(LINES))

    _, writer = await connected(port)
    writer.transport.abort()
    await asyncio.to_thread(send)


async def send_by_sftp(port: int) -> None:
    """Send a file as soon as the server listens."""
    _, writer = await connected(port)
    writer.transport.abort()
    options = {"known_hosts": None, "config": None, "agent_path": None, "client_keys": None}
    async with (
        asyncssh.connect("127.0.0.1", port, username="gateway", password="correct horse", **options) as connection,
        connection.start_sftp_client() as client,
        client.open("a.log", "wb") as file,
    ):
        await file.write(LINES)


@pytest.mark.parametrize("receiver", ["ftp", "sftp"])
def test_a_file_that_was_left_is_queued(casb: Casb, receiver: str) -> None:
    """For the data source of its login; the server runs because that source needs it, and a backup is kept."""
    source = with_login(casb, receiver)

    async def work() -> None:
        async with receiving(casb):
            await (send_by_ftp(casb.settings.ftp_port) if receiver == "ftp" else send_by_sftp(casb.settings.sftp_port))
            await until(lambda: casb.uploads.queued() == 1)

    asyncio.run(work())
    upload = lease(casb)
    assert (upload.origin, upload.filename, upload.stream_id) == (receiver, "a.log", source.stream_id)
    assert casb.intake.file(upload).read_bytes() == LINES
    kept = casb.settings.data / "receivers" / source.stream_id / "drop" / "processed" / "a.log"
    assert kept.read_bytes() == LINES


@contextlib.asynccontextmanager
async def half_sent(casb: Casb, receiver: str) -> AsyncIterator[None]:
    """Send the beginning of a file, and nothing more."""
    if receiver == "sftp":
        options = {"known_hosts": None, "config": None, "agent_path": None, "client_keys": None}
        port = casb.settings.sftp_port
        async with (
            asyncssh.connect("127.0.0.1", port, username="gateway", password="correct horse", **options) as connection,
            connection.start_sftp_client() as client,
        ):
            file = await client.open("half.log", "wb")
            await file.write(LINES)
            yield
        return
    with contextlib.closing(ftplib.FTP()) as ftp:  # noqa: S321 -- the subject of the test
        await asyncio.to_thread(ftp.connect, "127.0.0.1", casb.settings.ftp_port, 30)
        await asyncio.to_thread(ftp.login, "gateway", "correct horse")
        data = await asyncio.to_thread(ftp.transfercmd, "STOR half.log")
        data.sendall(LINES)
        yield
    data.close()


@pytest.mark.parametrize("receiver", ["ftp", "sftp"])
def test_a_sender_that_hangs_holds_up_no_other(casb: Casb, receiver: str) -> None:
    """Half of its file has come; those of others are taken meanwhile."""
    with_login(casb, receiver)

    async def work() -> None:
        port = casb.settings.ftp_port if receiver == "ftp" else casb.settings.sftp_port
        async with receiving(casb):
            _, writer = await connected(port)
            writer.transport.abort()
            async with half_sent(casb, receiver):
                await (send_by_ftp(port) if receiver == "ftp" else send_by_sftp(port))
                await until(lambda: casb.uploads.queued() == 1)

    asyncio.run(work())
    assert lease(casb).filename == "a.log"


def test_a_place_that_cannot_be_looked_at_is_told(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing bucket is an error of its source, is retried, and does not affect other sources."""
    bound = source, _ = bucket_of(casb, "s3://nowhere/logs/")
    files = casb.receivers._files
    with monkeypatch.context() as patched:

        def refuse(url: str) -> None:
            raise ConnectionError(f"{url} cannot be reached")

        patched.setattr("opencasb.discovery.receivers.files.open_store", refuse)
        files.serve([bound])
        files.poll()
        files.poll()
    casb.receivers._tallies.write()
    counted = casb.receiver_counters.get(source.tenant_id, source.stream_id)
    assert (counted.errors, counted.last_error) == (2, "ConnectionError: s3://nowhere/logs/ cannot be reached")


def test_a_store_that_hangs_holds_up_no_other_source(
    casb: Casb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of a folder are taken meanwhile."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_bytes(LINES)
    bucket, answer = bucket_of(casb, "s3://nowhere/logs/"), threading.Event()
    folder = add(casb, "folder", "folder", folder=str(tmp_path / "logs"))
    files = casb.receivers._files
    monkeypatch.setattr("opencasb.discovery.receivers.files.open_store", lambda _: answer.wait(60))
    monkeypatch.setattr("opencasb.discovery.receivers.polling.PATIENCE", 0.1)
    files.serve([bucket, (folder, casb.bindings.get(folder.tenant_id, folder.stream_id))])

    def is_queued() -> bool:
        files.poll()
        return casb.uploads.queued() == 1

    asyncio.run(until(is_queued))
    assert not answer.is_set()
    answer.set()
    asyncio.run(until(lambda: not files._polling._under_way))


def test_a_source_that_leaves_a_store_that_hangs_is_looked_at_elsewhere(
    casb: Casb, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look at the old bucket need not end before."""
    bound, answer, store = bucket_of(casb, "s3://hanging/logs/"), threading.Event(), MemoryStore()
    obstore.put(store, "a.log", LINES)
    files = casb.receivers._files

    def opened(url: str) -> MemoryStore:
        if "hanging" in url:
            answer.wait(60)
        return store

    monkeypatch.setattr("opencasb.discovery.receivers.files.open_store", opened)
    monkeypatch.setattr("opencasb.discovery.receivers.polling.PATIENCE", 0.1)
    files.serve([bound])
    files.poll()
    source, _ = bound
    files.serve([(source, casb.bindings.change(source.tenant_id, source.stream_id, url="s3://working/logs/"))])
    files.poll()
    assert casb.uploads.queued() == 1
    answer.set()
    asyncio.run(until(lambda: not files._polling._under_way))
    assert casb.uploads.queued() == 1


def test_a_source_deleted_while_it_is_looked_at_harms_nobody(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """What its look takes afterwards counts for no report, and its directory has no file left."""
    bound, answer, store = bucket_of(casb, "s3://hanging/logs/"), threading.Event(), MemoryStore()
    obstore.put(store, "a.log", LINES)
    files, (source, _) = casb.receivers._files, bound

    def opened(_url: str) -> MemoryStore:
        answer.wait(60)
        return store

    monkeypatch.setattr("opencasb.discovery.receivers.files.open_store", opened)
    monkeypatch.setattr("opencasb.discovery.receivers.polling.PATIENCE", 0.1)
    files.serve([bound])
    files.poll()
    casb.streams.delete(source.tenant_id, source.stream_id)
    files.serve([])
    files.poll()
    answer.set()
    asyncio.run(until(lambda: not files._polling._under_way))
    assert run_next(casb).state == "failed"
    assert casb.lake.version(source.tenant_id) == -1
    assert [*(casb.settings.data / "receivers" / source.stream_id).glob("*.part")] == []


def test_a_store_that_is_away_is_logged_once_and_in_a_line(
    casb: Casb, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Although every poll fails, after varying times and with long messages."""
    bound = source, _ = bucket_of(casb, "s3://nowhere/logs/")
    answers = iter(
        f"Generic S3 error: Error performing GET http://s3/ in {took} - 403 Forbidden: <Id>{took}</Id>\n\nDebug\n{{}}"
        for took in ("1.65ms", "30.5s", "12µs")
    )

    def refuse(_url: str) -> None:
        raise ConnectionError(next(answers))

    files = casb.receivers._files
    with monkeypatch.context() as patched:
        patched.setattr("opencasb.discovery.receivers.files.open_store", refuse)
        files.serve([bound])
        for _ in range(3):
            files.poll()
    logged = "".join(capsys.readouterr())
    assert (logged.count("receiver failed"), "Debug" in logged) == (1, False)
    casb.receivers._tallies.write()
    counted = casb.receiver_counters.get(source.tenant_id, source.stream_id)
    assert (counted.errors, counted.last_error) == (
        3,
        "ConnectionError: Generic S3 error: Error performing GET http://s3/ in 12µs - 403 Forbidden: <Id>12µs</Id>",
    )


def test_a_store_that_is_back_is_logged_once(
    casb: Casb, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line when it goes away and one when it is back, however late, but not while an object still fails."""
    bound = bucket_of(casb, "s3://logs/")
    looks, hours = "aawwaafffww", iter(range(100))
    state = ""

    def opened(_url: str) -> MemoryStore:
        if state == "a":
            raise ConnectionError("away")
        return store

    def take(*_: object, **__: object) -> None:
        if state == "f":
            raise ValueError("no log")

    store = MemoryStore()
    files = casb.receivers._files
    monkeypatch.setattr("opencasb.discovery.receivers.files.open_store", opened)
    monkeypatch.setattr("opencasb.discovery.receivers.files.time.monotonic", lambda: next(hours) * 500.0)
    monkeypatch.setattr("opencasb.discovery.receivers.attempts.FIRST_WAIT", 0.0)
    monkeypatch.setattr(casb.intake, "enqueue", take)
    files.serve([bound])
    logged = []
    for state in looks:
        if state == "f":
            obstore.put(store, "a.log", LINES)
        files.poll()
        lines = "".join(capsys.readouterr()).splitlines()
        logged += [
            "failed" if "receiver failed" in line else "back" if "works again" in line else "?" for line in lines
        ]
    assert logged == ["failed", "back", "failed", "failed", "back"]


def test_a_missing_folder_counts_as_an_error_once(casb: Casb, tmp_path: Path) -> None:
    """With the reason, to explain why no files arrive."""
    folder = tmp_path / "nowhere"
    source = add(casb, "drop", "folder", folder=str(folder))
    files = casb.receivers._files
    for _ in range(2):
        files.serve([(source, casb.bindings.get(source.tenant_id, source.stream_id))])
        files.poll()
    casb.receivers._tallies.write()
    counted = casb.receiver_counters.get(source.tenant_id, source.stream_id)
    assert (counted.errors, counted.last_error) == (1, f"NotADirectoryError: the folder {folder} is not there")


def test_what_changed_of_a_source_holds_for_its_next_file(casb: Casb, tmp_path: Path) -> None:
    """The folder is still watched, with the source's new settings."""
    folder = tmp_path / "logs"
    folder.mkdir()
    made = add(casb, "drop", "folder", folder=str(folder))
    files, binding = casb.receivers._files, casb.bindings.get(made.tenant_id, made.stream_id)
    files.serve([(made, binding)])
    (folder / "a.log").write_bytes(LINES)
    files.poll()
    casb.streams.update(made.tenant_id, made.stream_id, source="BLUECOAT")
    files.serve([(casb.streams.listening()[0], binding)])
    files.poll()
    upload = lease(casb)
    assert upload.source == "BLUECOAT"


def test_a_heap_of_files_waits_where_it_is(casb: Casb, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more files of a source are queued than the queue allows; other sources are not delayed."""
    monkeypatch.setattr("opencasb.discovery.receivers.files.MOST_QUEUED", 2)
    files, sources = casb.receivers._files, []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        for number in range(3):
            (folder / f"{number}.log").write_bytes(LINES)
        made = add(casb, name, "folder", folder=str(folder))
        sources.append((made, casb.bindings.get(made.tenant_id, made.stream_id)))
    files.serve(sources)
    for _ in range(3):
        files.poll()
    assert casb.uploads.queued() == 4
    assert [path.name for path in (tmp_path / "first").glob("*.log")] == ["2.log"]
    casb.uploads.finish(lease(casb), "done", {}, lambda _: None)
    files.poll()
    assert casb.uploads.queued() == 4
