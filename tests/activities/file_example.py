"""A delivered file."""

from __future__ import annotations

from typing import Any

from tests.conftest import NOW

TENANT = 81_000_001
ANA, BEN, EVE = "ana@example.org", "ben@example.org", "Eve@else.example"
FLAT: dict[str, Any] = {
    "id": "site|1",
    "app": "sharepoint",
    "name": "Plan_2025.final.XLSX",
    "size": "40960",
    "owner": ANA,
    "created": "2025-11-20T11:00:00Z",
    "modified": NOW - 1000,
    "parentId": "66AC00000000000000000009",
    "collaborators": [BEN, {"id": EVE, "accessLevel": 2}, {"id": "g-1", "name": "Team", "type": 2}],
    "labels": ["L1", {"id": "L2"}],
    "scanLabels": ["Corrupt file"],
    "policies": "p-1",
}
