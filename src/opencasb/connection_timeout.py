"""Timeouts for slow connections: a client that sends nothing, or only a trickle, would hold one for ever."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11

from opencasb.chunk_pacing import PacedProtocol


class TimeoutProtocol(PacedProtocol):
    """The protocol class for uvicorn's option ``http``, which checks its connection periodically.

    By the second check, a request must have arrived, or ``least_bytes`` more of its body. A connection that waits for
    the server is left alone.
    """

    seconds: ClassVar[float] = 75.0
    """Interval between checks; the same as uvicorn's keep-alive timeout."""
    least_bytes: ClassVar[int] = 30_000
    """Minimum bytes of a body between two checks."""

    _look: asyncio.TimerHandle | None = None
    _seen: object = None
    _came = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start checking."""
        super().connection_made(transport)
        self._look = self.loop.call_later(self.seconds, self._look_at_it)

    def data_received(self, data: bytes) -> None:
        """Count the bytes received."""
        self._came += len(data)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop checking."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _look_at_it(self) -> None:
        if self.scope is self._seen and self._waits():  # the same request as at the last check, or none at all
            self.transport.close()
            return
        self._seen, self._came = self.scope, 0
        self._look = self.loop.call_later(self.seconds, self._look_at_it)

    def _waits(self) -> bool:
        """Return whether only the client is holding up the request."""
        state: Any = self.conn.their_state
        if state is not h11.SEND_BODY:
            return state is h11.IDLE
        is_our_turn = self.flow.read_paused or self.conn.they_are_waiting_for_100_continue
        return not is_our_turn and self._came < self.least_bytes
