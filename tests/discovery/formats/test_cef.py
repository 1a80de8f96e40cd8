"""CEF from any vendor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.recognise import format_of
from tests.discovery.formats.parsed import RECEIVED, row, rows

EXTENSION = (
    "rt=1763640000123 src=10.0.0.1 spt=50000 suser=joe doe shost=pc-1 dst=203.0.113.9 dpt=443 dhost=www.example.com"
    " request=https://www.example.com/a?b\\=c act=permitted in=1037 out=617 cs1Label=Policy cs1=src of all"
)
LINE = f"CEF:0|Vendor|Proxy|1.0|100|Web access|3|{EXTENSION}"
FOUND = {
    "timestamp": RECEIVED + 123, "user": "joe doe", "source_ip": "10.0.0.1", "source_device": "pc-1",
    "destination_host": "www.example.com", "url": "https://www.example.com/a?b=c", "destination_ip": "203.0.113.9",
    "action": "allow", "uploaded_bytes": 617, "downloaded_bytes": 1037, "total_bytes": 1654, "transactions": 1,
}  # fmt: skip


LONG_URL = "https://www.example.com/" + "a" * 900


def changed(**change: Any) -> dict[str, Any]:
    """Return the row with some values changed, without those that are None."""
    return {name: value for name, value in {**FOUND, **change}.items() if value is not None}


def test_line() -> None:
    """A CEF line yields all its fields."""
    assert row("GENERIC_CEF", LINE) == FOUND


@pytest.mark.parametrize(
    "change",
    [
        lambda line: f"<134>Nov 20 12:00:00 host {line}",
        lambda line: f"<134>1 2025-11-20T12:00:00Z host app - - - {line}",
        lambda line: f"2025-11-20T12:00:00.356-0400 {line}",
        lambda line: f"some prefix of a relay: {line}",
        lambda line: line.replace("CEF:0", "CEF: 0"),
        lambda line: line.replace("CEF:0", "CEF:1"),
        lambda line: line.removeprefix("CEF:"),
        lambda line: line.replace("CEF:", "  "),
        lambda line: f"<134>Nov 20 12:00:00 host app[7]: {line.removeprefix('CEF:')}",
        lambda line: f"<134>1 2025-11-20T12:00:00Z host app - - - \ufeff{line.removeprefix('CEF:')}",
        lambda line: line.replace("CEF:", "Nov 20 12:00:00 host "),
        lambda line: line.replace("|Web access|", "|Web \\| access|"),
        lambda line: line.replace("act=", "act= "),
        lambda line: line + " ",
        lambda line: line.replace("?b\\=c", "?b=c"),
        lambda line: line.replace("request=https://www.example.com/a?b\\=c", 'request=\\"https://www.example.com/a?b\\=c\\"'),
        lambda line: line.replace(EXTENSION, " " + EXTENSION),
        lambda line: line.replace("suser=joe doe", "suid=x suser=joe doe"),
        lambda line: line.replace("suser", "sourceUserName").replace("shost", "sourceHostName"),
        lambda line: line.replace("dhost", "destinationHostName"),
        lambda line: line.replace(" src=10.0.0.1", " src=10.9.9.9").replace(" cs1Label", " src=10.0.0.1 cs1Label"),
        lambda line: line.replace("rt=1763640000123", "end=1763640000123"),
        lambda line: line.replace("rt=1763640000123", "rt=Nov 20 2025 12:00:00.123 UTC"),
        lambda line: line.replace("rt=1763640000123", "start=Nov 20 2025 12:00:00.123 deviceReceiptTime=x"),
    ],
)  # fmt: skip
def test_variants(change: Callable[[str], str]) -> None:
    """Headers, lost prefixes, escapes, other key names and repeated keys make no difference."""
    assert row("GENERIC_CEF_SYSLOG", change(LINE)) == FOUND


def test_columns_that_begin_with_a_number_are_no_cef() -> None:
    """Nor are they if a URL among them has parameters; lines without their prefix are CEF."""
    columns = "7|2025-11-20 10:00:01|10.0.0.1|nina|www.example.com|https://www.example.com/?a=1|200|1234"
    cef = format_of("GENERIC_CEF")
    assert cef.recognise([columns])[0] == 0
    assert cef.recognise([LINE.removeprefix("CEF:")])[0] == 1


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("act=permitted", "act=Blocked", {"action": "block"}),
        ("act=permitted", "act=deny", {"action": "block"}),
        ("act=permitted", "act=reset-both", {"action": "block"}),
        ("act=permitted", 'fw_action="drop"', {"action": "block"}),
        ("act=permitted", "act=unblocked", {}),
        ("act=permitted", "act=not blocked", {}),
        ("act=permitted", "act=request blocked", {"action": "block"}),
        ("act=permitted", "act=server-rst", {}),
        ("act=permitted ", "", {}),
        ("suser=joe doe", "suser=", {"user": None}),
        ("suser=joe doe", "suser= duser=ann", {"user": "ann"}),
        ("suser=joe doe", "suser=CORP\\\\joe", {"user": "CORP\\joe"}),
        ("suser=joe doe", "suser=CORP\\joe", {"user": "CORP\\joe"}),  # not escaped by the sender
        ("suser=joe doe", "suser=CORP\\nina doe", {"user": "CORP\\nina doe"}),
        ("suser=joe doe", "suser=joe\\=doe", {"user": "joe=doe"}),
        ("suser=joe doe", f"suser={'x ' * 400}y", {"user": "x " * 400 + "y"}),
        ("suser=joe doe", "suser=jö doe", {"user": "jö doe"}),
        ("https://www.example.com/a?b\\=c", LONG_URL, {"url": LONG_URL}),
        ("request=https://www.example.com/a?b\\=c", "request=/a", {"url": "http://www.example.com/a"}),
        ("request=https://www.example.com/a?b\\=c", "request=www.example.com/a app=SSL", {"url": "https://www.example.com/a"}),
        ("request=https://www.example.com/a?b\\=c", "request=www.example.com:443 requestMethod=CONNECT", {"url": None}),
        ("dhost=www.example.com", "", {}),
        ("dst=203.0.113.9", "dst=", {"destination_ip": None}),
        ("dst=203.0.113.9", "c6a3=2001:DB8::1", {"destination_ip": "2001:db8::1"}),
        ("src=10.0.0.1", "c6a2=2001:DB8::1", {"source_ip": "2001:db8::1"}),
        ("in=1037 out=617", "PanOSBytes=99", {"uploaded_bytes": None, "downloaded_bytes": None, "total_bytes": 99}),
        ("in=1037", "in=-", {"downloaded_bytes": None, "total_bytes": 617}),
        ("shost=pc-1", "smac=02:00:00:00:00:01", {"source_device": "02:00:00:00:00:01"}),
        (" cs1Label", " cnt=5 cs1Label", {}),
        ("|Vendor|", "|Palo Alto Networks|", {}),
    ],
)  # fmt: skip
def test_values(old: str, new: str, change: dict[str, Any]) -> None:
    """Values are read as vendors write them."""
    assert row("GENERIC_CEF", LINE.replace("dpt=443 ", "").replace(old, new)) == changed(**change)


def test_scheme_of_a_port() -> None:
    """Port 443 makes a URL without a scheme an https URL."""
    line = LINE.replace("request=https://www.example.com/a?b\\=c", "request=/a")
    assert row("GENERIC_CEF", line)["url"] == "https://www.example.com/a"


def test_host_in_the_address() -> None:
    """A name in place of the server's address is the host."""
    line = (
        LINE.replace("dst=203.0.113.9", "dst=web-1.example.com")
        .replace("dhost=www.example.com ", "")
        .replace("request=", "x=")
    )
    assert row("GENERIC_CEF", line) == changed(destination_host="web-1.example.com", destination_ip=None, url=None)


