"""The report of ``opencasb discover``: what the given log files say, as plain data."""

from __future__ import annotations

from typing import Any, Final, Self

import msgspec

from opencasb.model.unlisted_profile import Profile

MACHINE_FIELDS: Final = (
    "source", "lines", "first_seen", "last_seen", "apps", "rejected_samples", "unlisted", "named_source",
)  # fmt: skip
"""What ``discover --json`` writes, in this order: a contract that scripts rely on, so names are only ever added."""


class LineCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Lines by what became of them: ``read`` = ``used`` + ``ignored`` + ``rejected``."""

    read: int
    used: int
    ignored: int
    rejected: int


class AppUsage(msgspec.Struct, frozen=True, kw_only=True):
    """The use of one app. ``score`` None = unscored; ``listed`` false = outside the catalog; times in ms UTC.

    ``flags`` are those of :class:`opencasb.model.app.App`.
    """

    id: int
    name: str
    category: str
    score: int | None
    listed: bool
    domains: tuple[str, ...]
    users: int
    ip_addresses: int
    devices: int
    transactions: int
    blocked_transactions: int
    uploaded_bytes: int
    downloaded_bytes: int
    total_bytes: int
    first_seen: int
    last_seen: int
    flags: tuple[str, ...] = ()


class DailyUsage(msgspec.Struct, frozen=True, kw_only=True):
    """The use of all apps on one UTC day (``2025-11-20``); sizes in bytes, ``apps`` 0 where they were not counted.

    ``total_bytes`` is more than both directions together where a log tells sums alone.
    """

    day: str
    transactions: int
    uploaded_bytes: int
    downloaded_bytes: int
    total_bytes: int = 0
    apps: int = 0


class RejectedSample(msgspec.Struct, frozen=True, kw_only=True):
    """One line that could not be read, as it stood in the log; ``line`` counts from 1."""

    file: str
    line: int
    reason: str
    text: str


class DiscoveryReport(msgspec.Struct, frozen=True, kw_only=True):
    """What log files of one source say. ``apps`` comes in the order it is to be shown, ``daily`` oldest first.

    ``first_seen`` and ``last_seen`` (ms UTC) are None when no line was used. ``ignored_by_rule`` and
    ``rejected_by_reason`` break the line counts down; ``sanctioned`` has the ids of apps tagged so, where tags are
    known; ``problems`` says which files are no logs or ended early, and why; ``unlisted`` what is thought of each
    domain outside the catalog, the most confident first. ``source`` is what the files were read as; ``named_source``
    is the one that was named, where that was wrong.
    """

    source: str
    lines: LineCounts
    first_seen: int | None
    last_seen: int | None
    apps: list[AppUsage]
    rejected_samples: list[RejectedSample]
    ignored_by_rule: dict[str, int] = {}
    rejected_by_reason: dict[str, int] = {}
    daily: list[DailyUsage] = []
    sanctioned: frozenset[int] = frozenset()
    unsanctioned: frozenset[int] | None = None
    problems: tuple[str, ...] = ()
    unlisted: tuple[Profile, ...] = ()
    named_source: str | None = None

    def without(self, flag: str) -> Self:
        """Return the report without the apps that bear a flag; the counts of lines stay."""
        return msgspec.structs.replace(self, apps=[app for app in self.apps if flag not in app.flags])

    def machine(self) -> dict[str, Any]:  # JSON
        """Return the object of ``discover --json``."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return {name: made[name] for name in MACHINE_FIELDS}
