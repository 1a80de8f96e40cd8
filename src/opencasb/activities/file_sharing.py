"""Sharing of files as shown in their records: access levels and collaborators (api §10.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from opencasb.activities.given import MOST_ITEMS
from opencasb.activities.names import address_in

PRIVATE, INTERNAL, EXTERNAL, PUBLIC, PUBLIC_INTERNET = range(5)
LEVELS: Final = ("PRIVATE", "INTERNAL", "EXTERNAL", "PUBLIC", "PUBLIC_INTERNET")
USER, GROUP = 1, 2
"""Collaborator types."""

_Json = Mapping[str, Any]


def level_of(external: bool | None) -> int | None:
    """Return the access level of sharing with somebody external or internal; None if that is unknown."""
    return None if external is None else EXTERNAL if external else INTERNAL


def collaborator(name: str, kind: int, level: int | None, at: int | None) -> dict[str, Any]:  # JSON
    """Return a collaborator; ``level`` is its access level and ``at`` the time of sharing in ms."""
    email = name if "@" in name else None
    return {"id": name, "name": name, "email": email, "role": "", "accessLevel": level, "type": kind, "at": at}


def with_sharing(
    document: dict[str, Any], level: int, more: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:  # JSON
    """Return a file with an access level, deriving the other sharing keys from its collaborators.

    ``more`` holds extra values for those keys.
    """
    people = [each for each in document["collaborators"] if each["type"] != GROUP]
    groups = [each for each in document["collaborators"] if each["type"] == GROUP]
    texts = [text for each in people for text in (each["id"], each["name"], each.get("email") or "")]
    emails = [address for text in texts if "@" in text and (address := address_in(text))]
    given = more or {}
    return {
        **document,
        "fileAccessLevel": [level, LEVELS[level]],
        "facl": level,
        "emails": _joined(emails, given.get("emails")),
        "domains": _joined((text.rpartition("@")[2] for text in emails), given.get("domains")),
        "groups": _joined((each["name"] for each in groups), given.get("groups")),
        "groupIds": _joined((each["id"] for each in groups), given.get("groupIds")),
        "externalShares": _joined(
            (each["name"] for each in people if each["accessLevel"] == EXTERNAL), given.get("externalShares")
        ),
        "display_collaborators": [
            {"label": each["name"], "type": each["type"], "id": each["id"], "allowRemoveCollaborator": False}
            for each in document["collaborators"]
        ],
    }


def reach(collaborators: Iterable[_Json]) -> int:
    """Return the access level that follows from the collaborators; an unknown level counts as internal."""
    levels = [each["accessLevel"] for each in collaborators]
    return max((INTERNAL if level is None else level for level in levels), default=PRIVATE)


def _joined(found: Iterable[str], given: Iterable[str] | None) -> list[str]:
    return list(dict.fromkeys((*found, *(given or ()))))[:MOST_ITEMS]
