"""Websense and Forcepoint in CEF, LEEF and pairs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.discovery.formats.parsed import RECEIVED, row, rows

CEF = (
    "CEF:0|Websense|Security|7.7|755|Transaction permitted|1|act=permitted app=https dvc=10.9.9.9 dst=203.0.113.9"
    " dhost=files.example.com dpt=443 src=10.0.0.1 spt=5 suser=LDAP://dc OU\\=Users,DC\\=corp/Ann Lee loginID=-"
    " rt=1763640000000 in=200 out=10 requestMethod=GET request=https://files.example.com/a?b\\=c"
)
FOUND = {
    "timestamp": RECEIVED, "user": "Ann Lee", "source_ip": "10.0.0.1", "destination_host": "files.example.com",
    "url": "https://files.example.com/a?b=c", "destination_ip": "203.0.113.9", "action": "allow",
    "uploaded_bytes": 10, "downloaded_bytes": 200, "total_bytes": 210, "transactions": 1,
}  # fmt: skip
PAIRS = (
    "Nov 20 12:00:00 host vendor=Websense 9f product=Security action=permitted user=LDAP://dc OU=Users,DC=corp/Ann Lee"
    " src_host=10.0.0.1 dst_host=files.example.com dst_ip=203.0.113.9 bytes_out=10 bytes_in=200 http_method=GET"
    " url=https://files.example.com/a?b=c"
)
LEEF = (
    "LEEF:1.0|Forcepoint|Security|8.5.0|transaction:permitted|devTime=Nov 20 2025 12:00:00"
    "\tusrName=LDAP://dc OU=Users/Ann Lee\tloginID=-\tsrc=10.0.0.1\tsrcBytes=10\tdstBytes=200\tdst=203.0.113.9\tmethod=GET\turl=https://files.example.com/a?b=c"
)
LOST = (
    "<159>Nov 20 12:00:00 host LEEF: 1.0|Websense|Security|8.1.0|transaction:permitted|sev=1cat=29"
    "usrName=LDAP://dc OU=Users/Ann Leesrc=10.0.0.1srcPort=5srcBytes=10dstBytes=200dst=203.0.113.9dstPort=443"
    "proxyStatus-code=200serverStatus-code=200duration=4method=GETdisposition=1026contentType=text/htmlreason=-"
    "policy=a**Default,b**Role=1 Policyrole=8userAgent=Agent (x)url=https://files.example.com/a?b=c"
)
"""A relay removed the tabs."""
NGFW = (
    "LEEF:1.0|Forcepoint|Firewall|7|Connection_Closed|src=10.0.0.1\tdst=203.0.113.9\tdevTime=Nov 20 2025 12:00:00"
    "\taction=Allow"
)
SIEM, WEB = "WEBSENSE_SIEM_CEF_SYSLOG", "FORCEPOINT_LEEF_SYSLOG"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (SIEM, CEF),
        (SIEM, CEF.removeprefix("CEF:")),
        (SIEM, "      " + CEF.removeprefix("CEF:")),
        (SIEM, f"<134>Nov 20 10:00:00 host {CEF.removeprefix('CEF:')}"),
        (SIEM, f"<134>1 2025-11-20T12:00:00Z host app - - - \ufeff{CEF.removeprefix('CEF:')}"),
        (SIEM, CEF.replace("Websense", "Forcepoint")),
        (SIEM, f"<134>Nov 20 10:00:00 host {CEF}"),
        (SIEM, CEF.replace("rt=1763640000000", "rt=2025-11-20T12:00:00Z")),
        (SIEM, PAIRS),
        (WEB, LEEF),
        (WEB, LEEF.replace("Forcepoint", "Websense")),
        (WEB, f"<134>Nov 20 10:00:00 host {LEEF}"),
        (WEB, LEEF + " HTTP/1.1 Host: other.example"),
        (WEB, LOST),
    ],
)
def test_a_request(source: str, line: str) -> None:
    """Every form gives the same."""
    assert row(source, line) == FOUND


@pytest.mark.parametrize(
    ("line", "user"),
    [
        (CEF.replace("loginID=-", "loginID=alee"), "alee"),
        (CEF.replace("LDAP://dc OU\\=Users,DC\\=corp/Ann Lee", "-"), None),
        (CEF.replace("LDAP://dc OU\\=Users,DC\\=corp/Ann Lee", "corp/alee"), "corp/alee"),
        (PAIRS.replace("Ann Lee", "LEE\\, Ann"), "LEE, Ann"),
        (PAIRS.replace("Ann Lee", "CORP\\ann"), "CORP\\ann"),
        (f"{PAIRS.replace(' user=LDAP://dc OU=Users,DC=corp/Ann Lee', '')} user=LDAP://dc OU=Users/Ann Lee", "Ann Lee"),
        (CEF.replace("LDAP://dc OU\\=Users,DC\\=corp/Ann Lee", "WinNT://CORP/alee"), "alee"),
    ],
)
def test_the_user(line: str, user: str | None) -> None:
    """A login is preferred to the name at the end of a path."""
    assert row(SIEM, line).get("user") == user


@pytest.mark.parametrize(("login", "user"), [("-", None), ("ann1", "ann1")])
def test_a_login_behind_the_user_of_pairs_is_no_part_of_it(login: str, user: str | None) -> None:
    line = PAIRS.replace("LDAP://dc OU=Users,DC=corp/Ann Lee", f"{login} loginID={login}")
    assert row("WEBSENSE_SIEM_CEF_SYSLOG", line).get("user") == user


def test_a_user_that_breaks_the_line() -> None:
    """A raw line end in a name or after a URL does not start another record."""
    first, second = CEF.replace("Ann Lee", "Ann\nLee").split("\n")
    joined, rest, other = rows(SIEM, [first, second, CEF])
    assert {**joined, "line": 0} == {**FOUND, "line": 0}
    assert (rest["ignored"], other["line"]) == ("part of the record above", 3)
    joined, rest, _ = rows(WEB, [LEEF + " HTTP/1.1", "Host: other.example src=6.6.6.6", LEEF])
    assert {**joined, "line": 0} == {**FOUND, "line": 0}
    assert rest["ignored"] == "part of the record above"


@pytest.mark.parametrize(("source", "line"), [(SIEM, CEF), (SIEM, PAIRS), (WEB, LEEF)], ids=["cef", "pairs", "leef"])
@pytest.mark.parametrize(
    "other",
    [
        "1763636401.123 382 10.0.0.2 TCP_MISS/200 100 GET http://other.example/a - DIRECT/203.0.113.2 text/html",
        '10.0.0.2 - - [20/Nov/2025:12:00:00 +0000] "GET http://other.example/a HTTP/1.1" 200 100',
        '[20/Nov/2025:12:00:00 +0000] "joe" 10.0.0.2 200 "GET http://other.example/a HTTP/1.1" "" "" "" 1 "" "" "0"',
        '2025:11:20-12:00:00 utm httpproxy[1]: id="0001" sys="SecureWeb" url="http://other.example/a"',
        "LEEF:1.0|Vendor|Proxy|1|1|src=10.0.0.2\turl=http://other.example/a",
        "#Fields: date time c-ip cs-host",
        "http_scan[1]: 1763636401 1 10.0.0.2 203.0.113.2 text/html 10.0.0.2 http://other.example/a 1 BYF ALLOWED",
        '{"src": "10.0.0.2", "url": "http://other.example/a"}',
    ],
)
def test_a_record_of_another_format_goes_on_with_none(source: str, line: str, other: str) -> None:
    first, second, third = rows(source, [line, other, line])
    assert second.get("ignored") != "part of the record above"
    assert [{**each, "line": 0} for each in (first, third)] == [{**FOUND, "line": 0}] * 2


@pytest.mark.parametrize(
    "bare", ["id=firewall src=10.0.0.9", "%ASA-6-1: x", "1,2025/11/20 12:00:00,x", "date=2025-11-20"]
)
def test_bare_lines_of_other_devices_are_no_part_of_a_record(bare: str) -> None:
    for source, line in ((WEB, LEEF), (SIEM, CEF)):
        found, other = rows(source, [line, bare])
        assert {**found, "line": 0} == {**FOUND, "line": 0}
        assert other["rejected"]


def test_the_last_line_of_a_collector_may_be_of_another_device() -> None:
    """It is not part of a record, so it is not held back from its own parser."""
    asa = "%ASA-4-106023: Deny tcp src inside:10.0.0.1/50000 dst outside:203.0.113.9/443 by access-group"
    _, *found = rows(WEB, [LEEF, *[asa] * 5])
    assert [each["action"] for each in found] == ["block"] * 5


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (SIEM, CEF.replace("act=permitted", "act=blocked")),
        (SIEM, PAIRS.replace("action=permitted", "action=blocked")),
        (WEB, LEEF.replace("permitted", "blocked")),
        (WEB, NGFW.replace("Closed", "Discarded").replace("Allow", "Discard")),
        (WEB, NGFW.replace("Closed", "Refused").replace("Allow", "Refuse")),
    ],
)
def test_blocked(source: str, line: str) -> None:
    assert row(source, line)["action"] == "block"


def test_a_start_counts_only_without_ends() -> None:
    start = NGFW.replace("Closed", "Allowed")
    assert "ignored" not in row(WEB, start)
    assert [found.get("ignored") for found in rows(WEB, [start, NGFW, start])] == [
        "connection start",
        None,
        "connection start",
    ]


@pytest.mark.parametrize(
    ("source", "line", "fate"),
    [
        (
            WEB,
            NGFW.replace("Connection_Closed", "FW_DHCP-Reply"),
            ("ignored", "not a transaction or connection record"),
        ),
        (WEB, NGFW.replace("Forcepoint", "Example"), ("rejected", "not a LEEF line of this vendor")),
        (SIEM, CEF.replace("Websense", "Example"), ("rejected", "not a CEF line of this vendor")),
        (SIEM, CEF.replace("src=10.0.0.1 ", ""), ("ignored", "no traffic record")),
        (SIEM, "nothing", ("rejected", "not a CEF line of this vendor")),
    ],
)
def test_what_is_no_transaction(source: str, line: str, fate: tuple[str, str]) -> None:
    assert row(source, line)[fate[0]] == fate[1]


RECORD = st.fixed_dictionaries(
    {
        "shape": st.sampled_from([CEF, PAIRS, LEEF]), "user": st.from_regex(r"U[a-z ]{0,9}x", fullmatch=True),
        "source": st.ip_addresses(v=4).map(str), "sent": st.integers(0, 10**12), "received": st.integers(0, 10**12),
    }
)  # fmt: skip


def written(record: dict[str, Any]) -> str:
    line = str(record["shape"]).replace("=200", f"={record['received']}")
    line = line.replace("Ann Lee", record["user"]).replace("src=10.0.0.1", f"src={record['source']}")
    line = line.replace("src_host=10.0.0.1", f"src_host={record['source']}")
    return line.replace("out=10 ", f"out={record['sent']} ").replace("srcBytes=10\t", f"srcBytes={record['sent']}\t")


@settings(max_examples=15, deadline=None)
@given(st.lists(RECORD, min_size=1, max_size=5))
def test_round_trip(records: list[dict[str, Any]]) -> None:
    """Requests written in any form are read back."""
    for source, shapes in ((SIEM, (CEF, PAIRS)), (WEB, (LEEF,))):
        mine = [record for record in records if record["shape"] in shapes]
        lines = [written(record) for record in mine]
        found = [(f["user"], f["source_ip"], f["uploaded_bytes"], f["downloaded_bytes"]) for f in rows(source, lines)]
        assert found == [(r["user"], r["source"], r["sent"], r["received"]) for r in mine]


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (SIEM, PAIRS.replace("http_method=GET", "http_response=0 http_method=GET http_proxy_status_code=407")),
        (WEB, LEEF.replace("method=GET", "proxyStatus-code=407\tserverStatus-code=0\tmethod=GET")),
        (WEB, LOST.replace("proxyStatus-code=200", "proxyStatus-code=407")),
    ],
)
def test_a_client_that_is_asked_to_sign_in(source: str, line: str) -> None:
    assert row(source, line)["ignored"] == "authentication challenge"
    assert "ignored" not in row(source, line.replace("407", "403"))
