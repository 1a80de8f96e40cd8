"""Legacy API tokens (api §2.1)."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from opencasb.model.durations import DAY

ACTIVE_FOR: Final = 7 * DAY
"""A token unused for longer than this, in ms, counts as inactive."""


class ApiToken(msgspec.Struct, frozen=True, kw_only=True):
    """The metadata of a token, whose value is shown only once. Times are ms since the epoch UTC."""

    tenant_id: int
    token_id: str
    user_id: str
    name: str
    prefix: str
    created: int
    last_used: int | None = None

    def state(self, now: int) -> Literal["Generated", "Active", "Inactive"]:
        """Return whether the token was never used, was used in the last seven days, or only before that."""
        if self.last_used is None:
            return "Generated"
        return "Active" if now - self.last_used <= ACTIVE_FOR else "Inactive"
