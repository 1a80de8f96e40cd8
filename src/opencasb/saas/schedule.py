"""When an integration is due: ``off``, ``every 6h`` or ``daily 03:30`` (UTC)."""

from __future__ import annotations

import re
from typing import Final

from opencasb.model.durations import DAY, HOUR, MINUTE
from opencasb.model.saas import Integration, Run

SKEW: Final = HOUR
"""How far (ms) a time may lie ahead of the clock; one further ahead predates the clock being set back."""
USUAL: Final = "daily 03:00"
_EVERY: Final = re.compile(r"every ([0-9]{1,3})h")
_DAILY: Final = re.compile(r"daily ([01][0-9]|2[0-3]):([0-5][0-9])")


def checked(text: str) -> str:
    """Return a schedule in its stored form. Raises ``ValueError`` if it is invalid."""
    found = " ".join(text.lower().split())
    every = _EVERY.fullmatch(found)
    if found == "off" or _DAILY.fullmatch(found) or (every and 1 <= int(every[1]) <= 168):
        return found
    raise ValueError(f"schedule {text[:60]!r} must be off, every 1h to every 168h, or daily HH:MM (UTC)")


def is_due(integration: Integration, latest: Run | None, now: int) -> bool:
    """Return whether an integration is due at ``now`` (ms), regardless of whether another process runs it already."""
    if integration.state != "ready":
        return False
    if integration.asked is not None:
        return True
    if latest is not None and latest.outcome in {"running", "interrupted"}:
        return not now < (latest.resume_at or 0) <= now + DAY
    started = None if latest is None or latest.started > now + SKEW else latest.started
    last_slot = _last_slot(integration.schedule, started, now)
    return last_slot is not None and (started is None or started < last_slot)


def _last_slot(schedule: str, started: int | None, now: int) -> int | None:
    """Return the latest time up to ``now`` at which a run was due; None if there is none."""
    every, daily = _EVERY.fullmatch(schedule), _DAILY.fullmatch(schedule)
    if every:
        slot = now if started is None else started + int(every[1]) * HOUR
        return slot if slot <= now else None
    if daily:
        offset = int(daily[1]) * HOUR + int(daily[2]) * MINUTE
        return (now - offset) // DAY * DAY + offset
    return None
