"""Read wire records of any shape: a missing value, or one of an unexpected type, counts as absent."""

from __future__ import annotations

from typing import Any, Final

from opencasb.activities.given import LARGEST_NUMBER

MOST_OBJECTS: Final = 100
"""Maximum number of objects examined per activity; a record with more does not describe anything done by hand."""

PEOPLE: Final = frozenset({2, 21, 22, 23})
"""Object types of user names and accounts."""


def at(value: Any, *path: str) -> Any:  # any JSON
    """Return the value at ``path``, or None."""
    for name in path:
        if not isinstance(value, dict):  # testing for Mapping takes three times as long
            return None
        value = value.get(name)
    return value


def object_at(value: Any, name: str) -> dict[str, Any]:  # any JSON
    """Return the object under a key, or an empty one."""
    found = value.get(name) if type(value) is dict else None
    return found if type(found) is dict else {}


def text_at(value: Any, name: str) -> str:  # any JSON
    """Return the text under a key unchanged, or empty text."""
    found = value.get(name) if type(value) is dict else None
    return found if type(found) is str else ""


def listed(value: Any) -> list[Any]:  # any JSON
    """Return a list unchanged; anything else becomes an empty list."""
    return value if isinstance(value, list) else []


def number(value: Any) -> int | None:  # any JSON
    """Return a whole number in the range of apps, instances and times, also from text; None otherwise."""
    if type(value) is int and 0 <= value <= LARGEST_NUMBER:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 17:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER else None


def text(value: Any, longest: int) -> str | None:  # any JSON
    """Return stripped text; None if it is blank or too long to be a name."""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        return None
    return value.strip() or None


def kind(given: Any) -> str | None:  # any JSON
    """Return the kind of an event object in lower case, without the app that upstream may name before it; or None."""
    words = text_at(given, "serviceObjectType").lower().split()
    return words[-1] if words else None
