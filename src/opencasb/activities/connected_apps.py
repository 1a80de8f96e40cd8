"""The connected apps of the normalised record and their event types (connectors §2, §5.0)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from opencasb.activities.data_files import table

UNNUMBERED: Final = 0x7F0000
"""The number used for event types without one, such as those of apps that are not in the table."""

_ALERT_EVENTS: Final = {
    "EVENT_CATEGORY_RESOLVE_ALERT": "EVENT_ADALLOM_ALERT_RESOLVED",
    "EVENT_CATEGORY_DISMISS_ALERT": "EVENT_ADALLOM_ALERT_DISMISSED",
}


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """An app: product number, parent's number, name, stem of its event types, and the stem for its sign-ins."""

    app_id: int
    saas_id: int
    name: str
    events: str
    logins: str

    def event_type(self, category: str, activity_class: str) -> str:
        """Return the event type (``eventTypeValue``) of an activity."""
        if self.events == "ADALLOM" and category in _ALERT_EVENTS:
            return _ALERT_EVENTS[category]
        match activity_class:
            case "login":
                return f"EVENT_{self.logins}_LOGIN"
            case "failed_login":
                return f"EVENT_{self.logins}_LOGIN_FAILED"
            case _:
                return f"EVENT_{self.events}_GENERIC"


def by_slug(slug: str) -> ConnectedApp | None:
    """Return the app with a slug such as ``exchange``, or None."""
    return _by_slug().get(slug)


def by_number(app_id: int) -> ConnectedApp | None:
    """Return the app with a product number, or None if it is not in the table."""
    return _by_number().get(app_id)


def parts_of(app_id: int) -> tuple[int, ...]:
    """Return the product numbers of the other apps in a suite; empty if the app is not a suite."""
    return tuple(each.app_id for each in _by_slug().values() if each.saas_id == app_id != each.app_id)


def suite_of(app_id: int, stated: int | None) -> int:
    """Return the number of an app's parent: as stated, unless that is missing or, as upstream writes it, the app's."""
    app = by_number(app_id) if stated in {None, app_id} else None
    return app.saas_id if app else app_id if stated is None else stated


def unlisted(app_id: int, slug: str) -> ConnectedApp:
    """Return an app that is not in the table, named after its slug or else its number."""
    words = re.sub(r"[^A-Z0-9]+", "_", slug.upper()).strip("_")[:60] or f"APP_{app_id}"
    return ConnectedApp(app_id, app_id, slug or str(app_id), words, words)


def slugs() -> tuple[str, ...]:
    """Return the slugs of the apps in the table."""
    return tuple(_by_slug())


def event_number(event_type: str) -> int:
    """Return the number of an event type (``eventType``)."""
    return _numbers().get(event_type, UNNUMBERED)


@cache
def _by_slug() -> dict[str, ConnectedApp]:
    return {
        row["slug"]: ConnectedApp(int(row["app_id"]), int(row["saas_id"]), row["name"], row["events"], row["logins"])
        for row in table("connected_apps.csv")
    }


@cache
def _by_number() -> dict[int, ConnectedApp]:
    return {app.app_id: app for app in _by_slug().values()}


@cache
def _numbers() -> dict[str, int]:
    return {row["event_type"]: int(row["number"]) for row in table("event_types.csv")}
