"""SFTP for appliances that send whole files, by password or public key."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from opencasb.discovery.receivers.logins import Logins

if TYPE_CHECKING:
    import asyncssh

_HOST_KEYS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "": ("ssh-ed25519", {}),
    "-ecdsa": ("ecdsa-sha2-nistp256", {}),
    "-rsa": ("ssh-rsa", {"key_size": 3072}),
}
"""File name suffixes → key types. Many senders lack Ed25519: JSch in Java, libssh2 before 1.9."""

FAILED_SECONDS: Final = 3.0
"""Delay before a wrong password is answered."""

CONCURRENT_CHECKS: Final = max(1, (os.cpu_count() or 1) // 2)
"""Passwords compared concurrently: half the number of cores."""


class SftpReceiver:
    """The SSH server, which offers only SFTP and SCP."""

    def __init__(
        self, host: str, port: int, logins: Logins, key_file: Path, *, failed_seconds: float = FAILED_SECONDS
    ) -> None:
        """Use the host keys beside ``key_file``, generated at first use."""
        self._address = (host, port)
        self._logins = logins
        self._key_file = key_file
        self._failed_seconds = failed_seconds
        self._server: asyncssh.SSHAcceptor | None = None

    @property
    def port(self) -> int:
        """The port being listened on; 0 if none."""
        return self._server.get_port() if self._server is not None else 0

    async def open(self) -> None:
        """Bind the port and serve. Raises ``OSError``."""
        import asyncssh

        from opencasb.discovery.receivers.sftp_session import Connection, Files

        host, port = self._address
        turn, peers = asyncio.Semaphore(CONCURRENT_CHECKS), Counter[str]()
        self._server = await asyncssh.create_server(
            lambda: Connection(self._logins, self._failed_seconds, turn, peers),
            host,
            port,
            server_host_keys=await asyncio.to_thread(host_keys, self._key_file),
            sftp_factory=lambda channel: Files(channel, self._logins),
            allow_scp=True,
            agent_forwarding=False,
            x11_forwarding=False,
            login_timeout=30,
            keepalive_interval=60,
        )

    async def close(self) -> None:
        """End all connections; files in transfer stay so that their senders can resume them."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None


def host_keys(path: Path) -> list[asyncssh.SSHKey]:
    """Return the host keys, the one in ``path`` first; missing ones are generated."""
    return [_host_key(path.with_name(path.name + suffix), *kind) for suffix, kind in _HOST_KEYS.items()]


def _host_key(path: Path, algorithm: str, options: dict[str, Any]) -> asyncssh.SSHKey:
    """Return the host key in a file, generating it if there is none."""
    import asyncssh

    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = asyncssh.generate_private_key(algorithm, **options)
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(made.export_private_key())
        part.rename(path)
    return asyncssh.read_private_key(path)
