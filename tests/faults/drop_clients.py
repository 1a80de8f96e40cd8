"""Clients that deliver files by FTP, FTPS, SFTP, folder and object store, and continue after server restarts."""

from __future__ import annotations

import asyncio
import ftplib
import os
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

import asyncssh

from opencasb.discovery.receivers.objects import open_store
from tests.faults.drops import File
from tests.server import eventually

PASSWORD = "correct horse battery"
PIECE_SECONDS: Final = 0.004
"""Delay between two pieces of a file, so that kills hit transfers and gaps equally often."""


class Ftp:
    """Sends over one session as long as it lasts; resumes interrupted files where possible."""

    def __init__(self, port: int, login: str, context: ssl.SSLContext | None = None) -> None:
        self._port = port
        self._login = login
        self._context = context
        self._session: ftplib.FTP | None = None
        self._broken = 0
        """Number of the interrupted file."""
        self.resumed = 0

    def connect(self) -> None:
        """Log in, unless a session is open."""
        if self._session is None:
            self._session = eventually(self._connected)

    def deliver(self, file: File, content: bytes) -> bool:
        """Send a file; returns whether the server acknowledged it."""
        self.connect()
        assert self._session is not None
        try:
            begun = self._size(self._session, file) if self._broken == file.number else 0
            self._send(self._session, file, content, begun if begun < len(content) else 0)
        except ftplib.error_perm:  # it has arrived completely, or another file has its name
            self._broken = 0
            return False
        except (OSError, EOFError, ftplib.Error):
            self.close()
            return False
        self._broken = 0
        return True

    def close(self) -> None:
        """End the session."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _connected(self) -> ftplib.FTP | None:
        session = ftplib.FTP_TLS(context=self._context) if self._context else ftplib.FTP()  # noqa: S321 -- the subject
        try:
            session.connect("localhost", self._port, timeout=20)
            session.login(self._login, PASSWORD)
            if isinstance(session, ftplib.FTP_TLS):
                session.prot_p()
            session.voidcmd("TYPE I")
        except (OSError, EOFError, ftplib.Error):  # the server may not have loaded its data sources yet
            session.close()
            return None
        return session

    def _size(self, session: ftplib.FTP, file: File) -> int:
        with suppress(ftplib.error_perm):
            return session.size(file.name) or 0
        return 0

    def _send(self, session: ftplib.FTP, file: File, content: bytes, begun: int) -> None:
        self.resumed += begun > 0
        with session.transfercmd(f"STOR {file.name}", rest=begun or None) as connection:
            self._broken = file.number
            for piece in pieces(content[begun:]):
                connection.sendall(piece)
                time.sleep(PIECE_SECONDS)
            if isinstance(connection, ssl.SSLSocket):
                connection.unwrap()
        session.voidresp()


class Sftp:
    """The same over SSH; an interrupted file is sent again."""

    def __init__(self, port: int, login: str) -> None:
        self._port = port
        self._login = login
        self._loop = asyncio.new_event_loop()
        self._connection: asyncssh.SSHClientConnection | None = None
        self._session: asyncssh.SFTPClient | None = None

    def connect(self) -> None:
        """Log in, unless a session is open."""
        self._loop.run_until_complete(self._connected())

    def deliver(self, file: File, content: bytes) -> bool:
        """Send a file; returns whether the server acknowledged closing it."""
        return self._loop.run_until_complete(self._deliver(file, content))

    def close(self) -> None:
        """End the session."""
        if self._connection is not None:
            self._connection.abort()
            self._loop.run_until_complete(self._connection.wait_closed())
        self._loop.close()

    async def _deliver(self, file: File, content: bytes) -> bool:
        try:
            session = await self._connected()
            written = await session.open(file.name, "wb")
            for number, piece in enumerate(pieces(content)):
                await written.write(piece, sum(map(len, pieces(content)[:number])))
                await asyncio.sleep(PIECE_SECONDS)
            await written.close()
        except (OSError, asyncssh.Error):
            self._session = None
            return False
        return True

    async def _connected(self) -> asyncssh.SFTPClient:
        while self._session is None:
            with suppress(OSError, asyncssh.Error):
                self._connection = await asyncssh.connect(
                    "localhost", self._port, username=self._login, password=PASSWORD, known_hosts=None, config=None,
                    agent_path=None, client_keys=None,
                )  # fmt: skip
                self._session = await self._connection.start_sftp_client()
                break
            await asyncio.sleep(0.05)
        return self._session


class Folder:
    """Writes under another name, and renames the file once no other file with its name is waiting."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, file: File, content: bytes) -> bool:
        """Move a file into place."""
        name = f"{file.number % 40}-{file.name}"
        part = self._folder / f"{name}.part"
        with part.open("wb") as written:
            for piece in pieces(content):
                written.write(piece)
                written.flush()
                time.sleep(PIECE_SECONDS)
        eventually(lambda: self._placed(part, self._folder / name), 3600)
        part.unlink()
        return True

    def waiting(self) -> bool:
        """Return whether files are waiting."""
        return any(path.is_file() for folder in (self._folder, self._folder / ".taking") for path in folder.glob("*"))

    def _placed(self, part: Path, path: Path) -> bool:
        with suppress(FileExistsError):
            path.hardlink_to(part)
            return True
        return False


class Growing:
    """A file written in place: half of it first, then continuously until it is ended."""

    def __init__(self, path: Path, content: bytes) -> None:
        self._path = path
        self._content = content
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> None:
        """Begin."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Write the rest."""
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        half = len(self._content) // 2
        with self._path.open("wb") as file:
            file.write(self._content[:half])
            file.flush()
            while not self._over.wait(0.02):
                os.utime(file.fileno())
            file.write(self._content[half:])


class Objects:
    """Puts objects into a bucket."""

    def __init__(self, url: str) -> None:
        self._store = open_store(url)

    def deliver(self, file: File, content: bytes) -> bool:
        """Put an object under a unique name."""
        import obstore

        obstore.put(self._store, f"{file.number}/{file.name}", content)
        return True

    def waiting(self, taken: dict[str, str]) -> bool:
        """Return whether objects are waiting."""
        import obstore

        return any(each["path"] not in taken for page in obstore.list(self._store) for each in page)


def pieces(content: bytes) -> list[bytes]:
    """Return pieces of a file that do not end at line ends."""
    return [content[at : at + 300] for at in range(0, len(content), 300)]
