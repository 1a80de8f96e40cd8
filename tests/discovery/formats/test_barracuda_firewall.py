"""Barracuda CloudGen Firewall activities."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.barracuda_firewall import FORMATS
from tests.discovery.formats.appliance_lines import BARRACUDA_FIREWALL
from tests.discovery.formats.reading import fates, ms, one, read, used

(KNOWN,) = FORMATS
LINE = BARRACUDA_FIREWALL[0]
BARE = LINE.removeprefix("2025 11 20 11:00:01 +00:00 ")


def test_the_end_of_a_session() -> None:
    row = one(KNOWN, LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "ann1", "10.0.0.1")
    assert (row["destination_host"], row["destination_ip"]) == ("files1.example.com", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")
    assert (row["source_device"], row["url"]) == ("02:00:00:00:00:01", None)


@pytest.mark.parametrize(
    ("line", "when"),
    [
        (BARE, None),
        ("<14>Nov 20 11:00:01 box " + BARE, "2025-11-20T11:00:01Z"),
        ("<14>Nov 20 11:00:01 box box_Firewall_Activity: " + BARE, "2025-11-20T11:00:01Z"),
        (LINE.replace("+00:00", "+01:00"), "2025-11-20T11:00:01+01:00"),
    ],
)
def test_the_time(line: str, when: str | None) -> None:
    assert one(KNOWN, line)["timestamp"] == (when and ms(when))
    assert one(KNOWN, line)["total_bytes"] == 1100


KEYED = (
    "2025 11 20 11:00:01 Info     +00:00 Remove: type=FWD|proto=TCP|srcIF=eth1|srcIP=10.0.0.1|srcPort=50001|"
    "srcMAC=02:00:00:00:00:01|dstIP=203.0.113.1|dstPort=443|dstService=https|dstIF=eth0|rule=LAN/<App>:all|"
    "info=Session Idle Timeout|srcNAT=198.51.100.1|dstNAT=203.0.113.1|duration=3000|count=1|receivedBytes=1000|"
    "sentBytes=100|receivedPackets=3|sentPackets=2|user=ann1|protocol=HTTPS|application=Files|"
    "target=files1.example.com|content=|urlcat="
)


def test_values_with_keys() -> None:
    """The default activity log gives the same as values by position, also mixed in one file."""
    assert read(KNOWN, KEYED, LINE) == read(KNOWN, LINE, LINE)
    assert one(KNOWN, KEYED.replace("+00:00", "+01:00"))["timestamp"] == ms("2025-11-20T10:00:01Z")
    sent = "<14>Nov 20 11:00:01 fw1 fw1/box_Firewall_Activity:  Info     fw1 " + KEYED.partition("+00:00 ")[2]
    assert one(KNOWN, sent) == one(KNOWN, KEYED)
    assert one(KNOWN, KEYED.replace("Remove", "Block"))["action"] == "block"
    assert fates(KNOWN, [KEYED.replace("Remove", "Allow"), KEYED]) == fates(
        KNOWN, [LINE.replace("Remove", "Allow"), LINE]
    )
    assert KNOWN.recognise([KEYED, sent])[0] == 1


@pytest.mark.parametrize("action", ["Block", "LocalBlock", "Deny", "Drop", "Fail"])
def test_a_refusal(action: str) -> None:
    assert one(KNOWN, LINE.replace("Remove", action))["action"] == "block"


def test_many_blocked_packets_in_one_record() -> None:
    line = (
        "Security fw1 LocalBlock: <cumulative>|UDP|eth0|10.0.0.9|0|00:00:00:00:00:00|203.0.113.255|137|||<no-match>|"
        "4003|||0|31|0|0|0|0||||||"
    )
    row = one(KNOWN, line)
    assert (row["source_ip"], row["destination_ip"], row["action"]) == ("10.0.0.9", "203.0.113.255", "block")
    assert (row["transactions"], KNOWN.recognise([line])[0]) == (1, 1)


@pytest.mark.parametrize("batches", [1, 2])
@pytest.mark.parametrize("order", [1, -1])
def test_what_was_allowed_counts_only_in_a_file_without_ends(batches: int, order: int) -> None:
    allowed = LINE.replace("Remove", "Allow").replace("|1000|100|", "|0|0|")
    rows = read(KNOWN, *[allowed, LINE][::order], batches=batches)
    assert [row["total_bytes"] for row in rows if row["ignored"] is None] == [1100]
    alone = used(KNOWN, allowed, LINE.replace("Remove", "Block"), allowed.replace("Allow", "Detect"))
    assert [row["action"] for row in alone] == ["allow", "block", "allow"]


def test_what_is_no_transaction() -> None:
    lines = [
        "Info     fw1 event: [1] Insert Event from 127.0.0.1:5 - (D|3|box|3|x)",
        "Notice   fw1 127.0.0.1:15743 login succeeded",
        '<14>1 2025-03-04T15:53:03Z fw1 - - - [timeQuality tzKnown="1"] Notice   fw1 127.0.0.1:15743 login succeeded',
        "<14>Mar  4 15:53:03 fw1 fw1/box_Auth:  +01:00 Security fw1 LOGIN ATTEMPT: Denied",
        "<14>Mar  4 15:53:03 fmc SFIMS: User: Unknown, Security Zone Ingress: lan, {TCP} 10.0.0.1:1 -> 203.0.113.1:443",
        "hello",
        "Info     fw1 Allow: FWD|TCP|eth1|10.0.0.1",
    ]
    assert fates(KNOWN, lines) == [
        *[("not a firewall activity", None)] * 4,
        *[(None, "not a Barracuda firewall record")] * 2,
        (None, "too few fields"),
    ]


def test_others_may_write_of_security() -> None:
    assert KNOWN.recognise(["Security risk found,Computer name: pc1,IP Address: 10.0.0.1"])[0] == 0


OBJECT = (
    '{"version":1,"timestamp":1763636401,"action":"End","duration":8436,"src_iface":"eth0","src_ip":"10.0.0.1",'
    '"src_port":40532,"src_mac":"02:00:00:00:00:01","dst_iface":"eth1","dst_ip":"203.0.113.1","dst_port":443,'
    '"fw_rule":"LAN-2-INTERNET","fw_info":2007,"src_ip_nat":"198.51.100.1","dst_ip_nat":"203.0.113.1",'
    '"fwd_bytes":100,"rev_bytes":1000,"ip_proto":6,"protos":["HTTPS direct"],"apps":["Web browsing"]}'
)


def test_an_object() -> None:
    """Activities streamed to a collector as JSON."""
    row = one(KNOWN, OBJECT)
    assert (row["timestamp"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "10.0.0.1")
    assert (row["source_device"], row["destination_ip"]) == ("02:00:00:00:00:01", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")
    assert one(KNOWN, OBJECT.replace("End", "Block"))["action"] == "block"
    assert KNOWN.recognise([OBJECT])[0] == 1


def test_objects_of_starts_count_only_without_ends() -> None:
    start = OBJECT.replace("End", "Begin")
    assert len(used(KNOWN, start, OBJECT, LINE)) == 2
    assert len(used(KNOWN, start)) == 1
    damaged = ["{", OBJECT.replace("fwd_bytes", "bytes"), OBJECT.replace("1763636401", "1" * 40)]
    assert fates(KNOWN, damaged) == [(None, "not a Barracuda firewall record")] * 3
