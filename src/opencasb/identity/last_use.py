"""When a credential was last used: noted, but not at every call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import sqlalchemy as sa

from opencasb.model.durations import MINUTE

TOUCH_AFTER: Final = MINUTE
"""Least time in ms between two notes of a credential's use."""


def note_use(last: int | None, now: int, touch: Callable[[int], object]) -> None:
    """Have ``touch`` write the time ``now`` (ms), unless the use that is known, ``last``, is of this minute."""
    if last is None or now - last >= TOUCH_AFTER:
        with suppress(sa.exc.DBAPIError):  # a busy, full or read-only database must not turn a valid caller away
            touch(now)
