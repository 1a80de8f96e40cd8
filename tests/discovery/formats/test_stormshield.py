"""Stormshield records."""

from __future__ import annotations

import re

import pytest

from opencasb.discovery.formats.stormshield import FORMATS
from tests.discovery.formats.appliance_lines import STORMSHIELD
from tests.discovery.formats.reading import fates, ms, one, read, used

(KNOWN,) = FORMATS
LINE = STORMSHIELD[0]
CONNECTION = LINE.replace("plugin", "connection").replace(' op=GET result=200 arg="/a/1"', "")
PASSED = CONNECTION.replace("connection", "filter").replace("sent=100 rcvd=1000", "sent=0 rcvd=0")


def test_a_visit() -> None:
    row = one(KNOWN, LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "ann1", "10.0.0.1")
    assert (row["url"], row["destination_ip"]) == ("http://files1.example.com/a/1", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["source_device"]) == (100, 1000, "pc1")
    secure = LINE.replace("dstport=80", "dstport=443").replace("proto=http", "proto=https").replace("plugin", "web")
    assert one(KNOWN, secure)["url"] == "https://files1.example.com/a/1"


@pytest.mark.parametrize(
    ("line", "when"),
    [
        (LINE.replace("+0000", "+0100"), "2025-11-20T11:00:01+01:00"),
        (LINE.replace('time="2025-11-20 11:00:01"', "time=2025-11-20 11:00:01", 1), "2025-11-20T11:00:01Z"),
        ("<134>1 2025-11-20T11:00:05Z sns asqd - - - \ufeff" + LINE, "2025-11-20T11:00:01Z"),
    ],
)
def test_the_time(line: str, when: str) -> None:
    assert one(KNOWN, line)["timestamp"] == ms(when)


@pytest.mark.parametrize(
    ("written", "device"),
    [
        ("srcname=pc1 srcmac=00:53:00:00:00:01", "pc1"),
        ("srcname=host_10.0.0.1 srcmac=00:53:00:00:00:01", "00:53:00:00:00:01"),
        ("srcmac=00:53:00:00:00:01", "00:53:00:00:00:01"),
        ("srcmac=00:00:00:00:00:00", None),
    ],
)
def test_the_device(written: str, device: str | None) -> None:
    """The hardware address replaces a missing name."""
    assert one(KNOWN, LINE.replace("srcname=pc1", written))["source_device"] == device


def test_a_connection() -> None:
    row = one(KNOWN, CONNECTION)
    assert (row["destination_host"], row["url"], row["total_bytes"]) == ("files1.example.com", None, 1100)
    assert one(KNOWN, CONNECTION.replace("action=pass", "action=block"))["action"] == "block"
    assert one(KNOWN, CONNECTION.replace("action=pass ", ""))["action"] == "allow"


def test_records_in_a_file_of_the_firewall() -> None:
    """They have no type, because the file name gives it."""
    for line in (CONNECTION, LINE):
        bare = re.sub(r' logtype="\w+"', "", line).replace("pri=5", "pri=5 slotlevel=2")
        assert " slotlevel=" in bare
        assert one(KNOWN, bare) == one(KNOWN, line)
        assert KNOWN.recognise([bare])[0] == 1


@pytest.mark.parametrize("name", ["host_203.0.113.1", "web-server", "host_a.example.com"])
def test_names_of_objects_are_no_hosts(name: str) -> None:
    row = one(KNOWN, LINE.replace("files1.example.com", name).replace("srcname=pc1", "srcname=host_10.0.0.1"))
    assert (row["destination_host"], row["url"], row["source_device"]) == (None, None, None)


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize("order", [1, -1])
def test_what_passed_the_filter_counts_only_without_its_connection(batches: int, order: int) -> None:
    rows = read(KNOWN, *[PASSED, CONNECTION][::order], batches=batches)
    assert [row["total_bytes"] for row in rows if row["ignored"] is None] == [1100]
    assert len(used(KNOWN, PASSED, CONNECTION.replace("50001", "50002"))) == 2
    assert [row["action"] for row in used(KNOWN, PASSED.replace("=pass", "=block"), CONNECTION)] == ["block", "allow"]


@pytest.mark.parametrize("batches", [1, 2])
def test_the_web_tells_the_url_of_the_connection(batches: int) -> None:
    web, connection = read(KNOWN, LINE.replace("plugin", "web"), CONNECTION, batches=batches)
    assert (web["ignored"], connection["total_bytes"]) == ("counted with its session", 1100)
    assert connection["url"] == "http://files1.example.com/a/1"


def test_connections_that_the_ssl_proxy_does_not_decipher() -> None:
    """They have the name of the server, and bytes that count once; the requests of others are in the web log."""
    ssl = CONNECTION.replace("connection", "ssl") + ' msg="Connection not deciphered (rule matches)"'
    row = one(KNOWN, ssl)
    assert (row["destination_host"], row["url"], row["total_bytes"]) == ("files1.example.com", None, 1100)
    assert [row["total_bytes"] for row in used(KNOWN, ssl, PASSED, CONNECTION)] == [1100]
    deciphered = ssl.replace("not deciphered", "deciphered")
    assert fates(KNOWN, [deciphered]) == [("not a connection record", None)]
    assert one(KNOWN, deciphered.replace("action=pass", "action=block"))["action"] == "block"


def test_what_is_no_transaction() -> None:
    kinds = ["alarm", "auth", "system", "server", "monitor", "vpn", "xvpn", "count", "filterstat", "smtp", "sandboxing"]
    lines = [LINE.replace("plugin", kind) for kind in kinds]
    assert fates(KNOWN, lines) == [("not a connection record", None)] * len(kinds)
    assert fates(KNOWN, [LINE.replace("result=200", "result=407"), "hello"]) == [
        ("authentication challenge", None),
        (None, "not a Stormshield record"),
    ]


def test_a_visitor_cannot_forge_a_field() -> None:
    row = one(
        KNOWN,
        LINE.replace("/a/1", "/a user=boss src=6.6.6.6 action=pass ").replace("action=pass op", "action=block op"),
    )
    assert (row["user"], row["source_ip"], row["action"]) == ("ann1", "10.0.0.1", "block")
