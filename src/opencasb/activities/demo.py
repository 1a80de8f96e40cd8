"""A month of activities in the connected apps of a company that does not exist: material for ``opencasb demo``.

Like the demo log, everything is drawn from one seeded generator. Between ordinary days of work lie four incidents, and
:func:`alerts` has what a detection would have made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from random import Random
from typing import Any, Final
from urllib.parse import quote

from opencasb.activities.demo_people import display_name

Activity = dict[str, Any]  # the normalised record, JSON

MINUTE: Final = 60_000
OFFICE: Final = "198.51.100."
ABROAD: Final = "203.0.113.77"
_BROWSER: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
_PHONE: Final = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
_SCRIPT: Final = "python-requests/2.32.3"

IP_RANGES: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "name": "Head office",
        "category": 1,
        "subnets": ["198.51.100.0/25"],
        "tags": ["Office"],
        "organization": "Lindgren Logistics AB",
        "location": {
            "name": "Gothenburg, Sweden",
            "latitude": 57.71,
            "longitude": 11.97,
            "countryCode": "SE",
            "countryName": "Sweden",
        },
    },
    {
        "name": "Remote access",
        "category": 4,
        "subnets": ["198.51.100.128/26", "2001:db8:20::/48"],
        "tags": ["VPN"],
        "location": {"name": "Stockholm, Sweden", "latitude": 59.33, "longitude": 18.07, "countryCode": "SE"},
    },
    {
        "name": "Reported hosts",
        "category": 3,
        "subnets": ["203.0.113.64/26"],
        "tags": ["Watch list"],
        "location": {"name": "Singapore", "latitude": 1.35, "longitude": 103.82, "countryCode": "SG"},
    },
)
"""What the ranges are to be (:class:`opencasb.store.ip_range_documents.RangeRule`)."""


@dataclass(frozen=True, slots=True)
class _Work:
    """Something people do all day: app, operation, category, kind of object, and how often a day."""

    app: str
    app_id: int
    operation: str
    category: str
    kind: str
    often: float


_WORK: Final = (
    _Work("sharepoint", 20892, "FileAccessed", "ACCESS_FILE", "file", 2.2),
    _Work("sharepoint", 20892, "FileModified", "MODIFY_FILE", "file", 1.1),
    _Work("onedrive", 15600, "FileUploaded", "UPLOAD_FILE", "file", 0.7),
    _Work("onedrive", 15600, "FileDownloaded", "DOWNLOAD_FILE", "file", 0.6),
    _Work("exchange", 20893, "MailItemsAccessed", "UNSPECIFIED", "mailbox", 0.8),
    _Work("teams", 28375, "MessageSent", "UNSPECIFIED", "message", 0.9),
    _Work("salesforce", 11114, "ReportExport", "EXPORT_REPORT", "report", 0.15),
    _Work("dropbox", 11627, "file_download", "DOWNLOAD_FILE", "file", 0.05),
)
_NAMES: Final = ("Budget", "Customer list", "Delivery plan", "Offer", "Fleet", "Salaries", "Minutes", "Contract")
_ENDINGS: Final = ("xlsx", "docx", "pdf", "pptx", "csv")


@dataclass(frozen=True, slots=True)
class _Case:
    """What a detection or a policy says of an incident, and how many minutes after its beginning."""

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
        """The id of the policy that the alert is of."""
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


def activities(seed: int, now: int, users: Sequence[str], days: int = 30) -> Iterator[Activity]:
    """Yield normalised activities of the ``days`` up to ``now`` (ms) by ``users`` (names with a domain), in any order.

    Forty users make about eight thousand. At least four users are needed for the incidents.
    """
    rng = Random(seed)  # noqa: S311 -- a demo, and it has to repeat
    today = datetime.fromtimestamp(now / 1000, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(days):
        midnight = today - timedelta(days=back)
        share = 0.06 if midnight.weekday() >= 5 else 0.9
        for number, user in enumerate(users):
            if rng.random() < share:
                yield from _working_day(rng, int(midnight.timestamp() * 1000), user, number, now)
    yield from _incidents(now, users)


def alerts(now: int, users: Sequence[str]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:  # wire forms
    """Yield alerts about the incidents (api §8.3), each with the filter of the activities that it is about."""
    starts = incident_times(now)
    for number, (case, start, user) in enumerate(zip(_CASES, starts, users, strict=False), 1):
        made = _alert(number, case, start, user)
        span = {"start": start, "end": made["timestamp"]}
        yield made, {"user.username": {"eq": [user]}, "date": {"range": [span]}}


def policies(now: int) -> list[dict[str, Any]]:  # JSON
    """Return the policies that the alerts are of, two built in and two of the company's own (portal §6.1)."""
    modified = now - 40 * 24 * 60 * MINUTE
    return [
        {"_id": case.policy_id, "name": case.title, "policyType": case.policy_type, "lastModified": modified}
        for case in _CASES
    ]


def incident_times(now: int) -> tuple[int, int, int, int]:
    """Return when the incidents begin, in ms."""
    hour = 60 * MINUTE
    return now - 49 * hour, now - 121 * hour, now - 216 * hour, now - 12 * hour


