"""Four incidents at the demo company: their activities and the alerts that a detection would have raised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from opencasb.activities.demo_activity import BROWSER, OFFICE, Activity, Work, act, login, own_file
from opencasb.activities.demo_people import display_name
from opencasb.model.durations import MINUTE

ABROAD: Final = "203.0.113.77"
_SCRIPT: Final = "python-requests/2.32.3"
_SHARED: Final = 5
"""The number of the file shared by a public link."""


@dataclass(frozen=True, slots=True)
class _Case:
    """The alert that a detection or policy raises for an incident, and how many minutes after the incident starts."""

    after: int
    title: str
    description: str
    severity: int
    kind: int
    stories: tuple[int, ...]
    app: str
    app_id: int
    policy_type: str = "ANOMALY_DETECTION"
    address: str = ""

    @property
    def policy_id(self) -> str:
        """The id of the policy that raises the alert."""
        return blake2b(f"demo policy {self.title}".encode(), digest_size=12).hexdigest()


_CASES: Final = (
    _Case(
        after=45,
        title="Risky sign-in after many failures",
        description="After 40 wrong passwords {user} signed in from a reported address and made an inbox rule.",
        severity=2,
        kind=15795457,
        stories=(0,),
        app="Office 365",
        app_id=11161,
        address=ABROAD,
    ),
    _Case(
        after=30,
        title="Mass download by a single user",
        description="{user} downloaded 120 files within 20 minutes.",
        severity=2,
        kind=15728641,
        stories=(0, 3),
        app="Microsoft OneDrive for Business",
        app_id=15600,
        policy_type="AUDIT",
    ),
    _Case(
        after=5,
        title="File shared by a public link",
        description="{user} made a link that everybody can open.",
        severity=1,
        kind=15728642,
        stories=(3, 5),
        app="Microsoft SharePoint Online",
        app_id=20892,
        policy_type="FILE",
    ),
    _Case(
        after=1,
        title="Suspicious administrative activity",
        description="{user} was given the role of a global administrator.",
        severity=1,
        kind=15859721,
        stories=(1,),
        app="Office 365",
        app_id=11161,
    ),
)


def incidents(now: int, users: Sequence[str]) -> Iterator[Activity]:
    """Yield the activities of the incidents before ``now`` (ms), each by a different one of the first four users."""
    guessing, leaving, sharing, granting = incident_times(now)
    for attempt in range(40):
        yield login(guessing + attempt * MINUTE, users[0], ABROAD, _SCRIPT, success=False)
    yield login(guessing + 41 * MINUTE, users[0], ABROAD, _SCRIPT, success=True)
    rule = Work("exchange", 20893, "New-InboxRule", "UPDATE_INBOX_RULES", "mailbox", 0)
    target = {"type": "mailbox", "id": users[0], "name": users[0], "role": "target"}
    yield act(guessing + 43 * MINUTE, users[0], ABROAD, _SCRIPT, rule, target)
    for file in range(120):
        take = Work("onedrive", 15600, "FileDownloaded", "DOWNLOAD_FILE", "file", 0)
        yield act(leaving + file * 10_000, users[1], f"{OFFICE}140", BROWSER, take, own_file(users[1], file))
    link = Work("sharepoint", 20892, "AnonymousLinkCreated", "CREATE_ANONYMOUS_LINK", "file", 0)
    yield {
        **act(sharing, users[2], f"{OFFICE}30", BROWSER, link, own_file(users[2], _SHARED)),
        "sharing": "public",
    }
    role = Work("office365", 11161, "Add member to role.", "ADD_MEMBER_TO_ROLE", "role", 0)
    duty = {"type": "role", "id": "global-administrator", "name": "Global Administrator", "role": "target"}
    yield {**act(granting, users[3], f"{OFFICE}41", BROWSER, role, duty), "isAdmin": True}


def alerts(now: int, users: Sequence[str]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:  # wire forms
    """Yield the incidents' alerts (api §8.3), each with a filter that selects the activities behind it."""
    starts = incident_times(now)
    for number, (case, start, user) in enumerate(zip(_CASES, starts, users, strict=False), 1):
        made = _alert(number, case, start, user)
        span = {"start": start, "end": made["timestamp"]}
        yield made, {"user.username": {"eq": [user]}, "date": {"range": [span]}}


def policies(now: int) -> list[dict[str, Any]]:  # JSON
    """Return the policies that raise the alerts: two built in and two of the company's own (portal §6.1)."""
    modified = now - 40 * 24 * 60 * MINUTE
    return [
        {"_id": case.policy_id, "name": case.title, "policyType": case.policy_type, "lastModified": modified}
        for case in _CASES
    ]


def incident_times(now: int) -> tuple[int, int, int, int]:
    """Return the start times of the incidents, in ms."""
    hour = 60 * MINUTE
    return now - 49 * hour, now - 121 * hour, now - 216 * hour, now - 12 * hour


def _alert(number: int, case: _Case, start: int, user: str) -> dict[str, Any]:  # JSON
    account = {"id": user, "label": display_name(user), "saas": 11161, "inst": 0, "pa": user, "em": user}
    entities: list[dict[str, Any]] = [
        {"type": "account", **account, "entityType": 2, "entityRole": "Source"},
        {"type": "user", "id": user, "label": user},
        {"type": "service", "id": case.app_id, "label": case.app},
        {"type": "policyRule", "id": case.policy_id, "label": case.title, "policyType": case.policy_type},
    ]
    if case.address:
        entities.append({"type": "ip", "id": case.address, "label": case.address, "triggeredAlert": True})
        entities.append({"type": "country", "id": "SG", "label": "Singapore"})
    if case.policy_type == "FILE":
        file = own_file(user, _SHARED)
        entities.append({"type": "file", "id": file["id"], "label": file["name"]})
    time = start + case.after * MINUTE
    return {
        # The time comes first, as in upstream's ids: one client strips leading letters c and a from them.
        "_id": f"{time // 1000:08x}{blake2b(f'demo alert {number}'.encode(), digest_size=8).hexdigest()}",
        "timestamp": time,
        "title": case.title,
        "description": case.description.format(user=user),
        "entities": entities,
        "severityValue": case.severity,
        "stories": list(case.stories),
        "idValue": case.kind,
    }
