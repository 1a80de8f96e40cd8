"""LEEF lines from any vendor."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.discovery.formats.parsed import RECEIVED, row, rows
from tests.discovery.formats.reading import ms

LINE = (
    "LEEF:1.0|Example|Proxy|1|allowed|devTime=Nov 20 2025 12:00:00\tusrName=corp\\ann\tsrc=10.0.0.1\tdst=203.0.113.9"
    "\turl=https://files.example.com/a?b=c\tsrcBytes=100\tdstBytes=2000"
)
FOUND = {
    "timestamp": RECEIVED, "user": "corp\\ann", "source_ip": "10.0.0.1", "destination_host": "files.example.com",
    "url": "https://files.example.com/a?b=c", "destination_ip": "203.0.113.9", "action": "allow",
    "uploaded_bytes": 100, "downloaded_bytes": 2000, "total_bytes": 2100, "transactions": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        LINE,
        LINE.replace("\t", "#011"),
        LINE.replace("\t", r"\t"),
        LINE.replace("\t", "|"),
        LINE.replace("\t", " "),
        LINE.replace("1.0", "2.0").replace("allowed|", "allowed|^|").replace("\t", "^"),
        LINE.removeprefix("LEEF:"),
        f"<134>Nov 20 10:00:00 host {LINE}",
        f"<134>1 2025-11-20T10:00:00Z host app 1 - - {LINE}",
        f"Nov 20 10:00:00 relay <134>Nov 20 10:00:00 host {LINE}",
        LINE + "\r",
    ],
)
def test_wrappers_and_delimiters_change_nothing(line: str) -> None:
    assert row("GENERIC_LEEF", line) == FOUND


@pytest.mark.parametrize(
    "line",
    [
        LINE + "\tdomain=corp.example\thostname=pc-1",
        LINE.replace("url=", "request=") + "\tdomain=corp.example",
        LINE.replace("srcBytes", "bytesOut").replace("dstBytes", "bytesIn"),
        LINE.replace("srcBytes", "sent").replace("dstBytes", "recv"),
    ],
)
def test_the_url_tells_the_host(line: str) -> None:
    """The separate domain is the user's; web gateways have their own names for URLs and bytes."""
    assert row("GENERIC_LEEF", line) == FOUND


@pytest.mark.parametrize(("url", "host"), [("files.example.com/a", "files.example.com"), ("/a", "other.example.com")])
def test_a_url_without_a_scheme(url: str, host: str) -> None:
    line = LINE.replace("https://files.example.com/a?b=c", url) + "\thostname=other.example.com"
    assert row("GENERIC_LEEF", line)["destination_host"] == host


@pytest.mark.parametrize(
    ("time", "when"),
    [
        ("devTime=1763640000 ", "2025-11-20T12:00:00Z"),
        ("devTime=1763640000", "2025-11-20T12:00:00Z"),
        ("devTime=1763640000123", "2025-11-20T12:00:00.123Z"),
        ("devTime=Nov 20 2025 12:00:00.5 EST\tdevTimeFormat=MMM dd yyyy HH:mm:ss.SSS z", "2025-11-20T17:00:00.5Z"),
        ("devTime=2025-11-20T12:00:00.000+0100\tdevTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2025-11-20T11:00:00Z"),
        ("devTime=05/02/2025 12:00:00\tdevTimeFormat=dd/MM/yyyy HH:mm:ss", "2025-02-05T11:00:00Z"),
        ("devTime=05/02/2025 12:00:00\tdevTimeFormat=MM/dd/yyyy HH:mm:ss", "2025-05-02T10:00:00Z"),
        ("devTime=", "2025-11-20T09:00:00Z"),
    ],
)
def test_the_time(time: str, when: str) -> None:
    """Zones are respected, the format tells day from month, and the header's time is the fallback."""
    line = LINE.replace("devTime=Nov 20 2025 12:00:00", time)
    found = row("GENERIC_LEEF", f"<134>Nov 20 10:00:00 host {line}", timezone="Europe/Berlin")
    assert found["timestamp"] == ms(when)


@pytest.mark.parametrize(
    ("change", "action"),
    [
        ({}, "allow"),
        ({"allowed": "web_blocked"}, "block"),
        ({"srcBytes": "action=Denied\tsrcBytes"}, "block"),
        ({"srcBytes": "cat=Blocked\tsrcBytes"}, "block"),
        ({"srcBytes": "action=permit\tcat=Blocked\tsrcBytes"}, "allow"),
        ({"srcBytes": "action=Not blocked\tsrcBytes"}, "allow"),
        ({"srcBytes": "action=Request blocked\tsrcBytes"}, "block"),
        ({"srcBytes": "blockReason=Virus found\tsrcBytes"}, "block"),
        ({"srcBytes": "blockReason=\tsrcBytes"}, "allow"),
    ],
)
def test_the_verdict(change: dict[str, str], action: str) -> None:
    """The action decides, or else the words of category and event; a block reason counts as one."""
    line = LINE
    for old, new in change.items():
        line = line.replace(old, new, 1)
    assert row("GENERIC_LEEF", line)["action"] == action


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        (LINE.replace("src=10.0.0.1\t", ""), {"ignored": "no traffic record"}),
        (LINE.replace("dst=", "x=").replace("url=", "y="), {"ignored": "no traffic record"}),
        (f"{LINE}\tblockReason=Authentication Required\thttpStatus=407", {"ignored": "authentication challenge"}),
        (f"{LINE}\thttpStatus=200", {"action": "allow"}),
        (LINE.replace("src=10.0.0.1", "src=pc"), {"rejected": "no source address"}),
        ("CEF:0|V|P|1|s|n|3|src=10.0.0.1", {"rejected": "not a LEEF line"}),
        ("LEEF:1.0|V|P", {"rejected": "not a LEEF line"}),
    ],
)
def test_what_is_no_transaction(line: str, fate: dict[str, str]) -> None:
    """Alerts without two endpoints are ignored, other lines are rejected with the reason."""
    found = row("GENERIC_LEEF", line)
    assert {name: found.get(name) for name in fate} == fate


