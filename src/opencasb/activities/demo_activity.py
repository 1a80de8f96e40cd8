"""Build normalised activities of the demo company's staff (connectors §2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

Activity = dict[str, Any]  # the normalised record, JSON

OFFICE: Final = "198.51.100."
BROWSER: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
)
_NAMES: Final = ("Budget", "Customer list", "Delivery plan", "Offer", "Fleet", "Salaries", "Minutes", "Contract")
_ENDINGS: Final = ("xlsx", "docx", "pdf", "pptx", "csv")


@dataclass(frozen=True, slots=True)
class Work:
    """A recurring task: app, operation, category, object kind and average number of times a day."""

    app: str
    app_id: int
    operation: str
    category: str
    kind: str
    often: float


def login(at: int, user: str, address: str, agent: str, *, success: bool) -> Activity:
    """Return a sign-in to Microsoft 365."""
    kind = "LOGIN" if success else "FAILED_LOGIN"
    work = Work("office365", 11161, "UserLoggedIn" if success else "UserLoginFailed", kind, "app", 0)
    made = act(at, user, address, agent, work, {"type": "app", "id": "11161", "name": "Office 365", "role": "target"})
    failure = {"isSuccess": False, "failureReason": "InvalidUserNameOrPassword", "failureClass": "credentials"}
    return made if success else {**made, **failure}


def act(at: int, user: str, address: str, agent: str, work: Work, target: Mapping[str, Any]) -> Activity:
    """Return the activity of a user doing ``work`` on ``target`` at a time (ms), from an address with a user agent."""
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


def own_file(user: str, number: int) -> dict[str, Any]:
    """Return a file of a user; the same number always yields the same id."""
    name = f"{_NAMES[number % len(_NAMES)]} {2024 + number % 3}.{_ENDINGS[number % len(_ENDINGS)]}"
    return {"type": "file", "id": f"{user.partition('@')[0]}|{number:04}", "name": name, "role": "target"}
