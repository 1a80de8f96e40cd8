"""FTP data connections, and how they decide that a file is complete."""

from __future__ import annotations

import os
import socket
import sys
from typing import Final

import structlog
from OpenSSL import SSL
from pyftpdlib.handlers import TLS_DTPHandler

from opencasb.discovery.receivers.drop import Incoming

_log = structlog.get_logger(__name__)

END_SECONDS: Final = 0.2
"""How long a sender must outlive its data connection."""


class Data(TLS_DTPHandler):  # type: ignore[misc]  # has no types
    """A data connection: a file is committed before the sender is told that it has arrived.

    The end of the connection ends the file, unless it was reset, or the control connection ends with it, which aborts a
    transfer (RFC 959, section 3.2): if a sender is killed the kernel closes both, in any order. Over TLS a close
    notification says that a file is complete. Many senders send none: they are treated like senders without TLS.
    """

    transfer_finished: bool
    _waits = False

    def close(self) -> None:
        """End the transfer, after a short wait if a killed sender would look the same."""
        error = sys.exception()
        if self.receive and self.transfer_finished and not self._closed:
            if self._waits or _is_reset(error):
                self._lose()
            elif not isinstance(error, SSL.ZeroReturnError):
                self._waits = True
                self.del_channel()
                self.ioloop.call_later(END_SECONDS, self._close_for_good)
                return
        self._end()

    def modify_ioloop_events(self, events: int, logdebug: bool = False) -> None:
        """Change the events listened to, unless the connection has already ended."""
        if not self._waits:
            super().modify_ioloop_events(events, logdebug)

    def _close_for_good(self) -> None:
        if not self._closed:
            if _has_ended(self.cmd_channel.socket.fileno()):
                self._lose()
            self._end()

    def _lose(self) -> None:
        self.transfer_finished = False
        self._resp = ("426 The connection is lost; what has come stays.", _log.debug)

    def _end(self) -> None:
        if self.receive and self.transfer_finished and isinstance(self.file_obj, Incoming):
            try:
                self.file_obj.commit()
            except OSError as error:
                _log.error("file cannot be kept", error=repr(error))
                self._resp = ("451 The file cannot be kept.", _log.debug)
        super().close()


def _is_reset(error: BaseException | None) -> bool:
    """Return whether a connection ended with an error; over TLS, a missing close notification has the number -1."""
    return isinstance(error, ConnectionError) or (isinstance(error, SSL.SysCallError) and error.args[0] > 0)


def _has_ended(descriptor: int) -> bool:
    """Return whether the peer has closed a connection and left nothing to be read."""
    if descriptor < 0:
        return True
    with socket.socket(fileno=os.dup(descriptor)) as twin:
        try:
            return not twin.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True
