"""Firepower's connection events."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import LineParser
from opencasb.discovery.recognise import format_of, recognise
from tests.discovery.formats.parsed import RECEIVED, row, rows

EVENT = (
    "%FTD-6-430003: EventPriority: Low, FirstPacketSecond: 2025-11-20T12:00:00Z, AccessControlRuleAction: Allow,"
    " SrcIP: 10.0.0.1, OriginalClientIP: ::, DstIP: 203.0.113.9, SrcPort: 5, DstPort: 443, Protocol: tcp,"
    " ACPolicy: Main, all, User: corp\\ann, UserAgent: Mozilla/5.0 (X11, DstIP: 6.6.6.6), InitiatorBytes: 10,"
    " ResponderBytes: 200, NAPPolicy: None, URL: https://files.example.com/a,b"
)
FOUND = {
    "timestamp": RECEIVED, "user": "corp\\ann", "source_ip": "10.0.0.1", "destination_host": "files.example.com",
    "url": "https://files.example.com/a,b", "destination_ip": "203.0.113.9", "action": "allow",
    "uploaded_bytes": 10, "downloaded_bytes": 200, "total_bytes": 210, "transactions": 1,
}  # fmt: skip
V6 = "CISCO_FIREPOWER_V6_SYSLOG"


@pytest.mark.parametrize(
    "line",
    [
        EVENT,
        f"<134>Nov 20 10:00:00 fw : {EVENT}",
        f"2025-11-20T10:00:00Z fw  {EVENT}",
        f"{EVENT}  ",
        EVENT.replace("FTD", "NGIPS"),
        EVENT.replace("SrcIP: 10.0.0.1, OriginalClientIP: ::", "SrcIP: 10.9.9.9, OriginalClientIP: 10.0.0.1"),
        "<134> Nov 20 12:00:00 fw SFIMS: " + EVENT.split(": ", 1)[1],
    ],
)
def test_an_end(line: str) -> None:
    """An end event has all fields, and a user agent cannot forge any."""
    assert row(V6, line) == FOUND


@pytest.mark.parametrize("header", ["", "<134>Nov 20 10:00:00 fw "])
def test_an_event_that_lost_its_number(header: str) -> None:
    """A relay took it for a tag. Only end events have the duration."""
    line = EVENT.replace(
        "%FTD-6-430003: EventPriority: Low, ", f"{header}EventPriority: Low, DeviceUUID: 1c8ff662-08f3, "
    )
    ended = line.replace("InitiatorBytes", "ConnectionDuration: 4, InitiatorBytes")
    assert recognise([ended]).source == V6
    assert row(V6, ended) == FOUND
    assert row(V6, line)["ignored"] == "connection start"
    assert row(V6, line.replace("Allow", "Block"))["action"] == "block"


def test_hosts_without_a_scheme() -> None:
    """A URL without a scheme, a referenced host and a server name give the host."""
    assert row(V6, EVENT.replace("https://files", "files"))["destination_host"] == "files.example.com"
    named = EVENT.replace("URL: https://files.example.com/a,b", "ReferencedHost: Web.example.com")
    assert row(V6, named)["destination_host"] == "web.example.com"


@pytest.mark.parametrize("action", ["Block", "Block with reset", "<br/>Block", "Drop", "Reset", "Interactive Block"])
def test_blocked(action: str) -> None:
    """Blocked connections count, even if they only have a start."""
    blocked = EVENT.replace("AccessControlRuleAction: Allow", f"AccessControlRuleAction: {action}")
    assert row(V6, blocked)["action"] == "block"
    assert row(V6, blocked.replace("430003", "430002"))["action"] == "block"


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        (EVENT.replace("430003", "430002"), ("ignored", "connection start")),
        (EVENT.replace("430003", "430005"), ("ignored", "not a connection event")),
        (EVENT.replace("AccessControlRuleAction", "FileAction"), ("ignored", "not a connection event")),
        ("%FTD-4-113019: Group = A, Username = ann, IP = 10.0.0.1", ("ignored", "not a connection message")),
        (EVENT.replace("SrcIP", "X"), ("rejected", "no source address")),
        ("nothing", ("rejected", "not an ASA message")),
    ],
)  # fmt: skip
def test_what_is_no_transaction(line: str, fate: tuple[str, str]) -> None:
    assert row(V6, line)[fate[0]] == fate[1]


def test_messages_of_an_asa() -> None:
    """All other messages are parsed like those of an ASA, with the direction of connections."""
    lines = [
        "%FTD-6-302013: Built outbound TCP connection 7 for out:203.0.113.9/443 (203.0.113.9/443) to in:10.0.0.1/443",
        "%FTD-6-302014: Teardown TCP connection 7 for out:203.0.113.9/443 to in:10.0.0.1/443 duration 0:00:01 bytes 7",
    ]
    _, end = rows(V6, lines)
    assert (end["source_ip"], end["destination_ip"], end["total_bytes"]) == ("10.0.0.1", "203.0.113.9", 7)


def test_the_old_wording() -> None:
    """Sourcefire's old wording has the addresses at the end."""
    line = (
        "Nov 20 12:00:00 fw SFIMS: Connection Type: Start, User: Unknown, Firewall Rule Action: Block,"
        " URL: a.example.com, Initiator Packets: 1, {TCP} 10.0.0.1:5 -> 203.0.113.9:443"
    )
    found = row("CISCO_ASA_FIREPOWER_SYSLOG", line)
    assert (found["source_ip"], found["destination_ip"], found["action"]) == ("10.0.0.1", "203.0.113.9", "block")
    assert (found["destination_host"], "user" in found) == ("a.example.com", False)


