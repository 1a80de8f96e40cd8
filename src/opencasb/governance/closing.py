"""Rules for closing, reopening and marking alerts as read (api §8.6, §8.7), on wire alerts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from opencasb.model.iso_time import iso

UNREAD: Final = 0
READ: Final = 1
OPEN: Final = 0
OTHER: Final = 4
"""The reason ``Other``."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict an alert is closed with: its ``resolutionStatusValue``, and the allowed reasons by number."""

    status: int
    reasons: Mapping[int, str]

    def reason(self, given: int | str | None) -> int | None:
        """Return the number of a reason given by number or name; any reason not allowed here becomes ``Other``."""
        if given is None or not self.reasons:
            return None
        names = {str(given).strip().lower()}
        return next((number for number, name in self.reasons.items() if {str(number), name.lower()} & names), OTHER)


FALSE_POSITIVE: Final = Verdict(
    3,
    MappingProxyType({0: "Not of interest", 1: "Too many similar alerts", 3: "Alert is not accurate", OTHER: "Other"}),
)
BENIGN: Final = Verdict(
    4,
    MappingProxyType(
        {2: "Actual severity is lower", OTHER: "Other", 5: "Confirmed with end user", 6: "Triggered by test"}
    ),
)
TRUE_POSITIVE: Final = Verdict(5, MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """The details given when closing alerts. ``bulk``: the alerts were chosen by a filter, not one by its id."""

    verdict: Verdict
    comment: str = ""
    reason_id: int | None = None
    send_feedback: bool = False
    feedback: str = ""
    allow_contact: bool = False
    contact_email: str = ""
    bulk: bool = True


def closed(alert: Mapping[str, Any], closing: Closing, by: str, now: int) -> dict[str, Any] | None:  # JSON
    """Return the alert with a verdict, or None if it already has that one."""
    if alert["resolutionStatusValue"] == closing.verdict.status:
        return None
    return {
        **alert,
        "resolutionStatusValue": closing.verdict.status,
        "statusValue": READ,
        "comment": closing.comment,
        "handledByUser": by,
        "resolveTime": iso(now),
    }


def reopened(alert: Mapping[str, Any]) -> dict[str, Any] | None:  # JSON
    """Return the alert without its verdict, or None if it has none."""
    if alert["resolutionStatusValue"] == OPEN:
        return None
    return {**alert, "resolutionStatusValue": OPEN, "comment": "", "handledByUser": None, "resolveTime": None}


def marked(alert: Mapping[str, Any], *, read: bool) -> dict[str, Any] | None:  # JSON
    """Return the alert marked as read or unread, or None if it already is."""
    status = READ if read else UNREAD
    return None if alert["statusValue"] == status else {**alert, "statusValue": status}
