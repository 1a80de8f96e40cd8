"""Downloads from Zscaler's Web Insights."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.zscaler import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.reading import fates, ms, one, read, used

KNOWN = FORMATS[0]
CEF = "CEF:0|Zscaler|NSSWeblog|5.7|Allowed|Allowed|3|act=Allowed src=10.0.0.2 request=b.example/ rt=1763640000000"
ROW = {
    "No.": "1", "Event Time": "Thursday November 20 2025 1:00:01 PM", "User": "ann@corp.example",
    "URL": "files.example.com/a?b", "Policy Action": "Allowed", "Cloud Application": "Files, and more",
    "Sent Bytes": "100", "Received Bytes": "1000", "Client IP": "10.0.0.1", "Client External IP": "198.51.100.1",
    "Server IP": "203.0.113.1", "Request Method": "GET", "Response Code": "200 - OK", "Protocol": "HTTPS",
    "Device Hostname": "pc1",
}  # fmt: skip


def table(*changes: dict[str, str]) -> list[str]:
    """Return a header row and a row for each of these changes."""
    rows = [ROW | change for change in changes]
    return [",".join(f'"{cell}"' for cell in cells) for cells in (rows[0], *(row.values() for row in rows))]


def test_a_download() -> None:
    head, line = table({})
    assert recognise([head, line]).source == "ZSCALER"
    (row,) = used(KNOWN, head, line)
    assert (row["timestamp"], row["user"]) == (ms("2025-11-20T13:00:01Z"), "ann@corp.example")
    assert (row["source_ip"], row["action"]) == ("10.0.0.1", "allow")
    assert (row["url"], row["destination_ip"]) == ("https://files.example.com/a?b", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["source_device"]) == (100, 1000, "pc1")


@pytest.mark.parametrize("batches", [1, 2, 3])
def test_blocked_requests_and_challenges(batches: int) -> None:
    lines = table({}, {"Policy Action": "Blocked - Not allowed to browse"}, {"Response Code": "407 - Proxy"})
    rows = read(KNOWN, *lines, batches=batches)
    assert [row["ignored"] for row in rows] == ["header row", None, None, "authentication challenge"]
    assert [row["action"] for row in rows[1:3]] == ["allow", "block"]


def test_of_a_tunnel_only_the_host_is_known() -> None:
    (row,) = used(KNOWN, *table({"Protocol": "SSL", "URL": "files.example.com:443", "Request Method": "CONNECT"}))
    assert (row["destination_host"], row["url"]) == ("files.example.com", None)


def test_columns_are_chosen_by_the_administrator() -> None:
    """Unquoted cells, another order, and lines of the feed before the first header row."""
    feed = CEF
    head = "Client External IP,URL,Policy Action,Logged Time"
    line = "198.51.100.1,a.example/,Allowed,2025-11-20 11:00:00"
    rows = used(KNOWN, feed, head, line)
    assert [row["source_ip"] for row in rows] == [one(KNOWN, feed)["source_ip"], "198.51.100.1"]
    assert fates(KNOWN, ["Policy Action,URL,User", line])[0] == (None, "not a Zscaler record")
