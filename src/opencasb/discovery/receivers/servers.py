"""The FTP and SFTP servers of this machine, which run while a data source needs them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from opencasb.discovery.receivers.ftp import FtpReceiver, FtpSettings
from opencasb.discovery.receivers.logins import Logins
from opencasb.discovery.receivers.sftp import SftpReceiver
from opencasb.model.stream import Stream
from opencasb.store.receivers import Binding

if TYPE_CHECKING:
    from opencasb.settings import Settings

_log = structlog.get_logger(__name__)


class FileServers:
    """Starts a server when the first data source has a login at it, and ends it after the last one."""

    def __init__(self, settings: Settings, logins: Logins, certificate: Callable[[], tuple[Path, Path]]) -> None:
        self._settings = settings
        self._logins = logins
        self._certificate = certificate
        self.ftp: FtpReceiver | None = None
        self.sftp: SftpReceiver | None = None

    async def serve(self, sources: Sequence[tuple[Stream, Binding]]) -> None:
        """Run what these data sources need."""
        used = {stream.receiver for stream, binding in sources if binding.login}
        await self._serve_ftp(wanted=bool(used & {"ftp", "ftps"}) and self._settings.ftp_port > 0)
        await self._serve_sftp(wanted="sftp" in used and self._settings.sftp_port > 0)

    async def close(self) -> None:
        """End both."""
        await self._serve_ftp(wanted=False)
        await self._serve_sftp(wanted=False)

    async def _serve_ftp(self, *, wanted: bool) -> None:
        if wanted and self.ftp is None:
            settings = self._settings
            where = FtpSettings(settings.host, settings.ftp_port, settings.passive_ports, settings.ftp_passive_address)
            made = FtpReceiver(where, self._logins, self._certificate)
            try:
                await asyncio.to_thread(made.open)
            except OSError as error:
                _log.error("receiver failed", receiver="ftp", port=settings.ftp_port, error=repr(error))
            else:
                self.ftp = made
        elif not wanted and self.ftp is not None:
            ended, self.ftp = self.ftp, None
            await asyncio.to_thread(ended.close)

    async def _serve_sftp(self, *, wanted: bool) -> None:
        if wanted and self.sftp is None:
            settings = self._settings
            made = SftpReceiver(settings.host, settings.sftp_port, self._logins, settings.data / "keys" / "sftp-host")
            try:
                await made.open()
            except OSError as error:
                _log.error("receiver failed", receiver="sftp", port=settings.sftp_port, error=repr(error))
            else:
                self.sftp = made
        elif not wanted and self.sftp is not None:
            ended, self.sftp = self.sftp, None
            await ended.close()
