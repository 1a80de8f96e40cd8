"""Reading wire records of any shape: what is missing, or of another type than it should be, is nothing."""

from __future__ import annotations

from typing import Any, Final

from opencasb.activities.given import LARGEST_NUMBER

MOST_OBJECTS: Final = 100
"""Objects of an activity that are looked at; a record with more is no list of what somebody did by hand."""


def at(value: Any, *path: str) -> Any:  # any JSON
    """Return what stands below ``path``, None if there is nothing."""
    for name in path:
        if not isinstance(value, dict):  # a Mapping takes three times as long
            return None
        value = value.get(name)
    return value


def object_at(value: Any, name: str) -> dict[str, Any]:  # any JSON
    """Return the object below a key, an empty one if there is none."""
    found = value.get(name) if type(value) is dict else None
    return found if type(found) is dict else {}


def text_at(value: Any, name: str) -> str:  # any JSON
    """Return the text below a key as it is, an empty one if there is none."""
    found = value.get(name) if type(value) is dict else None
    return found if type(found) is str else ""


def listed(value: Any) -> list[Any]:  # any JSON
    """Return a list; anything else is an empty one."""
    return value if isinstance(value, list) else []


def number(value: Any) -> int | None:  # any JSON
    """Return a whole number that can be one of an app, an instance or a time, also from text."""
    if type(value) is int and 0 <= value <= LARGEST_NUMBER:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 17:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER else None


def text(value: Any, longest: int) -> str | None:  # any JSON
    """Return text without white space around it, None if it is blank, or too long to be a name."""
    if not isinstance(value, str) or len(value) > longest or "\0" in value:
        return None
    return value.strip() or None


def kind(given: Any) -> str | None:  # any JSON
    """Return what sort of thing an event object is, in lower case; None if it does not say."""
    found = at(given, "serviceObjectType")
    return found.lower() if isinstance(found, str) and found else None
