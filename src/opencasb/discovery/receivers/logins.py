"""Who may drop files: the logins of data sources (portal §2.3), shared by FTP and SFTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from opencasb.discovery.receivers.drop import DropFolder
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding


@dataclass(frozen=True, slots=True)
class Login:
    """A data source that files may be dropped for."""

    stream: Stream
    binding: Binding
    folder: DropFolder


class RateLimit(Protocol):
    """Counts wrong passwords per address."""

    def wait(self, *key: str) -> int | None:
        """Return after how many seconds an address may try again, or None."""

    def failed(self, *key: str) -> None:
        """Count a wrong password."""


class Logins:
    """The logins of this server by name, replaced as a whole when data sources change. Thread-safe."""

    def __init__(self, root: Path, verify: Callable[[str, str | None], bool], rate_limit: RateLimit) -> None:
        """Keep files below ``root``; ``verify`` compares a password with a hash, or with none at the same cost."""
        self._root = root
        self._verify = verify
        self._rate_limit = rate_limit
        self._logins: Mapping[str, Login] = {}

    def serve(self, sources: Mapping[str, tuple[Stream, Binding]]) -> None:
        """Allow these logins, and no others, from now on."""
        self._logins = {
            name: Login(stream, binding, DropFolder(self._root / stream.stream_id / "drop"))
            for name, (stream, binding) in sources.items()
        }

    def every(self) -> list[Login]:
        """Return all logins."""
        return [*self._logins.values()]

    def get(self, name: str, receivers: tuple[str, ...]) -> Login | None:
        """Return the login with that name, if its data source has one of these receivers."""
        found = self._logins.get(name)
        return found if found is not None and found.stream.receiver in receivers else None

    def checked(self, name: str, password: str, receivers: tuple[str, ...], address: str) -> Login | None:
        """Return the login if the password is right; takes equally long if there is no such login.

        An address that guesses is refused unchecked for a while, because nobody can send a file by FTP during a check.
        """
        if self._rate_limit.wait(address) is not None:
            return None
        found = self.get(name, receivers)
        stored = found.binding.password_hash if found is not None else ""
        if self._verify(password, stored or None):
            return found
        self._rate_limit.failed(address)
        return None
