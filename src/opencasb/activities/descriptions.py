"""Build the human-readable description of an activity (connectors §2, api §7.4)."""

from __future__ import annotations

import re
from typing import Any, Final

from opencasb.activities.activity import Activity, EventObject
from opencasb.activities.categories import UNSPECIFIED

IMPERSONATED: Final = "(impersonated)"
LONGEST: Final = 1000
"""Maximum length of a generated description, in characters; object names can be arbitrarily long."""

_SPELLED: Final = {"oauthApp": "OAuth app", "vm": "virtual machine", "emailAddress": "e-mail address"}
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|_")


def describe(activity: Activity) -> dict[str, Any]:  # JSON
    """Return ``description``, ``description_id`` and ``description_metadata`` of an activity.

    The text is the record's own or generated, such as *Download file: file plan.docx*. It is plain text and may contain
    anything that logs contain, so whoever displays it must escape it.
    """
    target = next((each for each in activity.objects if each.role == "target" and (each.name or each.object_id)), None)
    message = activity.failure_reason if not activity.is_success else None
    named = _named(target) if target else ""
    text = activity.description or _made(activity, named, message)
    if activity.is_impersonated and not text.endswith(IMPERSONATED):
        text = f"{text} {IMPERSONATED}"
    is_login = activity.activity_class in {"login", "failed_login"}
    return {
        "description": text,
        "description_id": "EVENT_DESCRIPTION_LOGIN" if is_login else "EVENT_DESCRIPTION_BASIC",
        "description_metadata": {
            "target_object": named,
            "operation_name": activity.operation,
            "colon": ": " if target else "",
            "dash": "",
            "event_category": activity.category.display_name,
            "activity_result_message": message or "",
        },
    }


def _made(activity: Activity, named: str, message: str | None) -> str:
    what = activity.category.display_name
    if activity.category.name == UNSPECIFIED and activity.operation:
        what = activity.operation  # more informative than "Unspecified"
    about = f": {named}" if named else ""
    failed = f" (Failure message: {message})" if message else ""
    return f"{what}{about}"[:LONGEST] + failed[:LONGEST]


def _named(target: EventObject) -> str:
    kind = _SPELLED.get(target.kind) or _CAPITAL.sub(" ", target.kind).lower()
    return f"{kind} {target.name or target.object_id}"[:LONGEST]