def test_blades_of_check_point() -> None:
    """Its alarms are not traffic, in LEEF as elsewhere."""
    for product, counts in (("URL Filtering", True), ("VPN-1 & FireWall-1", True), ("SmartDefense", False)):
        found = row("GENERIC_LEEF", LINE.replace("|Example|Proxy|", f"|Check Point|{product}|"))
        assert ("ignored" not in found) == counts


@pytest.mark.parametrize(("protocol", "fate"), [("1", "ICMP"), ("58", "ICMP"), ("6", None), ("17", None)])
def test_pings_seen_by_check_point(protocol: str, fate: str | None) -> None:
    """They are not traffic, in LEEF as elsewhere."""
    line = LINE.replace("|Example|Proxy|", "|Check Point|VPN-1 & FireWall-1|") + f"\tproto={protocol}"
    assert row("GENERIC_LEEF", line).get("ignored") == fate
    assert "ignored" not in row("GENERIC_LEEF", f"{LINE}\tproto={protocol}")


def test_a_name_for_the_server() -> None:
    """A server may be given by name instead of address; an address is not a user."""
    line = LINE.replace("url=https://files.example.com/a?b=c", "x=y").replace("203.0.113.9", "Files.example.com.")
    found = row("GENERIC_LEEF", line.replace("usrName=corp\\ann", "identSrc=10.0.0.1"))
    assert (found["destination_host"], "destination_ip" in found, "user" in found) == (
        "files.example.com",
        False,
        False,
    )


ADDRESS = st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None).map(str)
RECORD = st.fixed_dictionaries(
    {
        "devTime": st.integers(10**9, 2 * 10**9), "usrName": st.from_regex(r"u[a-z.@\\-]{0,9}x", fullmatch=True),
        "src": ADDRESS, "dst": ADDRESS, "srcBytes": st.integers(0, 10**12), "dstBytes": st.integers(0, 10**12),
    }
)  # fmt: skip


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(RECORD, st.permutations(["devTime", "usrName", "src", "dst", "srcBytes", "dstBytes"])),
        min_size=1,
        max_size=8,
    )
)
def test_round_trip(records: list[tuple[dict[str, Any], list[str]]]) -> None:
    """Attributes are read back in any order, whatever the order in other lines."""
    lines = ["LEEF:1.0|V|P|1|e|" + "\t".join(f"{key}={record[key]}" for key in order) for record, order in records]
    names = ("timestamp", "user", "source_ip", "destination_ip", "uploaded_bytes", "downloaded_bytes")
    found = [tuple(found[name] for name in names) for found in rows("GENERIC_LEEF", lines)]
    assert found == [
        (r["devTime"] * 1000, r["usrName"].replace("\\\\", "\\"), r["src"], r["dst"], r["srcBytes"], r["dstBytes"])
        for r, _ in records
    ]


def test_check_point() -> None:
    """The login is the user, and an updated connection counts once."""
    told = (
        "LEEF:2.0|Check Point|VPN-1 & FireWall-1|1.0|Accept|\tdevTime=1763640000\taction=Accept"
        "\tloguid={0x5e812cd4,0x1,0x6401a8c0,0x108620ab}\tsrc=10.0.0.1\tdst=203.0.113.9\tusrName=Ann Lee (alee)"
    )
    first, last = rows("GENERIC_LEEF", [told, f"{told}\tsrcBytes=30\tdstBytes=500"])
    assert first["ignored"] == "told again later"
    assert (last["user"], last["uploaded_bytes"], last["downloaded_bytes"]) == ("alee", 30, 500)


def test_names_that_check_point_keeps_in_leef() -> None:
    """Only some of its names are those of LEEF."""
    found = row(
        "GENERIC_LEEF",
        "LEEF:2.0|Check Point|URL Filtering|1.0|Accept|\tdevTime=1763640000\taction=Accept\tsrc=10.0.0.1"
        "\tdst=203.0.113.9\tsrc_user_name=Ann Lee (alee)(+)\tsrc_machine_name=pc1@corp.example\tresource=https://files.example.com/a"
        "\tsent_bytes=30\treceived_bytes=500\tbytes=530",
    )
    assert (found["user"], found["source_device"], found["url"]) == ("alee", "pc1", "https://files.example.com/a")
    assert (found["uploaded_bytes"], found["downloaded_bytes"], found["total_bytes"]) == (30, 500, 530)
