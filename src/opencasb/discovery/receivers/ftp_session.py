"""What an FTP session may do: drop files in its data source's directory, and list them.

Imported when the server starts, because importing pyftpdlib is slow.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final

from OpenSSL import SSL
from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS, FilesystemError
from pyftpdlib.handlers import TLS_FTPHandler

from opencasb.discovery.receivers.drop import DropFolder, Incoming
from opencasb.discovery.receivers.ftp_transfer import Data
from opencasb.discovery.receivers.logins import Login, Logins

RECEIVERS: Final = ("ftp", "ftps")
PERMITTED: Final = "elrawdfm"
"""List, query sizes, write, append, delete, rename, make directories; permissions and times are ours."""

UNUSED: Final = frozenset({"STOU", "MFMT", "SITE CHMOD"})
"""Commands that are not offered."""

OPENING: Final = frozenset({"PASV", "EPSV", "PORT", "EPRT"})
"""Commands that open a data connection."""


def tls_context(chain: Path, key: Path) -> SSL.Context:
    """Return the TLS context of FTPS. Raises ``OpenSSL.SSL.Error`` if a file cannot be used.

    Only TLS 1.2: in TLS 1.3 a sender that closes without having read its session tickets resets the connection, which
    destroys the end of its file, and pyOpenSSL cannot turn tickets off.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.use_certificate_chain_file(str(chain))
    context.use_privatekey_file(str(key))
    return context


class Files(AbstractedFS):  # type: ignore[misc]  # has no types
    """The directory of a data source, whatever directory a sender creates or changes to."""

    def __init__(self, root: str, cmd_channel: Any) -> None:
        super().__init__(root, cmd_channel)
        self._made: set[str] = set()
        """Directories that the sender has created or changed to, whatever their names."""

    @property
    def _drop(self) -> DropFolder:
        login: Login = self.cmd_channel.login()
        return login.folder

    def ftp2fs(self, ftppath: str) -> str:
        """Return the path of a file as its sender sees it, below our directory."""
        return f"{self.root}{self.ftpnorm(ftppath)}"

    def validpath(self, path: str) -> bool:
        """Return whether a path is below our directory."""
        return path.startswith(f"{self.root}/")

    def open(self, filename: str, mode: str) -> Incoming:
        """Open a file for writing."""
        if mode.startswith("r") and "+" not in mode:
            raise FilesystemError("Files can be sent, not fetched")
        try:
            incoming = self._drop.write(filename, resumed=mode[0] in "ar")
        except OSError as error:
            raise FilesystemError(str(error)) from error
        if mode.startswith("a"):
            incoming.seek(0, 2)
        return incoming

    def getsize(self, path: str) -> int:
        """Return how much of a file has arrived."""
        return self._found(path).stat().st_size

    def is_under_way(self, path: str) -> bool:
        """Return whether a file has arrived in part."""
        try:
            return self._drop.is_under_way(path)
        except OSError:  # not a valid file name
            return False

    def stat(self, path: str) -> Any:
        """Return the file system's attributes of a file."""
        return self._found(path).stat()

    lstat = stat

    def isfile(self, path: str) -> bool:
        """Return whether a file has arrived, in part or whole."""
        return self._seek(path) is not None

    def isdir(self, path: str) -> bool:
        """Treat whatever looks like a directory as one."""
        path = path.rstrip("/")
        return self._is_root(path) or path in self._made or (self._seek(path) is None and "." not in Path(path).name)

    def lexists(self, path: str) -> bool:
        """Return whether a file or directory exists."""
        return self.isdir(path) or self.isfile(path)

    def islink(self, path: str) -> bool:
        """Return False: links are not supported."""
        del path
        return False

    def realpath(self, path: str) -> str:
        """Return the path unchanged: links are not supported."""
        return path

    def chdir(self, path: str) -> None:
        """Note the sender's notion of its current directory."""
        self.cwd = self.fs2ftp(path)
        self.mkdir(path)

    def mkdir(self, path: str) -> None:
        """Note that the path now looks like a directory: there is only one."""
        self._made.add(path.rstrip("/"))

    def rmdir(self, path: str) -> None:
        """Note that the path no longer looks like a directory."""
        self._made.discard(path.rstrip("/"))

    def listdir(self, path: str) -> list[str]:
        """Return the names of the waiting files."""
        del path
        return self._drop.names()

    def rename(self, src: str, dst: str) -> None:
        """Rename a waiting file."""
        self._drop.rename(src, dst)

    def remove(self, path: str) -> None:
        """Remove a waiting file."""
        self._drop.remove(path)

    def _is_root(self, path: str) -> bool:
        return path.rstrip("/") == str(self.root).rstrip("/")

    def _seek(self, path: str) -> Path | None:
        if self._is_root(path):
            return None
        try:
            return self._drop.find(path)
        except OSError:  # not a valid file name
            return None

    def _found(self, path: str) -> Path:
        found = self._drop.folder if self.isdir(path) else self._seek(path)
        if found is None:
            raise FilesystemError("No such file")
        return found


