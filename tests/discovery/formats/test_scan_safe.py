"""Cisco Cloud Web Security."""

from __future__ import annotations

import pytest

from tests.discovery.formats.parsed import rows
from tests.discovery.formats.reading import ms
from tests.discovery.formats.vendor_lines import SCAN_SAFE

HEAD, LINE = SCAN_SAFE[:2]


def test_a_request() -> None:
    """Every field is read; the site's own address is not the client's."""
    assert rows("CISCO_SCAN_SAFE", [HEAD, LINE])[1] == {
        "line": 2, "timestamp": ms("2025-11-20T11:00:01Z"), "user": "ann1", "source_ip": "10.0.0.1",
        "destination_host": "files1.example.com", "url": "https://files1.example.com/a",
        "destination_ip": "203.0.113.1",
        "action": "allow", "uploaded_bytes": 10, "downloaded_bytes": 100, "total_bytes": 110, "transactions": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "action"),
    [
        (LINE.replace("\tallow\t", "\tblock\t"), "block"),
        (LINE.replace("\tallow\t-", "\tallow\tcategory"), "block"),
        (LINE.replace("\tallow\t", "\twarn\t"), "allow"),
    ],
)
def test_the_verdict(line: str, action: str) -> None:
    assert rows("CISCO_SCAN_SAFE", [HEAD, line])[1]["action"] == action


@pytest.mark.parametrize(
    ("forwarded", "source"), [("10.7.7.7", "10.7.7.7"), ("10.7.7.7, 10.8.8.8", "10.7.7.7"), ("unknown", "10.0.0.1")]
)
def test_the_client_behind_a_proxy(forwarded: str, source: str) -> None:
    line = LINE.replace("10.0.0.1\t-", f"10.0.0.1\t{forwarded}")
    assert rows("CISCO_SCAN_SAFE", [HEAD, line])[1]["source_ip"] == source
