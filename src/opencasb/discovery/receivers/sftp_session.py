"""What an SFTP session may do: drop files in its data source's directory, and list them.

Imported when the server starts, because importing asyncssh is slow.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, cast

import asyncssh
import structlog
from asyncssh.constants import (
    ACE4_APPEND_DATA,
    ACE4_WRITE_DATA,
    FXF_ACCESS_DISPOSITION,
    FXF_CREATE_NEW,
    FXF_CREATE_TRUNCATE,
    FXF_TRUNC,
    FXF_TRUNCATE_EXISTING,
    FXF_WRITE,
)

from opencasb.discovery.receivers.drop import DropFolder, Incoming, Missing, Refused
from opencasb.discovery.receivers.logins import Login, Logins

_log = structlog.get_logger(__name__)

RECEIVERS: Final = ("sftp",)
MOST_CONNECTIONS: Final = 1024
MOST_PER_ADDRESS: Final = 64
"""Connections open at the same time, as for FTP: before its login times out, each costs a file and a key exchange."""
_WRITING: Final = ACE4_WRITE_DATA | ACE4_APPEND_DATA
_FRESH: Final = frozenset({FXF_CREATE_NEW, FXF_CREATE_TRUNCATE, FXF_TRUNCATE_EXISTING})
_ONLY_SENT: Final = "files can be sent, not fetched"
_NO_LINKS: Final = "there are no links"


class Connection(asyncssh.SSHServer):
    """Admits the logins of data sources, by password or key."""

    def __init__(self, logins: Logins, failed_seconds: float, turn: asyncio.Semaphore, peers: Counter[str]) -> None:
        """Compare a password only in its ``turn``, so that guessing cannot use up the threads that uploads need.

        ``peers`` counts the open connections of each address.
        """
        self._logins = logins
        self._failed_seconds = failed_seconds
        self._turn = turn
        self._peers = peers
        self._address = ""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Count the connection of the peer's address; end it if there are too many."""
        self._address = str((conn.get_extra_info("peername") or ("",))[0])
        self._peers[self._address] += 1
        if self._peers[self._address] > MOST_PER_ADDRESS or self._peers.total() > MOST_CONNECTIONS:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        del exc
        self._peers.subtract((self._address,))
        if not self._peers[self._address]:
            del self._peers[self._address]

    def password_auth_supported(self) -> bool:
        """Return True: passwords are accepted."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Check a password; a wrong one is answered with a delay."""
        async with self._turn:
            found = await asyncio.to_thread(self._logins.checked, username, password, RECEIVERS, self._address)
        if found is not None:
            return True
        await asyncio.sleep(self._failed_seconds)
        return False

    def public_key_auth_supported(self) -> bool:
        """Return True: keys are accepted."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Check that a key is one of the data source's."""
        found = self._logins.get(username, RECEIVERS)
        return found is not None and key in keys_of(found)


def keys_of(login: Login) -> list[asyncssh.SSHKey]:
    """Return the keys of a login; invalid ones were refused when they were entered."""
    found = []
    for line in login.binding.public_keys.splitlines():
        try:
            found.append(asyncssh.import_public_key(line))
        except asyncssh.KeyImportError:
            _log.warning("the public key of a login is not valid", login=login.binding.login)
    return found


