"""Sophos UTM 9 records."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.sophos_sg import FORMATS
from tests.discovery.formats.appliance_lines import SOPHOS_SG
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read, used

(UTM,) = FORMATS
LINE = SOPHOS_SG[0]
PACKET = (
    '2025:11:20-11:00:01 utm ulogd[4711]: id="2002" severity="info" sys="SecureNet" sub="packetfilter" name="Packet'
    ' accepted" action="accept" fwrule="7" srcmac="02:00:00:00:00:01" srcip="10.0.0.1" dstip="203.0.113.9" proto="6"'
    ' length="60" srcport="50001" dstport="443"'
)


def test_a_visit() -> None:
    row = one(UTM, LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "CORP\\ann1", "10.0.0.1")
    assert (row["url"], row["destination_ip"]) == ("https://files1.example.com/a/1", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (None, 1000, "allow")
    assert one(UTM, LINE.replace("CORP", ""))["user"] == "ann1"
    assert one(UTM, LINE.replace("ann1", "SALES\\ann1"))["user"] == "SALES\\ann1"
    assert [one(UTM, LINE.replace("ann1", nobody))["user"] for nobody in ("", "-", "NA")] == [None] * 3


@pytest.mark.parametrize("header", ["<30>", "<30>Nov 20 12:00:00 relay ", "Nov 20 12:00:00 relay "])
def test_headers_change_nothing(header: str) -> None:
    assert one(UTM, header + LINE) == one(UTM, LINE)


def test_time_is_local() -> None:
    row = one(UTM, LINE, ParseContext(RECEIVED, timezone="Europe/Berlin"))
    assert row["timestamp"] == ms("2025-11-20T11:00:01+01:00")
    bare = "<30>Nov 20 12:00:00 relay " + LINE.partition(": ")[2]
    assert one(UTM, bare)["timestamp"] == ms("2025-11-20T12:00:00Z")


@pytest.mark.parametrize(
    ("number", "action", "verdict"),
    [
        ("0001", "pass", "allow"),
        ("0002", "block", "block"),
        ("0060", "block", "block"),
        ("0071", "warn", "allow"),
        ("0002", "", "block"),
    ],
)
def test_the_verdict(number: str, action: str, verdict: str) -> None:
    line = LINE.replace('id="0001"', f'id="{number}"').replace('action="pass"', f'action="{action}"')
    assert one(UTM, line)["action"] == verdict


def test_of_a_tunnel_only_the_host_is_known() -> None:
    row = one(UTM, LINE.replace('"GET"', '"CONNECT"').replace("/a/1", "/"))
    assert (row["destination_host"], row["url"]) == ("files1.example.com", None)


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize("order", [1, -1])
def test_the_packet_filter_counts_only_without_the_proxy(batches: int, order: int) -> None:
    rows = read(UTM, *[PACKET, LINE][::order], batches=batches)
    assert [row["destination_host"] for row in rows if row["ignored"] is None] == ["files1.example.com"]
    alone = used(UTM, PACKET, PACKET.replace('"accept"', '"drop"'))
    assert [(row["action"], row["total_bytes"]) for row in alone] == [("allow", None), ("block", None)]


def test_what_is_no_transaction() -> None:
    lines = [
        PACKET.replace('"accept"', '"DNS request"'),
        LINE.replace(' url="https://files1.example.com/a/1"', ""),
        LINE.replace('statuscode="200"', 'statuscode="407"'),
        LINE.replace("SecureWeb", "SecureMail"),
        "2025:11:20-11:00:01 utm sshd[1]: hello",
        "hello",
    ]
    assert fates(UTM, lines) == [
        ("not a connection", None),
        ("web record without a URL", None),
        ("authentication challenge", None),
        ("not a web or packet filter record", None),
        ("not a web or packet filter record", None),
        (None, "not a Sophos UTM record"),
    ]