def test_counts() -> None:
    """For vendors that mean it so, a count is a number of events."""
    counted = LINE.replace(" cs1Label", " cnt=5 cs1Label")
    assert row("GENERIC_CEF", counted.replace("Vendor", "Check Point"))["transactions"] == 5
    assert row("GENERIC_CEF", counted.replace("Vendor", "SonicWall"))["transactions"] == 1


@pytest.mark.parametrize(
    ("signature", "name", "action"),
    [("100", "Connection denied", "block"), ("DROP", "x", "block"), ("100", "x", "allow")],
)
def test_words_of_the_header(signature: str, name: str, action: str) -> None:
    """Without an action, the header's words tell it."""
    line = LINE.replace("|100|Web access|", f"|{signature}|{name}|").replace("act=permitted ", "")
    assert row("GENERIC_CEF", line)["action"] == action


@pytest.mark.parametrize(("written", "action"), [("Block", "block"), ("Allow", "allow")])
def test_action_by_a_label(written: str, action: str) -> None:
    """A custom string may hold the action, as its label says."""
    line = LINE.replace(" act=permitted", "").replace("cs1=src of all", f"cs1=x cs2={written} cs2Label=Action")
    assert row("GENERIC_CEF", line) == changed(action=action)
    assert row("GENERIC_CEF", line.replace(f"cs2={written} cs2Label=Action", f"cs2Label=Action cs2={written}")) == (
        changed(action=action)
    )
    assert row("GENERIC_CEF", f"{line} act=permitted") == FOUND


