"""Cisco Meraki URLs."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.meraki import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import MERAKI
from tests.discovery.formats.reading import fates, ms, one, read

(KNOWN,) = FORMATS
LINE = MERAKI[0]
REFUSAL = (
    "1763636401.5 MX84 events content_filtering_block url='https://play.example.com/a' category0='Games'"
    " server='203.0.113.7:443' client_mac='02:00:00:00:00:01'"
)


def test_a_visit() -> None:
    row = one(KNOWN, LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (1_763_636_400_121, "ann1", "10.0.0.1")
    assert (row["url"], row["destination_ip"]) == ("https://files1.example.com/a/1", "203.0.113.1")
    assert (row["source_device"], row["total_bytes"], row["action"]) == ("02:00:00:00:00:01", None, "allow")


@pytest.mark.parametrize(
    ("header", "time"),
    [("<134>Nov 20 12:00:01 MX84 ", ms("2025-11-20T12:00:01Z")), ("MX84 ", None), ("", None)],
)
def test_a_visit_whose_time_and_name_a_relay_took(header: str, time: int | None) -> None:
    bare = header + LINE[LINE.index("urls ") :]
    assert one(KNOWN, bare) == {**one(KNOWN, LINE), "timestamp": time}
    assert recognise([bare]).format is KNOWN
    (fate,) = fates(KNOWN, [bare.replace("urls ", "flows ")])
    assert fate == (None, "not a Meraki record")


@pytest.mark.parametrize("user", ["Conor O'Neil", "d'arc@corp.example", "CORP\\ann1", "ann 1"])
def test_users(user: str) -> None:
    assert one(KNOWN, LINE.replace("user='ann1'", f"user='{user}'"))["user"] == user
    forged = LINE.replace("(x)", f"x' user='{user}' y")
    assert one(KNOWN, forged)["user"] == "ann1"


@pytest.mark.parametrize("header", [
    "<134>1 ", "<134> ", "<134>Nov 20 12:00:00 relay 1 ", "1 ", "192.0.2.1 1 ", "2001:db8::1 ", "mx84 1 ",
    "2025-11-20 12:00:00 Local0.Info 192.0.2.1 1 ", "2025-11-20 12:00:00\tLocal0.Info\t192.0.2.1\t1 ",
])  # fmt: skip
def test_headers_change_nothing(header: str) -> None:
    assert one(KNOWN, header + LINE) == one(KNOWN, LINE)
    assert KNOWN.recognise([header + LINE])[0] == 1


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace(" user='ann1'", ""),
        LINE.replace(" agent='Browser/1 (x)' user='ann1'", ""),
        LINE.replace(" mac=02:00:00:00:00:01", "").replace(" user='ann1'", ""),
    ],
)
def test_optional_parts(line: str) -> None:
    row = one(KNOWN, line)
    assert (row["user"], row["destination_host"]) == (None, "files1.example.com")


def test_ipv6_has_no_brackets() -> None:
    row = one(KNOWN, LINE.replace("10.0.0.1:", "2001:db8::1:").replace("203.0.113.1:", "2001:db8::2:"))
    assert (row["source_ip"], row["destination_ip"]) == ("2001:db8::1", "2001:db8::2")


def test_a_url_cut_short_is_kept() -> None:
    row = one(KNOWN, LINE.replace("GET https://files1.example.com/a/1", "UNKNOWN https://files1.example.com/..."))
    assert (row["destination_host"], row["url"]) == ("files1.example.com", "https://files1.example.com/...")


@pytest.mark.parametrize("batches", [1, 2])
def test_a_refusal_finds_its_client(batches: int) -> None:
    _, refusal = read(KNOWN, LINE, REFUSAL, batches=batches)
    assert (refusal["ignored"], refusal["rejected"]) == (None, None)
    assert (refusal["source_ip"], refusal["destination_host"], refusal["action"]) == (
        "10.0.0.1",
        "play.example.com",
        "block",
    )
    assert fates(KNOWN, [REFUSAL]) == [("refusal to an unknown client", None)]


def test_what_is_no_transaction() -> None:
    kinds = [
        "flows",
        "firewall",
        "vpn_firewall",
        "l7_firewall",
        "ip_flow_start",
        "ids-alerts",
        "security_event",
        "events",
    ]
    lines = [f"1763636400.1 MX84 {kind} src=10.0.0.1:5 dst=203.0.113.1:443 mac=x" for kind in kinds]
    assert fates(KNOWN, lines) == [("not a record of a URL", None)] * len(kinds)
    assert fates(KNOWN, ["hello", "1763636400.1 MX84 urls of nothing"]) == [
        (None, "not a Meraki record"),
        (None, "no source address"),
    ]