def _working_day(rng: Random, midnight: int, user: str, number: int, now: int) -> Iterator[Activity]:
    begin = midnight + int(rng.gauss(7.2, 0.6) * 60) * MINUTE
    remote = rng.random() < 0.25
    address = f"{OFFICE}{130 + number % 60 if remote else 10 + number % 110}"
    agent = _PHONE if rng.random() < 0.15 else _BROWSER
    made = [_login(begin, user, address, agent, success=True)]
    for work in _WORK:
        for _ in range(_about(rng, work.often)):
            at = begin + int(rng.random() * 9 * 60) * MINUTE + rng.randrange(MINUTE)
            made.append(_act(at, user, address, agent, work, _object(rng, work, user)))
    yield from (each for each in made if each["timestamp"] <= now)


def _incidents(now: int, users: Sequence[str]) -> Iterator[Activity]:
    guessing, leaving, sharing, granting = incident_times(now)
    for attempt in range(40):
        yield _login(guessing + attempt * MINUTE, users[0], ABROAD, _SCRIPT, success=False)
    yield _login(guessing + 41 * MINUTE, users[0], ABROAD, _SCRIPT, success=True)
    rule = _Work("exchange", 20893, "New-InboxRule", "UPDATE_INBOX_RULES", "mailbox", 0)
    target = {"type": "mailbox", "id": users[0], "name": users[0], "role": "target"}
    yield _act(guessing + 43 * MINUTE, users[0], ABROAD, _SCRIPT, rule, target)
    for file in range(120):
        take = _Work("onedrive", 15600, "FileDownloaded", "DOWNLOAD_FILE", "file", 0)
        yield _act(leaving + file * 10_000, users[1], f"{OFFICE}140", _BROWSER, take, _file(users[1], file))
    link = _Work("sharepoint", 20892, "AnonymousLinkCreated", "CREATE_ANONYMOUS_LINK", "file", 0)
    yield {
        **_act(sharing, users[2], f"{OFFICE}30", _BROWSER, link, _file(users[2], 5)),
        "sharing": "public",
    }
    role = _Work("office365", 11161, "Add member to role.", "ADD_MEMBER_TO_ROLE", "role", 0)
    duty = {"type": "role", "id": "global-administrator", "name": "Global Administrator", "role": "target"}
    yield {**_act(granting, users[3], f"{OFFICE}41", _BROWSER, role, duty), "isAdmin": True}


def _login(at: int, user: str, address: str, agent: str, *, success: bool) -> Activity:
    """Return a sign-in to Microsoft 365."""
    kind = "LOGIN" if success else "FAILED_LOGIN"
    work = _Work("office365", 11161, "UserLoggedIn" if success else "UserLoginFailed", kind, "app", 0)
    made = _act(at, user, address, agent, work, {"type": "app", "id": "11161", "name": "Office 365", "role": "target"})
    failure = {"isSuccess": False, "failureReason": "InvalidUserNameOrPassword", "failureClass": "credentials"}
    return made if success else {**made, **failure}


def _act(at: int, user: str, address: str, agent: str, work: _Work, target: Mapping[str, Any]) -> Activity:
    office = work.app in {"sharepoint", "onedrive", "exchange", "teams"}
    of_a_file = {"owner": user, "ObjectId": f"https://files.{user.partition('@')[2]}/{quote(target['name'])}"}
    return {
        "timestamp": at,
        "app": work.app,
        "appId": work.app_id,
        "saasId": 11161 if office else work.app_id,
        "instanceId": 0,
        "rawOperation": work.operation,
        "eventTypeName": f"EVENT_CATEGORY_{work.category}",
        "user": user,
        "userId": user,
        "actorType": "Regular",
        "isExternal": False,
        "ip": address,
        "userAgent": agent,
        "isSuccess": True,
        "isAdmin": False,
        "isImpersonated": False,
        "objects": [dict(target)],
        "raw": {
            "Operation": work.operation,
            "UserId": user,
            "ClientIP": address,
            **(of_a_file if target["type"] == "file" else {}),
        },
    }


def _object(rng: Random, work: _Work, user: str) -> dict[str, Any]:
    if work.kind == "file":
        return _file(user, rng.randrange(40))
    name = {"mailbox": user, "message": "General", "report": "Open opportunities"}[work.kind]
    return {"type": work.kind, "id": f"{work.kind}-{name}", "name": name, "role": "target"}


def _file(user: str, number: int) -> dict[str, Any]:
    """Return a file; a user's files have lasting ids."""
    name = f"{_NAMES[number % len(_NAMES)]} {2024 + number % 3}.{_ENDINGS[number % len(_ENDINGS)]}"
    return {"type": "file", "id": f"{user.partition('@')[0]}|{number:04}", "name": name, "role": "target"}


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
    time = start + case.after * MINUTE
    return {
        # With the time in front, as upstream's: a client strips the letters c and a from the front of ids.
        "_id": f"{time // 1000:08x}{blake2b(f'demo alert {number}'.encode(), digest_size=8).hexdigest()}",
        "timestamp": time,
        "title": case.title,
        "description": case.description.format(user=user),
        "entities": entities,
        "severityValue": case.severity,
        "stories": list(case.stories),
        "idValue": case.kind,
    }


def _about(rng: Random, mean: float) -> int:
    """Return a whole number whose mean is ``mean``."""
    return int(mean) + (rng.random() < mean % 1)