MANAGED = (
    "<113>Nov 20 12:00:00 fmc SFIMS: [Primary Detection Engine (a7213248-0000-11e3-8537-fac6a92b7d9d)][Main]"
    " Connection Type: End, User: corp\\ann, Client: Chrome, Application Protocol: HTTPS, Web App: Files,"
    " Access Control Rule Name: out, Access Control Rule Action: Allow, Access Control Rule Reasons: Unknown,"
    " URL Category: Unknown, URL Reputation: Risk unknown, URL: https://files.example.com/a, Interface Ingress: in,"
    " Interface Egress: out, Initiator Packets: 4, Responder Packets: 7, Initiator Bytes: 10, Responder Bytes: 200,"
    " Context: Unknown, SSL Rule Name: N/A, {TCP} 10.0.0.1:50000 -> 203.0.113.9:443"
)


@pytest.mark.parametrize(
    "line", [MANAGED, MANAGED.replace("Access Control Rule", "Firewall Rule").replace("L Reputation", "L_Reputation")]
)
def test_a_management_centre(line: str) -> None:
    """Its end events have bytes, and the addresses after the pairs, on any number of lines."""
    found = [{**each, "line": None} for each in rows("CISCO_ASA_FIREPOWER_SYSLOG", [line] * 3)]
    assert found == [{**FOUND, "url": "https://files.example.com/a", "line": None}] * 3


def test_a_start_at_a_management_centre() -> None:
    """A start counts only if blocked; an unknown URL is not a host."""
    start = MANAGED.replace("Type: End", "Type: Start").replace("URL: https://files.example.com/a", "URL: Unknown")
    assert row(V6, start)["ignored"] == "connection start"
    blocked = row(V6, start.replace("Action: Allow", "Action: Block"))
    assert (blocked["action"], "destination_host" in blocked) == ("block", False)


RECORD = st.fixed_dictionaries(
    {"source": st.ip_addresses().map(str), "user": st.from_regex(r"u[a-z, .]{0,9}x", fullmatch=True),
     "sent": st.integers(0, 10**12)}
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=5))
def test_round_trip(records: list[dict[str, Any]]) -> None:
    """Connections written as by a device are read back."""
    people = [EVENT.replace("10.0.0.1", r["source"]).replace("corp\\ann", r["user"]) for r in records]
    lines = [line.replace("Bytes: 10,", f"Bytes: {r['sent']},") for line, r in zip(people, records, strict=True)]
    found = [(f["user"], f["uploaded_bytes"]) for f in rows(V6, lines)]
    assert found == [(r["user"], r["sent"]) for r in records]


TEARDOWN = (
    "%FTD-6-302014: Teardown TCP connection {} for outside:203.0.113.9/443 to inside:10.0.0.1/{} duration 0:00:05"
    " bytes 210 TCP FINs"
)


@pytest.mark.parametrize("source", [V6, "CISCO_ASA_SYSLOG"])
def test_a_connection_that_is_told_as_event_and_as_message_counts_once(source: str) -> None:
    """The event has more fields; the order does not matter."""
    lines = [TEARDOWN.format(1, 5), EVENT, TEARDOWN.format(2, 6), EVENT.replace("SrcPort: 5", "SrcPort: 7"),
             TEARDOWN.format(3, 7)]  # fmt: skip
    found = rows(source, lines)
    assert [each.get("ignored") for each in found] == [
        "counted with its session",
        None,
        None,
        None,
        "counted with its session",
    ]
    assert [each.get("total_bytes") for each in found if "ignored" not in each] == [210, 210, 210]


def test_a_connection_about_which_the_user_is_asked_counts_once() -> None:
    """Its end counts, or its start if that is all; other starts are told nowhere else."""
    end = EVENT.replace("RuleAction: Allow", "RuleAction: Interactive Block")
    start = end.replace("430003", "430002")
    again = start.replace("SrcPort: 5,", "SrcPort: 6,")
    found = rows(V6, [start, end, again, end.replace("SrcPort: 5,", "SrcPort: 7,")])
    assert [line.get("ignored") for line in found] == ["counted with its session", None, None, None]
    assert {line["action"] for line in found} == {"block"}
    assert found[1]["total_bytes"] == FOUND["total_bytes"]


def test_messages_without_events_are_not_held_back() -> None:
    parser = LineParser(format_of(V6), ParseContext(received_at=RECEIVED))
    assert parser.feed([TEARDOWN.format(1, 5)]).height == 1
    assert parser.finish().is_empty()
