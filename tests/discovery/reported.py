"""A report, for tests of its presentations."""

from __future__ import annotations

from typing import Any

import msgspec

from opencasb.model.app import GENERATIVE_AI
from opencasb.model.report import AppUsage, DailyUsage, DiscoveryReport, LineCounts, RejectedSample
from opencasb.model.unlisted_profile import Profile, Reason
from tests.conftest import NOW

DROPBOX = AppUsage(
    id=11627,
    name="Dropbox",
    category="SAASDB_CATEGORY_CLOUD_STORAGE",
    score=3,
    listed=True,
    domains=("dropbox.com", "dropboxapi.com", "dropboxusercontent.com"),
    users=12,
    ip_addresses=14,
    devices=0,
    transactions=1_400,
    blocked_transactions=7,
    uploaded_bytes=6_000_000_000,
    downloaded_bytes=1_500_000,
    total_bytes=6_001_500_000,
    first_seen=NOW - 86_400_000,
    last_seen=NOW,
)


def app(app_id: int, name: str, **fields: Any) -> AppUsage:  # any field
    """Return an app like Dropbox with some fields changed."""
    return msgspec.structs.replace(DROPBOX, id=app_id, name=name, **fields)


CHATGPT = app(
    31001, "ChatGPT", category=GENERATIVE_AI, score=8, domains=("chatgpt.com",), users=40, uploaded_bytes=90_000_000
)
ODD = app(
    1_000_000_000, "odd.example", score=None, listed=False, domains=("odd.example",), uploaded_bytes=2_000_000_000
)

ODD_PROFILE = Profile(
    app_id=ODD.id,
    domain="odd.example",
    confidence=73,
    users=12,
    days=2,
    uploaded_bytes=2_000_000_000,
    total_bytes=2_001_500_000,
    reasons=(Reason("uploads", "100 % of 2.0 GB went up", 25), Reason("institution", "only a test", -20)),
    hosts=("api.odd.example",),
)

REPORT = DiscoveryReport(
    source="SQUID",
    lines=LineCounts(read=1_600, used=1_500, ignored=60, rejected=40),
    first_seen=NOW - 86_400_000,
    last_seen=NOW,
    apps=[DROPBOX, ODD, CHATGPT],
    rejected_samples=[RejectedSample(file="access.log", line=4_711, reason="too few fields", text="half a li")],
    ignored_by_rule={"comment": 60},
    rejected_by_reason={"too few fields": 40},
    daily=[
        DailyUsage(day="2025-11-19", transactions=700, uploaded_bytes=1_000_000, downloaded_bytes=2_000_000),
        DailyUsage(day="2025-11-20", transactions=800, uploaded_bytes=8_000_000_000, downloaded_bytes=4_000_000),
    ],
)

EMPTY = DiscoveryReport(
    source="SQUID",
    lines=LineCounts(read=0, used=0, ignored=0, rejected=0),
    first_seen=None,
    last_seen=None,
    apps=[],
    rejected_samples=[],
)
