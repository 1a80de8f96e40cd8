"""Alerts for tests."""

from __future__ import annotations

from typing import Any

from tests.conftest import NOW


def alert_id(number: int) -> str:
    """Return the id of the alert with that number."""
    return f"66f0a1b2c3d4e5f6{number:08x}"


def alert(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a wire alert like that of api §8.4; each higher number is a second newer."""
    person = {"id": "3b0f4c3e-0000-4000-8000-0000000000AA", "saas": 11161, "inst": 0}
    names = {"label": "Ana Silva", "pa": "Ana@example.org", "em": "ana.silva@example.org"}
    rule = {"type": "policyRule", "id": "66aa00000000000000000001", "label": "Impossible travel"}
    made = {
        "_id": alert_id(number),
        "timestamp": NOW - 1_000_000 + number * 1000,
        "title": "Impossible travel activity",
        "description": "The user Ana Silva signed in from Portugal and Japan within 40 minutes.",
        "isMarkdown": False,
        "entities": [
            {"type": "account", **person, **names, "entityType": 2, "entityRole": "Source"},
            {"type": "user", "id": "ana@example.org", "label": "Ana Silva"},
            {"type": "ip", "id": "::ffff:192.0.2.10", "label": "192.0.2.10", "triggeredAlert": True},
            {"type": "country", "id": "JP", "label": "Japan"},
            {"type": "service", "id": 20893, "label": "Microsoft Exchange Online"},
            {"type": "file", "id": "b!site|01FILE", "label": "plan.docx"},
            {**rule, "policyType": "ANOMALY_DETECTION"},
        ],
        "statusValue": 0,
        "severityValue": 1,
        "resolutionStatusValue": 0,
        "stories": [0],
        "intent": [2],
        "evidence": [],
        "isPreview": False,
        "isSystemAlert": False,
        "idValue": 15859716,
        "contextId": "8d7c2f10-0000-4000-8000-000000000042",
        "threatScore": 34,
        "threatScoreReasoning": [],
        "audits": ["88812345_1718000123456_5c1d0b7a9e334f0f8a2b6d1e0c9f7a11"],
        "comment": "",
        "handledByUser": None,
        "resolveTime": None,
    }
    return {**made, **changes}