def test_header_time() -> None:
    """A line without a time gets that of its syslog header, or none."""
    bare = LINE.replace("rt=1763640000123 ", "")
    assert row("GENERIC_CEF", f"<134>Nov 20 13:00:00 host {bare}", timezone="Europe/Berlin")["timestamp"] == RECEIVED
    found = rows("GENERIC_CEF", [LINE, f"<134>Nov 20 12:00:00 host {bare}", bare])
    assert [line.get("timestamp") for line in found] == [RECEIVED + 123, RECEIVED, None]


@pytest.mark.parametrize(
    "line",
    [
        "CEF:0|V|P|1|s|Login failed|3|suser=joe src=10.0.0.1",
        "CEF:0|V|P|1|s|Alert|3|msg=something happened",
        "CEF:0|V|P|1|s|Alert|3|dst=203.0.113.9",
    ],
)
def test_events(line: str) -> None:
    """A record without a client or destination is not traffic."""
    assert row("GENERIC_CEF", line)["ignored"] == "no traffic record"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nonsense", "not a CEF line"),
        ("<134>Nov 20 12:00:00 host sshd[1]: src=10.0.0.1 dst=203.0.113.9", "not a CEF line"),
        (LINE.replace("src=10.0.0.1", "src=pc-1"), "no source address"),
    ],
)
def test_rejected(line: str, reason: str) -> None:
    """A line that is not CEF, or damaged, is rejected with the reason."""
    assert row("GENERIC_CEF", line)["rejected"] == reason


PRINTED = st.characters(
    min_codepoint=32, max_codepoint=0x2FF, exclude_characters="\x7f\x85\xa0", exclude_categories=("Cc", "Zs")
)
VALUE = st.text(PRINTED | st.just(" "), min_size=1, max_size=20).map(str.strip).filter(lambda v: v not in {"", "-"})


@settings(max_examples=60)
@given(st.lists(st.tuples(VALUE, VALUE, st.integers(0, 10**12)), min_size=1, max_size=4))
def test_round_trip(records: list[tuple[str, str, int]]) -> None:
    """Values written with CEF escapes are read back."""

    def escape(value: str) -> str:
        return value.replace("\\", "\\\\").replace("=", "\\=")

    lines = [
        f"CEF:0|V|P|1|s|n|3|src=10.0.0.1 shost={escape(device)} dst=203.0.113.9 cs1={escape(device)}"
        f" act={escape(action)} in={size}"
        for device, action, size in records
    ]
    found = rows("GENERIC_CEF", lines)
    assert [line.get("source_device") for line in found] == [device for device, _, _ in records]
    assert [line["downloaded_bytes"] for line in found] == [size for *_, size in records]
