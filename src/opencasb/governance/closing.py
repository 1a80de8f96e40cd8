"""The rules of closing and reopening alerts, and of marking them as read (api §8.6, §8.7): wire alert in and out."""

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
    """What an alert is closed as: its ``resolutionStatusValue``, and the reasons that may be given, by number."""

    status: int
    reasons: Mapping[int, str]

    def reason(self, given: int | str | None) -> int | None:
        """Return the number of a reason given by number or name; any that does not belong here is ``Other``."""
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
    """What somebody says when closing alerts. ``bulk``: the alerts were chosen by a filter, not one by its id."""

    verdict: Verdict
    comment: str = ""
    reason_id: int | None = None
    send_feedback: bool = False
    feedback: str = ""
    allow_contact: bool = False
    contact_email: str = ""
    bulk: bool = True


def closed(alert: Mapping[str, Any], closing: Closing, by: str, now: int) -> dict[str, Any] | None:  # JSON
    """Return the alert with a verdict, None if it has that one already."""
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
    """Return the alert without its verdict, None if it has none."""
    if alert["resolutionStatusValue"] == OPEN:
        return None
    return {**alert, "resolutionStatusValue": OPEN, "comment": "", "handledByUser": None, "resolveTime": None}


def marked(alert: Mapping[str, Any], *, read: bool) -> dict[str, Any] | None:  # JSON
    """Return the alert as read or unread, None if it is so."""
    status = READ if read else UNREAD
    return None if alert["statusValue"] == status else {**alert, "statusValue": status}
