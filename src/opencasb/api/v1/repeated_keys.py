"""JSON objects that name a key twice: what stands under it is joined (api §6.1).

The PowerShell module writes each of its filters for itself, ``{"date": {"gte": 1}, "date": {"lte": 2}}``. Of these the
last alone would find too much.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

_KEYS: Final = re.compile(rb'"([^"\\]*+)"\s*+:')


def joined(text: bytes, found: Any) -> Any:  # any JSON
    """Return what JSON text says, with objects under the same key joined; of anything else the last counts.

    ``found`` is ``text`` decoded.
    """
    keys = _KEYS.findall(text)
    # Different objects may share a key; reading once more is then only slower.
    return found if len(keys) == len(set(keys)) else json.loads(text, object_pairs_hook=_object)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:  # any JSON
    made: dict[str, Any] = {}
    for key, value in pairs:
        before = made.get(key)
        made[key] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return made
