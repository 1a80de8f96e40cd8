"""An entity as it is delivered."""

from __future__ import annotations

from typing import Any

from tests.conftest import NOW

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
