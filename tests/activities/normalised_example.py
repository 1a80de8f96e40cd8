"""A fictitious normalised activity (connectors §2)."""

from __future__ import annotations

from typing import Any

from tests.conftest import NOW

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0"


def normalised(**changes: Any) -> dict[str, Any]:
    """Return a download with changes; the value ``...`` removes a key."""
    made = {
        "timestamp": NOW - 1000,
        "app": "onedrive",
        "appId": 15600,
        "rawOperation": "FileDownloaded",
        "eventTypeName": "EVENT_CATEGORY_DOWNLOAD_FILE",
        "user": "Ana@Example.org",
        "userId": "3b0f4c3e-0000-4000-8000-0000000000aa",
        "actorType": "Regular",
        "ip": "192.0.2.10:50342",
        "userAgent": FIREFOX,
        "sessionId": "s-1",
        "isSuccess": True,
        "isAdmin": False,
        "objects": [
            {"type": "file", "id": "F1", "name": "plan.xlsx", "role": "target"},
            {"type": "folder", "name": "Plans", "role": "parameter"},
        ],
        "raw": {"Operation": "FileDownloaded", "operation": 1},
    }
    return {name: value for name, value in {**made, **changes}.items() if value is not ...}
