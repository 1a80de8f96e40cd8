"""Generate a month of activities in the connected apps of a fictional company, for ``opencasb demo``.

As in the demo log, everything is drawn from one seeded generator. Four incidents are mixed into the ordinary working
days; :mod:`opencasb.activities.demo_incidents` holds the alerts that a detection would have raised for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from opencasb.activities.demo_activity import BROWSER, OFFICE, Activity, Work, act, login, own_file
from opencasb.activities.demo_incidents import incidents
from opencasb.model.durations import MINUTE

_PHONE: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
_WORK: Final = (
    Work("sharepoint", 20892, "FileAccessed", "ACCESS_FILE", "file", 2.2),
    Work("sharepoint", 20892, "FileModified", "MODIFY_FILE", "file", 1.1),
    Work("onedrive", 15600, "FileUploaded", "UPLOAD_FILE", "file", 0.7),
    Work("onedrive", 15600, "FileDownloaded", "DOWNLOAD_FILE", "file", 0.6),
    Work("exchange", 20893, "MailItemsAccessed", "UNSPECIFIED", "mailbox", 0.8),
    Work("teams", 28375, "MessageSent", "UNSPECIFIED", "message", 0.9),
    Work("salesforce", 11114, "ReportExport", "EXPORT_REPORT", "report", 0.15),
    Work("dropbox", 11627, "file_download", "DOWNLOAD_FILE", "file", 0.05),
)


def activities(seed: int, now: int, users: Sequence[str], days: int = 30) -> Iterator[Activity]:
    """Yield normalised activities of ``users`` (names with a domain) over the ``days`` before ``now`` (ms), unordered.

    Forty users yield about eight thousand activities. The incidents need at least four users.
    """
    rng = Random(seed)  # noqa: S311 -- a demo that must be reproducible
    today = datetime.fromtimestamp(now / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(days):
        midnight = today - timedelta(days=back)
        share = 0.06 if midnight.weekday() >= 5 else 0.9
        for number, user in enumerate(users):
            if rng.random() < share:
                yield from _working_day(rng, int(midnight.timestamp() * 1000), user, number, now)
    yield from incidents(now, users)


def _working_day(rng: Random, midnight: int, user: str, number: int, now: int) -> Iterator[Activity]:
    begin = midnight + int(rng.gauss(7.2, 0.6) * 60) * MINUTE
    remote = rng.random() < 0.25
    address = f"{OFFICE}{130 + number % 60 if remote else 10 + number % 110}"
    agent = _PHONE if rng.random() < 0.15 else BROWSER
    made = [login(begin, user, address, agent, success=True)]
    for work in _WORK:
        for _ in range(_about(rng, work.often)):
            at = begin + int(rng.random() * 9 * 60) * MINUTE + rng.randrange(MINUTE)
            made.append(act(at, user, address, agent, work, _object(rng, work, user)))
    yield from (each for each in made if each["timestamp"] <= now)


def _object(rng: Random, work: Work, user: str) -> dict[str, Any]:
    if work.kind == "file":
        return own_file(user, rng.randrange(40))
    name = {"mailbox": user, "message": "General", "report": "Open opportunities"}[work.kind]
    return {"type": work.kind, "id": f"{work.kind}-{name}", "name": name, "role": "target"}


def _about(rng: Random, mean: float) -> int:
    """Return a random integer whose expected value is ``mean``."""
    return int(mean) + (rng.random() < mean % 1)
