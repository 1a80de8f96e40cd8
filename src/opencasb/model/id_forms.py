"""Recognise the forms of ids."""

from __future__ import annotations

import re
from typing import Final

_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{24}")


def is_guid(text: str) -> bool:
    """Return whether a text is a lower-case GUID such as 00000000-0000-0000-0000-000000000000."""
    return _GUID.fullmatch(text) is not None


def is_object_id(text: str) -> bool:
    """Return whether a text is an object id: 24 lower-case hex characters (api §1.2)."""
    return _OBJECT_ID.fullmatch(text) is not None
