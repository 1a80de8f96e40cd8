"""Format times as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

LATEST: Final = 253_402_300_799_999
"""The last moment that ISO 8601 with four-digit years can express: 9999-12-31T23:59:59.999Z, in ms."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def iso(time: int) -> str:
    """Return a time in ms since the epoch UTC, 0 to :data:`LATEST`, as ``2021-05-13T14:02:34.904Z`` (api §1.2)."""
    moment = _EPOCH + timedelta(milliseconds=time)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_day(time: int) -> str:
    """Return the UTC day of a time in ms since the epoch UTC, 0 to :data:`LATEST`, as ``2021-05-13``."""
    return (_EPOCH + timedelta(milliseconds=time)).date().isoformat()
