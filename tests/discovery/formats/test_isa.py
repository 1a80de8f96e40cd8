"""Microsoft ISA Server and Forefront TMG."""

from __future__ import annotations

import io
from typing import Any

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.isa import FORMATS
from opencasb.discovery.parsing import parse_log
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import ISA, ISA_FIELDS
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import ms, read, used

(KNOWN,) = FORMATS
LINE = ISA[-5]
FIREWALL = (
    "#Fields: computer\tdate\ttime\tIP protocol\tsource\tdestination\toriginal client IP\tsource network"
    "\taction\tstatus"
    "\trule\tbytes sent\tbytes sent intermediate\tbytes received\tusername"
)
CONNECTION = (
    "tmg1\t2025-11-20\t11:00:01\tTCP\t198.51.100.9:50001\t203.0.113.1:443\t10.0.0.1\tInternal\tTerminated\t0x80074e20"
    "\tOut\t100\t0\t1000\tCORP\\ann1"
)


def web(line: str) -> dict[str, Any]:
    """Return the row of a line of the web proxy's log."""
    return read(KNOWN, ISA_FIELDS, line)[1]


def test_a_request() -> None:
    row = web(LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "CORP\\ann1", "10.0.0.1")
    assert (row["url"], row["destination_ip"]) == ("http://files1.example.com/a/1", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")


@pytest.mark.parametrize(
    ("written", "user"), [("CORP\\ann1 (?)", "CORP\\ann1"), ("CORP\\ann1 (!)", "CORP\\ann1"), ("(?)", None)]
)
def test_users_who_did_not_prove_their_names(written: str, user: str | None) -> None:
    """The mark after the name is not part of it."""
    assert web(LINE.replace("CORP\\ann1", written))["user"] == user
    (_, row) = read(KNOWN, FIREWALL, CONNECTION.replace("CORP\\ann1", written))
    assert row["user"] == user


def test_a_log_without_users() -> None:
    """The fields are configurable."""
    fields, line = FIREWALL.rsplit("\t", 1)[0], CONNECTION.rsplit("\t", 1)[0]
    (_, row) = read(KNOWN, fields, line)
    assert (row["user"], row["source_ip"], row["rejected"]) == (None, "10.0.0.1", None)


def test_times_are_universal() -> None:
    (row,) = used(KNOWN, ISA_FIELDS, LINE, context=ParseContext(RECEIVED, timezone="Asia/Tokyo"))
    assert row["timestamp"] == ms("2025-11-20T11:00:01Z")


@pytest.mark.parametrize(
    ("user", "status", "ignored"),
    [
        ("anonymous", "12209", "authentication challenge"),
        ("-", "12209", "authentication challenge"),
        ("CORP\\ann1", "12209", None),
        ("anonymous", "12202", None),
        ("anonymous", "407", "authentication challenge"),
    ],
)
def test_a_client_that_is_asked_to_sign_in(user: str, status: str, ignored: str | None) -> None:
    """The log has a number of its own for it; who signed in and is still refused is blocked."""
    row = web(LINE.replace("Allowed", "Denied").replace("CORP\\ann1", user).replace("\t200\t", f"\t{status}\t"))
    assert (row["ignored"], row["action"]) == (ignored, "block")


def test_a_denied_request_has_no_server() -> None:
    row = web(
        LINE.replace("Allowed", "Denied").replace("203.0.113.1", "10.25.100.85").replace("CORP\\ann1", "anonymous")
    )
    assert (row["action"], row["destination_ip"], row["destination_host"]) == ("block", None, "files1.example.com")
    assert row["user"] is None


def test_a_denied_request_keeps_the_address_of_its_server() -> None:
    """It is logged for clients unaware of the proxy; a client that uses it has the proxy's own address."""
    denied = LINE.replace("Allowed", "Denied")
    row = web(denied)
    assert (row["action"], row["destination_ip"], row["destination_host"]) == (
        "block", "203.0.113.1", "files1.example.com",
    )  # fmt: skip
    assert web(denied.replace("203.0.113.1", "fd00::1"))["destination_ip"] is None
    assert web(denied.replace("203.0.113.1", "2001:db8::1"))["destination_ip"] == "2001:db8::1"
    fields = f"{ISA_FIELDS}\ts-ip"
    assert read(KNOWN, fields, f"{denied}\t203.0.113.1")[1]["destination_ip"] is None
    assert read(KNOWN, fields, f"{denied}\t198.51.100.1")[1]["destination_ip"] == "203.0.113.1"


def test_of_a_tunnel_only_the_host_is_known() -> None:
    row = web(LINE.replace("http://files1.example.com/a/1", "files1.example.com:443"))
    assert (row["destination_host"], row["url"]) == ("files1.example.com", None)


def test_the_firewall_log() -> None:
    _, row = read(KNOWN, FIREWALL, CONNECTION)
    assert (row["source_ip"], row["destination_ip"], row["user"]) == ("10.0.0.1", "203.0.113.1", "CORP\\ann1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")
    _, denied = read(KNOWN, FIREWALL, CONNECTION.replace("Terminated", "Denied").replace("\t10.0.0.1\t", "\t-\t"))
    assert (denied["source_ip"], denied["action"], denied["destination_ip"]) == ("198.51.100.9", "block", "203.0.113.1")


@pytest.mark.parametrize(
    ("fields", "line", "why"),
    [
        (ISA_FIELDS, LINE.replace("Allowed", "Failed"), "failed request"),
        (ISA_FIELDS, LINE.replace("\t200\t", "\t407\t"), "authentication challenge"),
        (FIREWALL, CONNECTION.replace("Terminated", "Established"), "not the end of a connection"),
        (FIREWALL, CONNECTION.replace("Terminated", "Initiated"), "not the end of a connection"),
    ],
)
def test_what_is_no_transaction(fields: str, line: str, why: str) -> None:
    head, row = read(KNOWN, fields, line)
    assert (head["ignored"], row["ignored"]) == ("comment", why)


def test_a_new_header_line_changes_the_columns() -> None:
    rows = used(KNOWN, ISA_FIELDS, LINE, FIREWALL, CONNECTION)
    assert [row["total_bytes"] for row in rows] == [1100, 1100]
    assert read(KNOWN, "#Fields: date\ttime", "x\ty")[1]["rejected"] == "the #Fields line has no client address (c-ip)"


@pytest.mark.parametrize("lines", [ISA, ISA[3:], [FIREWALL, CONNECTION]])
def test_recognition(lines: list[str]) -> None:
    assert recognise(lines).source == "MICROSOFT_ISA_W3C"


@pytest.mark.parametrize("tag", ["", "tmg: ", "TMG: ", "TMG[7]: "])
def test_headers_of_syslog_change_nothing(tag: str) -> None:
    header = f"<134>Nov 20 12:00:00 host {tag}"
    assert used(KNOWN, *(header + line for line in ISA)) == used(KNOWN, *ISA)
    assert used(KNOWN, header + FIREWALL, header + CONNECTION) == used(KNOWN, FIREWALL, CONNECTION)


def test_another_source_says_what_it_is() -> None:
    log = parse_log(io.BytesIO("\n".join(ISA).encode()), "SQUID_NATIVE", ParseContext(RECEIVED))
    list(log.frames())
    assert "this looks like MICROSOFT_ISA_W3C" in (log.mismatch() or log.remark or "")


def test_relayed_lines_far_below_their_fields() -> None:
    """A tag is stripped that only ISA's relays write, also in a batch without a ``#Fields`` line."""
    relayed = [f"<13>Nov 20 12:00:00 fw TMG: {text}" for text in (ISA_FIELDS, LINE, LINE)]
    rows = read(KNOWN, *relayed, batches=3)
    assert [row["destination_host"] for row in rows[1:]] == ["files1.example.com"] * 2
