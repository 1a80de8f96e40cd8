"""The FTP and SFTP servers of this machine, which run while a data source needs them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from opencasb.discovery.receivers.ftp import FtpReceiver
from opencasb.discovery.receivers.logins import Logins
from opencasb.discovery.receivers.sftp import SftpReceiver
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding

if TYPE_CHECKING:
    from opencasb.settings import Settings

Server = FtpReceiver | SftpReceiver

_log = structlog.get_logger(__name__)


class FileServers:
    """Starts a server when the first data source has a login on it, and stops it after the last one."""

    def __init__(self, settings: Settings, logins: Logins, certificate: Callable[[], tuple[Path, Path]]) -> None:
        self._settings = settings
        self._logins = logins
        self._certificate = certificate
        self._running: dict[str, Server] = {}

    async def serve(self, sources: Sequence[tuple[Stream, Binding]]) -> None:
        """Run the servers that these data sources need."""
        used = {stream.receiver for stream, binding in sources if binding.login}
        await self._run("ftp", self._settings.ftp_port, self._ftp, wanted=bool(used & {"ftp", "ftps"}))
        await self._run("sftp", self._settings.sftp_port, self._sftp, wanted="sftp" in used)

    async def close(self) -> None:
        """Stop both servers."""
        await self.serve(())

    async def _run(self, name: str, port: int, make: Callable[[], Server], *, wanted: bool) -> None:
        if not wanted:
            if name in self._running:
                await self._running.pop(name).close()
        elif port > 0 and name not in self._running:
            made = make()
            try:
                await made.open()
            except OSError as error:
                _log.error("receiver failed", receiver=name, port=port, error=repr(error))
            else:
                self._running[name] = made

    def _ftp(self) -> Server:
        return FtpReceiver(self._settings, self._logins, self._certificate)

    def _sftp(self) -> Server:
        settings = self._settings
        return SftpReceiver(settings.host, settings.sftp_port, self._logins, settings.data / "keys" / "sftp-host")
