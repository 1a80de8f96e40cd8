"""A delivered account, and activities of its owner."""

from __future__ import annotations

from typing import Any

from opencasb.activities.normalised import to_wire
from tests.activities.normalised_example import normalised
from tests.conftest import NOW

TENANT = 81_000_001
ANA = "ana@example.org"
GUID = "3b0f4c3e-0000-4000-8000-0000000000aa"
FLAT: dict[str, Any] = {
    "id": GUID.upper(),
    "app": "exchange",
    "email": "Ana@Example.org",
    "displayName": "Ana Silva",
    "aliases": ["A.Silva@example.org"],
    "status": "suspended",
    "isAdmin": "true",
    "role": "Global Administrator",
    "isExternal": False,
    "organization": "Research",
    "groups": ["g-1", {"id": "g-2", "name": "Two"}],
    "apps": [28375, {"appId": "15600"}],
    "lastSeen": "2025-11-20T11:00:00Z",
    "score": 12,
    "sctime": NOW - 1000,
    "sid": "S-1",
}


def did(at: int = 0, **changes: Any) -> dict[str, Any]:
    """Return a wire activity ``at`` seconds after NOW; of Ana unless changed."""
    made = {"app": "office365", "appId": ..., "timestamp": NOW + at * 1000, "objects": [], **changes}
    return to_wire(normalised(**made), TENANT, NOW)
