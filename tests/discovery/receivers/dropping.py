"""Shared by the FTP and SFTP tests: a directory per data source, and its logins."""

from __future__ import annotations

from pathlib import Path

from opencasb.discovery.receivers.logins import Login, Logins
from opencasb.identity.throttle import Throttle
from opencasb.model.stream import Stream, StreamType
from opencasb.store.receivers import Binding
from tests.conftest import NOW


def source(name: str, receiver: str, **bound: str) -> tuple[Stream, Binding]:
    """Return a data source with the login ``name`` and the password ``secret``."""
    stream = Stream(
        tenant_id=1, stream_id=f"{abs(hash(name)):024x}"[:24], display_name=name, stream_type=StreamType.INPUT,
        created=NOW, last_modified=NOW, receiver=receiver,
    )  # fmt: skip
    bound = {"login": name, "password_hash": "hash of secret", **bound}
    return stream, Binding(tenant_id=1, stream_id=stream.stream_id, **bound)


def logins(folder: Path, *sources: tuple[Stream, Binding]) -> Logins:
    """Return the logins of data sources whose files are below ``folder``."""
    made = Logins(folder, lambda password, stored: stored == f"hash of {password}", Throttle())
    made.serve({binding.login or "": (stream, binding) for stream, binding in sources})
    return made


def login_of(found: Logins, name: str) -> Login:
    """Return the login with that name."""
    return next(each for each in found.every() if each.binding.login == name)


def content(login: Login) -> dict[str, bytes]:
    """Return the completed files by name."""
    return {name: (login.folder.folder / name).read_bytes() for name in login.folder.names()}
