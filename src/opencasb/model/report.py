"""The report of ``opencasb discover``, as plain data."""

from __future__ import annotations

from typing import Any, Final, Self

import msgspec

from opencasb.model.unlisted_profile import Profile

MACHINE_FIELDS: Final = (
    "source", "lines", "first_seen", "last_seen", "apps", "rejected_samples", "unlisted", "named_source",
)  # fmt: skip
"""The keys of ``discover --json``, in order: a contract with scripts, so names may only be added."""


class LineCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Line counts by outcome: ``read`` = ``used`` + ``ignored`` + ``rejected``."""

    read: int
    used: int
    ignored: int
    rejected: int


class AppUsage(msgspec.Struct, frozen=True, kw_only=True):
    """The usage of one app. ``score`` None = unscored; ``listed`` false = outside the catalog; times in ms UTC.

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
    """The usage of all apps on one UTC day (``2025-11-20``); sizes in bytes, ``apps`` is 0 if not counted.

    ``total_bytes`` exceeds the sum of both directions if a log records only totals.
    """

    day: str
    transactions: int
    uploaded_bytes: int
    downloaded_bytes: int
    total_bytes: int = 0
    apps: int = 0

    def less(self, other: DailyUsage) -> DailyUsage:
        """Return the day without the usage of some of its apps."""
        return DailyUsage(
            day=self.day,
            transactions=self.transactions - other.transactions,
            uploaded_bytes=self.uploaded_bytes - other.uploaded_bytes,
            downloaded_bytes=self.downloaded_bytes - other.downloaded_bytes,
            total_bytes=self.total_bytes - other.total_bytes,
            apps=self.apps - other.apps,
        )


class RejectedSample(msgspec.Struct, frozen=True, kw_only=True):
    """One unreadable line, verbatim from the log; ``line`` counts from 1."""

    file: str
    line: int
    reason: str
    text: str


class DiscoveryReport(msgspec.Struct, frozen=True, kw_only=True):
    """The findings from log files of one source. ``apps`` is in display order, ``daily`` oldest first.

    ``daily_by_flag`` is the part of ``daily`` that is usage of the apps with a flag. ``first_seen`` and ``last_seen``
    (ms UTC) are None if no line was used. ``ignored_by_rule`` and ``rejected_by_reason`` break down the line counts;
    ``sanctioned`` holds the ids of sanctioned apps, where tags are known; ``problems`` lists files that are not logs or
    end early, and why, and days that no right clock shows; ``unlisted`` has a profile of each domain outside the
    catalog, the most confident first. ``source`` is the source type that the files were read as; ``named_source`` is
    the one requested, if that was wrong.
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
    daily_by_flag: dict[str, list[DailyUsage]] = {}
    sanctioned: frozenset[int] = frozenset()
    unsanctioned: frozenset[int] | None = None
    problems: tuple[str, ...] = ()
    unlisted: tuple[Profile, ...] = ()
    named_source: str | None = None

    def without(self, flag: str) -> Self:
        """Return the report without the apps that carry a flag and their usage; line counts are unchanged."""
        gone = {day.day: day for day in self.daily_by_flag.get(flag, [])}
        left = [day.less(gone[day.day]) if day.day in gone else day for day in self.daily]
        apps = [app for app in self.apps if flag not in app.flags]
        return msgspec.structs.replace(self, apps=apps, daily=[day for day in left if day.transactions])

    def machine(self) -> dict[str, Any]:  # JSON
        """Return the object written by ``discover --json``."""
        made: dict[str, Any] = msgspec.to_builtins(self)
        return {name: made[name] for name in MACHINE_FIELDS}
