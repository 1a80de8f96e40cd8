"""Let others have a turn while a body of tiny chunks arrives: one read of 256 KB may hold 40,000, a second's work.

Chunks are legal at any size, and some clients send each line or word as one, so none are refused.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl

from opencasb.api.v1.reason_phrase import PhrasingConnection, PhrasingProtocol

CHUNKS_AT_ONCE: Final = 256
"""Most chunks parsed in one turn: about ten milliseconds."""


class PacedConnection(PhrasingConnection):
    """An HTTP/1.1 connection that acts as if there were no more data once it has parsed ``left`` chunks."""

    left = 0

    def next_event(self) -> Any:  # as in h11
        """Return the next event, or that more data is needed."""
        if not self.left:
            return h11.NEED_DATA
        event = super().next_event()
        if isinstance(event, h11.Data):
            self.left -= 1
        return event


class PacedFlow(FlowControl):
    """Keeps reading paused while received chunks wait to be parsed, or they would pile up."""

    is_behind = False

    def resume_reading(self) -> None:
        """Read on, unless chunks wait."""
        if not self.is_behind:
            super().resume_reading()


class PacedProtocol(PhrasingProtocol):
    """The protocol class for uvicorn's option ``http``, which parses many chunks in several turns of the event loop."""

    connection = PacedConnection
    conn: PacedConnection
    flow: PacedFlow
    _next_turn: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Control the flow of the connection."""
        super().connection_made(transport)
        self.flow = PacedFlow(transport)

    def handle_events(self) -> None:
        """Handle what was received, at most :data:`CHUNKS_AT_ONCE`, and the rest in the next turn."""
        self.conn.left = CHUNKS_AT_ONCE
        super().handle_events()
        if not self.conn.left:
            self._wait_for_next_turn()
        elif self.flow.is_behind:
            self._catch_up()

    def _wait_for_next_turn(self) -> None:
        self.flow.pause_reading()
        self.transport.pause_reading()  # uvicorn may have resumed it alone
        self.flow.is_behind = True
        if self._next_turn is None:
            self._next_turn = self.loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._next_turn = None
        if not self.transport.is_closing():
            self.handle_events()

    def _catch_up(self) -> None:
        """Read on, unless the application has yet to take what it was given."""
        self.flow.is_behind = False
        if self.cycle.response_complete or len(self.cycle.body) <= HIGH_WATER_LIMIT:
            self.flow.resume_reading()
        else:
            self.transport.pause_reading()