class Files(asyncssh.SFTPServer):
    """The directory of a data source, whatever directory a sender creates or asks for.

    Closing a handle completes a file. If the connection or the channel ends first, the file stays in transfer.
    """

    def __init__(self, channel: asyncssh.SSHServerChannel[bytes], logins: Logins) -> None:
        super().__init__(channel)
        self._own_channel = channel
        self._logins = logins
        self._made: set[bytes] = set()
        """Directories that the sender has created and looks for, whatever their names."""

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file for writing."""
        del attrs
        return self._opened(path, writing=bool(pflags & FXF_WRITE), fresh=bool(pflags & FXF_TRUNC))

    def open56(self, path: bytes, desired_access: int, flags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file for writing, in later versions of the protocol."""
        del attrs
        fresh = flags & FXF_ACCESS_DISPOSITION in _FRESH
        return self._opened(path, writing=bool(desired_access & _WRITING), fresh=fresh)

    async def close(self, file_obj: object) -> None:
        """Complete a file, but only if the sender closed it rather than just disappeared."""
        incoming = cast("Incoming", file_obj)
        try:
            if not self._is_left():
                with _answered():
                    await asyncio.to_thread(incoming.commit)
        finally:
            incoming.close()

    def exit(self) -> None:
        """Report success for the session: OpenSSH's ``scp`` takes silence as failure of the whole copy."""
        self._own_channel.exit(0)

    def _is_left(self) -> bool:
        """Return whether the sender is gone or will send no more: its SSH client may outlive it."""
        return self._own_channel.is_closing() or self._own_channel._recv_state != "open"  # noqa: SLF001 -- nothing tells

    def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write a piece."""
        with _answered():
            return cast("Incoming", file_obj).write_at(offset, data)

    def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Refuse to read."""
        del file_obj, offset, size
        raise asyncssh.SFTPPermissionDenied(_ONLY_SENT)

    def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """Return the attributes of a file in transfer."""
        return asyncssh.SFTPAttrs.from_local(os.fstat(cast("Incoming", file_obj).fileno()))

    def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Return the attributes of a file; what looks like a directory is one."""
        return asyncssh.SFTPAttrs.from_local(self._found(path).stat())

    lstat = stat

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs, *, follow_symlinks: bool = True) -> None:
        """Do nothing: times and permissions are ours."""

    lsetstat = setstat

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Do nothing: times and permissions are ours."""

    def realpath(self, path: bytes) -> bytes:
        """Return the sender's notion of its path."""
        return os.path.normpath(b"/" + path)

    def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Note that the path now looks like a directory: there is only one."""
        del attrs
        self._made.add(self.realpath(path))

    def rmdir(self, path: bytes) -> None:
        """Note that the path no longer looks like a directory."""
        self._made.discard(self.realpath(path))

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """Yield the waiting files."""
        del path
        folder = self._drop()
        for name in folder.names():
            attributes = asyncssh.SFTPAttrs.from_local((folder.folder / name).stat())
            yield asyncssh.SFTPName(name.encode(), attrs=attributes)

    def remove(self, path: bytes) -> None:
        """Remove a waiting file."""
        with _answered():
            self._drop().remove(_text(path))

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename a waiting file."""
        with _answered():
            self._drop().rename(_text(oldpath), _text(newpath))

    posix_rename = rename

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """Refuse to create a link."""
        del oldpath, newpath
        raise asyncssh.SFTPPermissionDenied(_NO_LINKS)

    link = symlink

    def readlink(self, path: bytes) -> bytes:
        """Refuse to read a link."""
        del path
        raise asyncssh.SFTPNoSuchFile(_NO_LINKS)

    def statvfs(self, path: bytes) -> os.statvfs_result:
        """Return the space available."""
        del path
        return os.statvfs(self._drop().folder)

    def fstatvfs(self, file_obj: object) -> os.statvfs_result:
        """Return the space available."""
        del file_obj
        return os.statvfs(self._drop().folder)

    def _opened(self, path: bytes, *, writing: bool, fresh: bool) -> Incoming:
        if not writing:
            raise asyncssh.SFTPPermissionDenied(_ONLY_SENT)
        with _answered():
            return self._drop().write(_text(path), resumed=not fresh)

    def _drop(self) -> DropFolder:
        found = self._logins.get(str(self._own_channel.get_extra_info("username")), RECEIVERS)
        if found is None:
            raise asyncssh.SFTPPermissionDenied("the data source is gone")
        return found.folder

    def _found(self, path: bytes) -> Path:
        drop, text = self._drop(), _text(path)
        last = text.rpartition("/")[2]
        is_folder = last in {".", ".."} or "." not in last or self.realpath(path) in self._made
        try:
            found = drop.find(text)
        except OSError:  # not a valid file name
            found = None
        if found is None and not is_folder:
            raise asyncssh.SFTPNoSuchFile("no such file")
        return found or drop.folder


@contextmanager
def _answered() -> Iterator[None]:
    """Translate file errors into responses of the protocol."""
    try:
        yield
    except Refused as error:
        raise asyncssh.SFTPPermissionDenied(str(error)) from error
    except Missing as error:
        raise asyncssh.SFTPFailure(str(error)) from error
    except OSError as error:
        _log.error("file cannot be kept", error=repr(error))
        raise asyncssh.SFTPFailure("the file cannot be kept") from error


def _text(path: bytes) -> str:
    return path.decode("utf-8", "replace")
