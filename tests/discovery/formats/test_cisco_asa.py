"""Cisco ASA, PIX and FWSM messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.cisco_asa import FORMATS
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read, used

FWSM, ASA = FORMATS


def teardown(
    first: str = "outside:203.0.113.70/443",
    second: str = "inside:10.50.0.9/50999",
    *,
    number: int = 900100,
    tail: str = "",
) -> str:
    return (
        f"%ASA-6-302014: Teardown TCP connection {number} for {first} to {second} duration 0:01:02 bytes 8192 "
        f"TCP FINs{tail}"
    )


def built(way: str, first: str, second: str, *, number: int = 900100) -> str:
    mapped = [f"{endpoint} ({endpoint.partition(':')[2]})" for endpoint in (first, second)]
    return f"%ASA-6-302013: Built {way}bound TCP connection {number} for {mapped[0]} to {mapped[1]}"


def filtered(name: str, *, verdict: str = "dropped blacklisted") -> str:
    return (
        f"%ASA-4-338008: Dynamic Filter {verdict} TCP traffic from in:10.50.0.9/4000 (198.51.100.1/4000), to "
        "out:203.0.113.70/80 (203.0.113.70/80), destination 203.0.113.70 resolved from dynamic list: "
        f"{name}, threat-level: high, category: x"
    )


def ends(row: dict[str, Any]) -> tuple[str | None, str | None]:
    return row["source_ip"], row["destination_ip"] or row["destination_host"]


def test_the_end_of_a_connection() -> None:
    assert one(ASA, "<166>Feb  3 04:05:06 fw1 " + teardown()) == {
        "line": 1,
        "ignored": None,
        "rejected": None,
        "timestamp": ms("2025-02-03T04:05:06Z"),
        "user": None,
        "source_ip": "10.50.0.9",
        "source_device": None,
        "destination_host": None,
        "url": None,
        "destination_ip": "203.0.113.70",
        "action": "allow",
        "uploaded_bytes": None,
        "downloaded_bytes": None,
        "total_bytes": 8192,
        "transactions": 1,
    }
    assert ends(one(ASA, teardown().replace("302014", "302016").replace("TCP", "UDP"))) == ("10.50.0.9", "203.0.113.70")


@pytest.mark.parametrize(
    ("header", "when"),
    [
        ("", None),
        ("<166>Feb  3 04:05:06 fw1 ", "2025-02-03T04:05:06+01:00"),
        ("<166>Feb 03 2024 04:05:06 fw1 : ", "2024-02-03T04:05:06+01:00"),
        ("Feb 03 2024 04:05:06: ", "2024-02-03T04:05:06+01:00"),
        ("<166>Feb 03 2024 04:05:06: ", "2024-02-03T04:05:06+01:00"),
        ("<166>:Feb 03 04:05:06 UTC: ", "2025-02-03T04:05:06Z"),
        (":Feb 03 2024 04:05:06 UTC: ", "2024-02-03T04:05:06Z"),
        ("<166>Feb  3 05:00:00 relay Feb 03 2024 04:05:06 fw1 : ", "2024-02-03T04:05:06+01:00"),
        ("<166>1 2024-02-03T04:05:06.789Z fw1 - - - - ", "2024-02-03T04:05:06.789Z"),
        ("2024-02-03T04:05:06.789+05:30 fw1 ", "2024-02-03T04:05:06.789+05:30"),
        ("2024-02-03 04:05:06\tLocal4.Info\t10.1.1.1\t", "2024-02-03T04:05:06+01:00"),
        ("<166>: 2024 Aug 07 10:29:42 UTC fw : ", "2024-08-07T10:29:42Z"),
    ],
)
def test_the_time_stands_before_the_message(header: str, when: str | None) -> None:
    row = one(ASA, header + teardown(), ParseContext(RECEIVED, timezone="Europe/Berlin"))
    assert row["timestamp"] == (when and ms(when))
    assert ends(row) == ("10.50.0.9", "203.0.113.70")


@pytest.mark.parametrize("tag", ["%PIX-6-302014", "%ASA-session-6-302014", "%FTD-6-302014"])
def test_other_tags(tag: str) -> None:
    assert ends(one(ASA, teardown().replace("%ASA-6-302014", tag))) == ("10.50.0.9", "203.0.113.70")


@pytest.mark.parametrize(
    ("first", "second", "tail", "user"),
    [
        ("outside:10.50.0.9/50999(LOCAL\\cleo)", "inside:203.0.113.70/443", " (cleo)", "LOCAL\\cleo"),
        ("outside:10.50.0.9/50999", "inside:203.0.113.70/443", " (cleo)", "cleo"),
        ("outside:203.0.113.70/443", "inside:10.50.0.9/50999(CORP\\Cleo P)", "", "CORP\\Cleo P"),
        ("outside:203.0.113.70/443", "inside:10.50.0.9/50999", "", None),
        ("outside:203.0.113.70/443", "inside:10.50.0.9/50999 cleo", "", "cleo"),
        ("outside:10.50.0.9/50999 cleo", "inside:203.0.113.70/443 dave", "", "cleo"),
        ("outside:10.50.0.9/50999(LOCAL\\cleo, 9999:Staff)", "inside:203.0.113.70/443", " (cleo)", "LOCAL\\cleo"),
        ("outside:10.50.0.9/50999(LOCAL\\cleo, 9999)", "inside:203.0.113.70/443(17:Servers)", "", "LOCAL\\cleo"),
        ("outside:10.50.0.9/50999(9999:Staff)", "inside:203.0.113.70/443(17)", " (cleo)", "cleo"),
        ("outside:10.50.0.9/50999", "inside:203.0.113.70/443(17:Servers)", "", None),
        ("outside:10.50.0.9/50999(CORP\\Cleo, P)", "inside:203.0.113.70/443", "", "CORP\\Cleo, P"),
    ],
)
def test_users(first: str, second: str, tail: str, user: str | None) -> None:
    row = one(ASA, teardown(first, second, tail=tail))
    assert row["user"] == user
    assert ends(row) == ("10.50.0.9", "203.0.113.70")


def test_stray_characters_ipv6_and_names() -> None:
    assert ends(one(ASA, teardown("outside:[203.0.113.70/443"))) == ("10.50.0.9", "203.0.113.70")
    row = one(ASA, teardown("outside:2001:db8::7/443", "inside:fd00::9/50999"))
    assert ends(row) == ("fd00::9", "2001:db8::7")
    assert ends(one(ASA, teardown("v1:outside:203.0.113.70/443", "v2:in-2:10.50.0.9/50999"))) == (
        "10.50.0.9", "203.0.113.70",
    )  # fmt: skip
    row = one(ASA, teardown("v1:outside:2001:db8::7/443", "v2:inside:fd00::9/50999"))
    assert ends(row) == ("fd00::9", "2001:db8::7")
    assert ends(one(ASA, teardown("Guest Wifi 2:203.0.113.70/443"))) == ("10.50.0.9", "203.0.113.70")
    row = one(ASA, teardown("outside:Mail-Relay/443"))
    assert (row["destination_host"], row["destination_ip"]) == ("mail-relay", None)


@pytest.mark.parametrize("name", ["Printer-3", "3rd_printer", "printer.house.example", "LAN-10.50.0.9"])
def test_a_client_may_be_known_by_its_name_alone(name: str) -> None:
    """Then there is no address to count, but a device."""
    server = "outside:203.0.113.70/443"
    end = teardown(server, f"inside:{name}/50999(CORP\\cleo)")
    start = built("out", server, f"inside:{name}/50999")
    denied = f'%ASA-4-106023: Deny tcp src inside:{name}/50999 dst {server} by access-group "out" [0x0, 0x0]'
    listed = f"%ASA-5-106100: access-list out denied tcp inside/{name}(50999) -> outside/203.0.113.70(443) hit-cnt 1 x"
    visited = f"%ASA-5-304001: {name} Accessed URL 203.0.113.70:http://www.example.org/a"
    rows = used(ASA, end, start, end, denied, listed, visited)
    assert [(row["source_device"], row["source_ip"], row["destination_ip"]) for row in rows] == [
        (name, None, "203.0.113.70")
    ] * 5
    assert (rows[0]["user"], rows[0]["total_bytes"]) == ("CORP\\cleo", 8192)


@pytest.mark.parametrize("source", ["1192.168.2.2", "999", "<>", "10.50.0.9.1"])
def test_a_client_needs_an_address_or_a_name(source: str) -> None:
    denied = f"%ASA-4-106023: Deny tcp src inside:{source}/50999 dst outside:203.0.113.70/443 by access-group"
    assert fates(ASA, [denied])[0][1] in {"no source address", "message in an unknown form"}


@pytest.mark.parametrize("batches", [1, 2])
def test_the_start_of_a_connection_tells_its_direction(batches: int) -> None:
    first, second = "dmz:198.51.100.9/1500", "inside:10.50.0.9/1600"
    for way, expected in (("in", ("198.51.100.9", "10.50.0.9")), ("out", ("10.50.0.9", "198.51.100.9"))):
        start, end = read(ASA, built(way, first, second), teardown(first, second), batches=batches)
        assert start["ignored"] == "connection start"
        assert ends(end) == expected
    assert ends(one(ASA, teardown(first, second))) == ("10.50.0.9", "198.51.100.9")


def test_connections_that_the_device_opened_to_see_whether_a_server_is_up() -> None:
    first, second = "dmz:198.51.100.9/1500", "inside:10.50.0.9/1600"
    start = built("in", first, second).replace("Built ", "Built Probe ")
    end = teardown(first, second).replace("Teardown ", "Teardown Probe ")
    assert ends(used(ASA, start, end)[0]) == ("198.51.100.9", "10.50.0.9")


def test_connections_of_other_devices_with_the_same_number_are_others() -> None:
    rows = used(
        ASA,
        built("in", "dmz:198.51.100.9/443", "inside:10.50.0.9/50999"),
        teardown("dmz:198.51.100.8/443", "inside:10.50.0.8/50999"),
    )
    assert ends(rows[0]) == ("10.50.0.8", "198.51.100.8")


def test_fwsm_names_the_client_first() -> None:
    first, second = "inside:10.50.0.9/1600", "outside:198.51.100.9/1500"
    lines = [text.replace("%ASA", "%FWSM") for text in (built("out", first, second), teardown(first, second))]
    for known in (FWSM, ASA):
        assert ends(used(known, *lines)[0]) == ("10.50.0.9", "198.51.100.9")
        assert ends(one(known, lines[1])) == ("10.50.0.9", "198.51.100.9")


@pytest.mark.parametrize(
    ("message", "user", "count"),
    [
        ("%ASA-2-106001: Inbound TCP connection denied from 10.50.0.9/4000 to 203.0.113.70/25 flags SYN", None, 1),
        ("%ASA-2-106006: Deny inbound UDP from 10.50.0.9/4000 to 203.0.113.70/53 on interface in", None, 1),
        ("%ASA-2-106007: Deny inbound UDP from 10.50.0.9/4000 to 203.0.113.70/53 due to DNS Query", None, 1),
        (
            '%ASA-4-106023: Deny tcp src in:10.50.0.9/4000(CORP\\cleo) dst out:203.0.113.70/25 by access-group "a"',
            "CORP\\cleo",
            1,
        ),
        (
            '%ASA-4-106023: Deny udp src v1:in:10.50.0.9/4000(17:Staff) dst v2:out:203.0.113.70/53 by access-group "a"',
            None,
            1,
        ),
        ('%ASA-4-106023: Deny tcp src v1:in:10.50.0.9 dst v2:out:203.0.113.70 by access-group "a"', None, 1),
        ('%PIX-4-106023: Deny udp src in: 10.50.0.9/4000 dst out: 203.0.113.70/53 by access-group "a"', None, 1),
        ('%ASA-4-106023: Deny protocol 47 src in:10.50.0.9 dst out:203.0.113.70 by access-group "a"', None, 1),
        (
            "%ASA-6-106100: access-list a denied tcp in/10.50.0.9(4000)(CORP\\cleo) -> out/203.0.113.70(25) hit-cnt 7",
            "CORP\\cleo",
            7,
        ),
        (
            "%ASA-6-106100: access-list a denied udp in/10.50.0.9(4000)-> out/203.0.113.70(53) hit-cnt 1 first hit",
            None,
            1,
        ),
        ("%ASA-3-710003: TCP access denied by ACL from 10.50.0.9/4000 to out:203.0.113.70/ssh", None, 1),
        ('%ASA-4-106023: Deny udp src a b:10.50.0.9/4000 dst c d:203.0.113.70/53 by access-group "a"', None, 1),
        (
            filtered("203.0.113.70/255.255.255.255"),
            None,
            1,
        ),
    ],
)  # fmt: skip
def test_blocked_connections(message: str, user: str | None, count: int) -> None:
    row = one(ASA, message)
    assert ends(row) == ("10.50.0.9", "203.0.113.70")
    assert (row["action"], row["user"], row["transactions"], row["total_bytes"]) == ("block", user, count, None)


def test_blocked_ipv6_connections() -> None:
    row = one(ASA, "%ASA-2-106006: Deny inbound UDP from fd00::9/4000 to 2001:db8::7/53 on interface in")
    assert ends(row) == ("fd00::9", "2001:db8::7")
    row = one(ASA, '%ASA-4-106023: Deny tcp src in:fd00::9/4000 dst out:2001:db8::7/25 by access-group "a"')
    assert ends(row) == ("fd00::9", "2001:db8::7")


def test_a_filtered_destination_has_the_name_that_it_was_known_by() -> None:
    row = one(ASA, filtered("Bad.Example"))
    assert one(ASA, filtered("Bad.Example", verdict="dropped black listed")) == row
    documented = filtered("Bad.Example").replace(
        "destination 203.0.113.70 resolved", "destination malicious address resolved"
    )
    assert one(ASA, documented) == row
    assert (row["destination_host"], row["destination_ip"]) == ("bad.example", "203.0.113.70")


@pytest.mark.parametrize(
    ("client", "user"),
    [("10.50.0.9", None), ("jo@corp@10.50.0.9", "jo@corp"), ("10.50.0.9(CORP\\jo)", "CORP\\jo")],
)
@pytest.mark.parametrize("what", ["URL", "JAVA URL"])
def test_urls(client: str, user: str | None, what: str) -> None:
    row = one(ASA, f"%ASA-5-304001: {client} Accessed {what} 203.0.113.70:http://w.example.com/a b")
    assert ends(row) == ("10.50.0.9", "203.0.113.70")
    assert (row["destination_host"], row["url"]) == ("w.example.com", "http://w.example.com/a b")
    assert (row["user"], row["action"], row["total_bytes"]) == (user, "allow", None)


def test_denied_urls() -> None:
    where = "SRC 10.50.0.9(CORP\\jo) DEST 203.0.113.70 on interface in"
    row = one(ASA, f"%ASA-5-304002: Access denied URL http://w.example.com/x {where}")
    assert ends(row) == ("10.50.0.9", "203.0.113.70")
    assert (row["user"], row["action"], row["url"]) == ("CORP\\jo", "block", "http://w.example.com/x")


def test_a_url_may_be_a_path_alone() -> None:
    row = one(ASA, "%ASA-5-304001: 10.50.0.9 Accessed URL 203.0.113.70:/index.html")
    assert (row["destination_host"], row["destination_ip"]) == (None, "203.0.113.70")
    assert row["url"] == "http://203.0.113.70/index.html"


def test_blanks_at_the_end_of_a_line_are_no_part_of_a_url() -> None:
    row = one(ASA, "%ASA-5-304001: 10.50.0.9 Accessed URL 203.0.113.70:http://w.example.com/a b ")
    assert row["url"] == "http://w.example.com/a b"


def test_what_is_no_transaction() -> None:
    lines = [
        "%ASA-6-302021: Teardown ICMP connection for faddr 10.50.0.9/0 gaddr 203.0.113.70/0 laddr 203.0.113.70/0",
        "%ASA-6-305011: Built dynamic TCP translation from in:10.50.0.9/1 to out:203.0.113.70/1",
        "%ASA-6-106015: Deny TCP (no connection) from 10.50.0.9/80 to 203.0.113.70/4 flags RST on interface in",
        filtered("bad.example", verdict="monitored greylisted"),
        "%ASA-6-106100: access-list a permitted tcp in/10.50.0.9(4000) -> out/203.0.113.70(25) hit-cnt 1 first hit",
        "%ASA-6-106100: access-list a denied icmp in/10.50.0.9(8) -> out/203.0.113.70(0) hit-cnt 1 first hit",
        '%ASA-4-106023: Deny icmp src in:10.50.0.9 dst out:203.0.113.70 (type 8, code 0) by access-group "a"',
        "%ASA-6-302014: Teardown TCP connection without a number",
        "%ASA-2-106001: nothing",
        "Teardown TCP connection 1",
    ]
    other, unknown = ("not a connection message", None), (None, "message in an unknown form")
    assert fates(ASA, lines) == [
        *[other] * 4,
        ("permitted", None),
        ("ICMP", None),
        ("ICMP", None),
        unknown,
        unknown,
        (None, "not an ASA message"),
    ]


def test_events_of_firepower_in_the_same_log() -> None:
    event = (
        "<134>Feb  3 04:05:06 ftd %FTD-1-430003: AccessControlRuleAction: Allow, SrcIP: 10.50.0.9, "
        "DstIP: 203.0.113.70, SrcPort: 51000, DstPort: 443, InitiatorBytes: 10, ResponderBytes: 20"
    )
    for known, line in ((ASA, teardown()), (FWSM, teardown().replace("%ASA", "%FWSM"))):
        assert [row["total_bytes"] for row in used(known, line, event)] == [8192, 30]


def test_recognition() -> None:
    fwsm = teardown().replace("%ASA", "%FWSM")
    assert (ASA.recognise([teardown()])[0], ASA.recognise([fwsm])[0]) == (1.0, 0.0)
    assert (FWSM.recognise([teardown()])[0], FWSM.recognise([fwsm])[0]) == (0.0, 1.0)


ADDRESSES = st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None).map(str)


ENDPOINTS = st.tuples(ADDRESSES, ADDRESSES, st.integers(32768, 65535), st.integers(1, 1023), st.booleans())


@settings(max_examples=25)
@given(st.lists(ENDPOINTS, min_size=1))
def test_what_was_written_is_read(records: list[tuple[str, str, int, int, bool]]) -> None:
    """The endpoint with the well-known port is the server, on either side."""
    lines = []
    for client, server, high, low, forth in records:
        endpoints = [f"a:{client}/{high}", f"b:{server}/{low}"]
        lines.append(teardown(*(endpoints if forth else endpoints[::-1])))
    assert [ends(row) for row in used(ASA, *lines)] == [record[:2] for record in records]


INTERFACES = st.sampled_from(["outside", "v1:in-2", "Guest Wifi 2", "fe", "be:ef"])
PLACES = st.sampled_from(
    ["10.50.0.9", "203.0.113.70", "fd00::9", "2001:db8::7", "Mail-Relay", "face.example", "[1.2.3.4"]
)
NAMES = st.sampled_from(
    ["", "(cleo)", "(9999)", "(cleo, 17:Staff)", "(CORP\\C (x)", " (cleo)", " cleo", "()", "(", "(4u"]
)
SIDES = st.builds("{}:{}/{}{}".format, INTERFACES, PLACES, st.integers(1, 65535), NAMES)


@settings(max_examples=100)
@given(st.lists(st.tuples(SIDES, SIDES, NAMES), min_size=1))
def test_usual_messages_are_read_as_others_of_the_same_content(sides: list[tuple[str, str, str]]) -> None:
    """A protocol that no device writes makes a message unusual without changing its content."""
    usual = [teardown(first, second, tail=tail) for first, second, tail in sides]
    assert read(ASA, *usual) == read(ASA, *(line.replace(" TCP connection", " tcp6 connection") for line in usual))
