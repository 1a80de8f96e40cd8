"""How long a connection may keep the server waiting: whoever sends nothing, or by drops, would hold it for ever."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import h11

from opencasb.api.v1.reason_phrase import PhrasingProtocol


class TimeoutProtocol(PhrasingProtocol):
    """The protocol class for uvicorn's option ``http``: looks at its connection from time to time.

    In two looks a request must have come, or so much more of its body. What waits for us is left alone.
    """

    seconds: ClassVar[float] = 75.0
    """Between two looks; uvicorn lets a connection that is idle after an answer wait as long."""
    least_bytes: ClassVar[int] = 30_000
    """Of a body, between two looks."""

    _look: asyncio.TimerHandle | None = None
    _seen: object = None
    _came = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to look."""
        super().connection_made(transport)
        self._look = self.loop.call_later(self.seconds, self._look_at_it)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._came += len(data)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _look_at_it(self) -> None:
        if self.scope is self._seen and self._waits():  # the same request as at the last look, or none at all
            self.transport.close()
            return
        self._seen, self._came = self.scope, 0
        self._look = self.loop.call_later(self.seconds, self._look_at_it)

    def _waits(self) -> bool:
        """Tell whether nothing but the other side keeps a request from coming."""
        state: Any = self.conn.their_state
        if state is not h11.SEND_BODY:
            return state is h11.IDLE
        is_our_turn = self.flow.read_paused or self.conn.they_are_waiting_for_100_continue
        return not is_our_turn and self._came < self.least_bytes
