"""Record when a credential was last used, but not on every call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import sqlalchemy as sa

from opencasb.model.durations import MINUTE

TOUCH_AFTER: Final = MINUTE
"""Minimum interval in ms between two recorded uses of a credential."""


def note_use(last: int | None, now: int, touch: Callable[[int], object]) -> None:
    """Call ``touch`` with the time ``now`` (ms), unless the ``last`` recorded use is less than a minute old."""
    if last is None or now - last >= TOUCH_AFTER:
        with suppress(sa.exc.DBAPIError):  # a busy, full or read-only database must not lock out a valid caller
            touch(now)
