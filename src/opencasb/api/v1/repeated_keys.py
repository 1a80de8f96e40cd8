"""JSON objects with duplicate keys: their values are merged (api §6.1).

The PowerShell module writes each of its filters separately, ``{"date": {"gte": 1}, "date": {"lte": 2}}``. The last one
alone would match too much.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_KEYS: Final = re.compile(rb'"([^"\\]*+)"\s*+:')


def joined(text: bytes, found: Any) -> Any:  # any JSON
    """Return decoded JSON in which objects under the same key are merged; for other values the last one wins.

    ``found`` is ``text`` decoded.
    """
    keys = _KEYS.findall(text)
    # Different objects may share a key; the second parse is then just slower.
    return found if len(keys) == len(set(keys)) else json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:  # any JSON
    made: dict[str, Any] = {}
    for key, value in pairs:
        before = made.get(key)
        made[key] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return made
