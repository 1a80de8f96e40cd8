"""SIEM agents: programs that pull alerts and activities for a SIEM (portal §11)."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from opencasb.model.durations import HOUR

Format = Literal["CEF", "ARCSIGHT"]
Protocol = Literal["TCP", "UDP"]

CONNECTED_MS: Final = 2 * HOUR
LOST_MS: Final = 12 * HOUR
"""An agent silent for longer than ``CONNECTED_MS`` has a connection error; after ``LOST_MS`` it is disconnected."""


class SiemAgent(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent forwards, and where to. Times are ms since the epoch UTC.

    ``alert_filters`` and ``activity_filters`` are those of the lists (api §7.5, §8.8); None means no filter.
    ``user_id`` is the user whose rights the token has; None before there is a token.
    """

    tenant_id: int
    agent_id: str
    name: str
    format: Format
    host: str
    port: int
    protocol: Protocol
    alerts: bool
    activities: bool
    enabled: bool
    created: int
    created_by: str
    alert_filters: dict[str, Any] | None = None  # JSON
    activity_filters: dict[str, Any] | None = None  # JSON
    user_id: str | None = None
    token_created: int | None = None
    last_seen: int | None = None

    def state(self, now: int) -> Literal["Created", "Connected", "Connection error", "Disconnected"]:
        """Return the connection state, judging by when the agent was last seen."""
        if self.last_seen is None:
            return "Created"
        away = now - self.last_seen
        return "Connected" if away <= CONNECTED_MS else "Connection error" if away <= LOST_MS else "Disconnected"