class Authorizer(DummyAuthorizer):  # type: ignore[misc]  # has no types
    """Authorises sessions by the logins of data sources."""

    def __init__(self, logins: Logins) -> None:
        super().__init__()
        self._logins = logins

    def validate_authentication(self, username: str, password: str, handler: Any) -> None:
        """Check a password; a plain connection is accepted only for sources that allow it."""
        allowed = RECEIVERS if handler.is_secure else ("ftp",)
        if self._logins.checked(username, password, allowed, handler.remote_ip) is None:
            raise AuthenticationFailed("Login incorrect, or allowed over TLS only.")

    def has_user(self, username: str) -> bool:
        """Return whether a data source has that login."""
        return self._logins.get(username, RECEIVERS) is not None

    def get_home_dir(self, username: str) -> str:
        """Return the directory of the login's data source."""
        found = self._logins.get(username, RECEIVERS)
        if found is None:
            raise AuthenticationFailed("The data source is gone.")
        return str(found.folder.folder)

    def has_perm(self, username: str, perm: str, path: str | None = None) -> bool:
        """Return whether an operation is permitted."""
        del path
        return self.has_user(username) and perm in PERMITTED

    def get_perms(self, username: str) -> str:
        """Return the permitted operations."""
        del username
        return PERMITTED

    def get_msg_login(self, username: str) -> str:
        """Return a greeting."""
        del username
        return "Welcome."

    def get_msg_quit(self, username: str) -> str:
        """Return a farewell."""
        del username
        return "Goodbye."


class Control(TLS_FTPHandler):  # type: ignore[misc]  # has no types
    """A control connection; settings that differ between servers are set on a subclass."""

    logins: ClassVar[Logins]
    certificate: ClassVar[Callable[[], tuple[Path, Path]]]
    dtp_handler = Data
    abstracted_fs = Files
    banner = "Log files, please."
    use_sendfile = False
    _restart_position: int
    max_login_attempts = 3
    proto_cmds: ClassVar[dict[str, Any]] = {
        name: told for name, told in TLS_FTPHandler.proto_cmds.items() if name not in UNUSED
    }

    @classmethod
    def get_ssl_context(cls) -> SSL.Context:
        """Return the TLS context of a new connection from the current files; unusable ones change nothing."""
        with suppress(OSError, ValueError, SSL.Error):
            cls.ssl_context = tls_context(*cls.certificate())
        context: SSL.Context = super().get_ssl_context()
        return context

    @property
    def is_secure(self) -> bool:
        """Whether this connection uses TLS."""
        return bool(self._ssl_established)

    def login(self) -> Login:
        """Return the login that this session belongs to."""
        found = self.logins.get(self.username, RECEIVERS)
        if found is None:
            raise FilesystemError("The data source is gone")
        return found

    def ftp_STOR(self, file: str, mode: str = "w") -> str | None:  # noqa: N802 -- the name of the command
        """Receive a file; resume one (REST) only while it is in transfer.

        A complete file of that name may be a different one: its size does not tell where this one broke off.
        """
        if self._restart_position and not self.fs.is_under_way(file):
            self._restart_position = 0
            self.respond("554 Nothing of this file is under way: send it without REST.")
            return None
        told: str | None = super().ftp_STOR(file, mode)
        return told

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        """Refuse plain data connections if the source demands TLS."""
        if cmd in OPENING and not self._prot and self.logins.get(self.username, ("ftps",)) is not None:
            self.respond("521 This data source takes files over TLS only: send PROT P first.")
            return
        super().pre_process_command(line, cmd, arg)
