"""NetScreen traffic messages."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.juniper_ssg import FORMATS
from tests.discovery.formats.appliance_lines import SSG
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read

(SCREENOS,) = FORMATS
LINE = SSG[0]


def test_a_traffic_message() -> None:
    row = one(SCREENOS, LINE)
    assert (row["timestamp"], row["source_ip"], row["destination_ip"]) == (
        ms("2025-11-20T11:00:01Z"),
        "10.0.0.1",
        "203.0.113.1",
    )
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["total_bytes"]) == (100, 1000, 1100)
    assert (row["action"], row["user"], row["destination_host"]) == ("allow", None, None)


def test_the_start_is_local_time() -> None:
    row = one(SCREENOS, LINE, ParseContext(RECEIVED, timezone="Europe/Berlin"))
    assert row["timestamp"] == ms("2025-11-20T11:00:01+01:00")
    row = one(SCREENOS, "Nov 19 10:00:00 fw " + LINE.replace("start_time", "started"))
    assert row["timestamp"] == ms("2025-11-19T10:00:00Z")


@pytest.mark.parametrize(
    ("action", "verdict"), [("Permit", "allow"), ("Tunnel", "allow"), ("Deny", "block"), ("Reject", "block")]
)
def test_the_verdict(action: str, verdict: str) -> None:
    assert one(SCREENOS, LINE.replace("Permit", action))["action"] == verdict


def test_escaped_quotes_and_users() -> None:
    assert one(SCREENOS, LINE.replace('"', '\\"')) == one(SCREENOS, LINE)
    assert one(SCREENOS, LINE + " user=jo")["user"] == "jo"


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize("order", [1, -1])
def test_a_start_counts_only_without_its_end(batches: int, order: int) -> None:
    start = LINE.replace("Close - FIN", "Creation")
    rows = read(SCREENOS, *[start, LINE][::order], batches=batches)
    assert [row["total_bytes"] for row in rows if row["ignored"] is None] == [1100]
    assert one(SCREENOS, start)["total_bytes"] == 1100


def test_what_is_no_transaction() -> None:
    event = "ns1: NetScreen device_id=ns1  [Root]system-warning-00515: Admin user jo has logged out"
    shown = "[00001] 2025-11-20 11:00:00 [Root]system-critical-00040: VPN 'a' from 10.0.0.1 is up."
    assert fates(SCREENOS, [shown]) == [("not a traffic message", None)]
    assert fates(SCREENOS, [event, "hello", LINE.replace(" src=10", " x=10")]) == [
        ("not a traffic message", None),
        (None, "not a ScreenOS message"),
        (None, "no source address"),
    ]
