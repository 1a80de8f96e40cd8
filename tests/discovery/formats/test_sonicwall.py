"""SonicWall messages."""

from __future__ import annotations

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.sonicwall import FORMATS
from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import SONICWALL
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read, used

(KNOWN,) = FORMATS
LINE = SONICWALL[0]
VISIT = (
    'id=firewall sn=0017C5000000 time="2025-11-20 11:00:01 UTC" fw=198.51.100.1 pri=6 c=1024 m=97 n=1'
    " src=10.0.0.1:50001:X0 dst=203.0.113.1:443:X1 proto=tcp/https op=GET sent=70 rcvd=80 result=200"
    " dstname=files.example.com arg=/a/1 code=20"
)
CEF = (
    "CEF:0|SonicWall|NSA 2650|6.5|537|Connection Closed|4|cat=1024 src=10.0.0.1 spt=50001 dst=203.0.113.1 dpt=443"
    " out=100 in=1000 cnt=5000 susr=jo rt=1763636401000"
)


def test_a_closed_connection() -> None:
    row = one(KNOWN, LINE)
    assert (row["timestamp"], row["user"], row["source_ip"]) == (ms("2025-11-20T11:00:01Z"), "ann1", "10.0.0.1")
    assert (row["source_device"], row["destination_ip"]) == ("pc1.corp.example", "203.0.113.1")
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["action"]) == (100, 1000, "allow")
    assert one(KNOWN, LINE.replace("m=537", "m=1153"))["total_bytes"] == 1100


def test_the_device() -> None:
    """The hardware address replaces a missing name."""
    nameless = LINE.replace(":pc1.corp.example", "").replace(" proto=", " srcMac=00:53:a5:10:44:b8 proto=")
    assert one(KNOWN, nameless)["source_device"] == "00:53:a5:10:44:b8"
    assert one(KNOWN, nameless.replace("X0 ", "X0:pc2 "))["source_device"] == "pc2"


def test_pairs_before_the_serial_number() -> None:
    """Some releases put a site's category there."""
    line = LINE.replace(" sn=", ' website-category="Arts/Entertainment" sn=')
    assert one(KNOWN, line) == one(KNOWN, LINE)
    assert KNOWN.recognise([line])[0] == 1.0


def test_time_without_a_zone_is_local() -> None:
    row = one(KNOWN, LINE.replace(" UTC", ""), ParseContext(RECEIVED, timezone="Europe/Berlin"))
    assert row["timestamp"] == ms("2025-11-20T11:00:01+01:00")


def test_a_visit_and_a_refusal() -> None:
    row = one(KNOWN, VISIT)
    assert (row["url"], row["total_bytes"], row["action"]) == ("https://files.example.com/a/1", 150, "allow")
    assert one(KNOWN, VISIT.replace("tcp/https", "tcp/http").replace(":443:", ":80:"))["url"] == (
        "http://files.example.com/a/1"
    )
    for number in (14, 16, 1599, 1600):
        row = one(KNOWN, VISIT.replace("m=97", f"m={number}"))
        assert (row["action"], row["destination_host"]) == ("block", "files.example.com")


def test_a_site_that_the_filter_let_through() -> None:
    """Message 16 says so in its words; what was dropped is blocked whatever they are."""
    let_through = VISIT.replace("m=97", 'm=16 msg="Web site access allowed"')
    assert one(KNOWN, let_through)["action"] == "allow"
    assert one(KNOWN, let_through + ' fw_action="drop"')["action"] == "block"


@pytest.mark.parametrize("number", [36, 37, 41, 173, 174, 524])
def test_a_dropped_packet(number: int) -> None:
    row = one(KNOWN, LINE.replace("m=537", f"m={number}"))
    assert (row["action"], row["total_bytes"], row["destination_ip"]) == ("block", None, "203.0.113.1")


@pytest.mark.parametrize("batches", [1, 2])
def test_a_visit_counts_with_its_connection(batches: int) -> None:
    visit, end = read(KNOWN, VISIT, LINE, batches=batches)
    assert visit["ignored"] == "counted with its session"
    assert (end["destination_host"], end["total_bytes"]) == ("files.example.com", 1100)
    other = used(KNOWN, VISIT, LINE.replace("50001", "50009"))
    assert [row["total_bytes"] for row in other] == [150, 1100]


def test_ipv6() -> None:
    line = LINE.replace("src=10.0.0.1:50001:X0:pc1.corp.example", "srcV6=2001:db8::1 src=:50001:X0")
    row = one(KNOWN, line.replace("dst=203.0.113.1:443:X1", "dstV6=2001:db8::2 dst=:443:X1"))
    assert (row["source_ip"], row["destination_ip"]) == ("2001:db8::1", "2001:db8::2")


@pytest.mark.parametrize("brackets", ["{}", "[{}]"])
def test_ipv6_with_port_interface_and_name(brackets: str) -> None:
    source, server = brackets.format("2001:db8::1"), brackets.format("2001:db8::443")
    sides = {"src=10.0.0.1:50001:X0": f"srcV6={source}:50001:X0", "dst=203.0.113.1:443:X1": f"dstV6={server}:443:X1"}
    lines = [LINE, VISIT]
    for old, new in sides.items():
        lines = [line.replace(old, new) for line in lines]
    row = one(KNOWN, lines[0])
    assert (row["source_ip"], row["destination_ip"]) == ("2001:db8::1", "2001:db8::443")
    assert (row["source_device"], row["total_bytes"]) == ("pc1.corp.example", 1100)
    assert one(KNOWN, lines[1])["url"] == "https://files.example.com/a/1"
    (joined,) = used(KNOWN, *reversed(lines))
    assert (joined["destination_host"], joined["total_bytes"]) == ("files.example.com", 1100)


@pytest.mark.parametrize(
    ("source", "server", "device"),
    [
        ("2001:db8::1:50001:X0:pc1", "2001:db8::443:443:X1", "pc1"),
        ("2001:db8::1:50001:X0:pc1", "2001:db8:0:0:0:0:0:443:443:X1-V10", "pc1"),
        ("2001:db8::1:50001:DMZ", "2001:db8::443:443:X1", None),
        ("[2001:db8::1]:50001:X0:pc1", "[2001:db8::443]:443:X1", "pc1"),
        ("2001:db8::1", "2001:db8::443", None),
    ],
)
def test_ipv6_in_the_place_of_ipv4(source: str, server: str, device: str | None) -> None:
    line = LINE.replace("src=10.0.0.1:50001:X0:pc1.corp.example", f"src={source}")
    line = line.replace("dst=203.0.113.1:443:X1", f"dst={server}")
    row = one(KNOWN, line)
    assert (row["source_ip"], row["destination_ip"]) == ("2001:db8::1", "2001:db8::443")
    assert (row["source_device"], row["total_bytes"]) == (device, 1100)


def test_cef_of_the_same_appliance() -> None:
    row = one(KNOWN, "<134>Nov 20 11:00:01 fw " + CEF)
    assert (row["source_ip"], row["destination_ip"], row["total_bytes"]) == ("10.0.0.1", "203.0.113.1", 1100)
    assert row["transactions"] == 1  # here, cnt counts messages
    rows = used(KNOWN, CEF, CEF.replace("|537|", "|98|"), CEF.replace("|537|", "|14|") + ' fw_action="drop"')
    assert [row["action"] for row in rows] == ["allow", "block"]


def test_a_visit_and_its_connection_in_cef() -> None:
    visit = CEF.replace("|537|", "|97|") + " request=files.example.com/a/1"
    rows = read(KNOWN, visit, CEF)
    assert [row.get("ignored") for row in rows] == ["counted with its session", None]
    assert (rows[1]["destination_host"], rows[1]["total_bytes"]) == ("files.example.com", 1100)


def test_cef_of_older_releases() -> None:
    """They use the vendor's former name."""
    older = CEF.replace("SonicWall", "SonicWALL")
    assert KNOWN.recognise([older])[0] == 1
    assert one(KNOWN, older)["user"] == "jo"


@pytest.mark.parametrize(
    ("written", "user"),
    [("jo", "jo"), ('"jo"', "jo"), ('"jo (SSO)"', "jo"), ('"CORP\\\\jo lee (SSO)"', "CORP\\jo lee"), ("", None)],
)
def test_the_user_in_cef(written: str, user: str | None) -> None:
    assert one(KNOWN, CEF.replace("susr=jo", f"susr={written}"))["user"] == user


@pytest.mark.parametrize(
    ("protocol", "port", "scheme"),
    [("tcp/https", "8443", "https"), ("tcp/http", "80", "http"), ("tcp/443", "443", "https")],
)
def test_the_scheme_in_cef(protocol: str, port: str, scheme: str) -> None:
    visit = CEF.replace("|537|Connection Closed|", "|97|Syslog Website Accessed|").replace("dpt=443", f"dpt={port}")
    row = one(KNOWN, visit + f" proto={protocol} app=49177 request=files.example.com/a/1")
    assert row["url"] == f"{scheme}://files.example.com/a/1"


@pytest.mark.parametrize("header", ["", "Nov 20 11:00:01 fw1 "])
def test_a_message_that_lost_its_first_pair(header: str) -> None:
    bare = header + LINE[LINE.index("sn=") :]
    assert recognise([bare]).format is KNOWN
    assert one(KNOWN, bare) == one(KNOWN, LINE)


@pytest.mark.parametrize("front", ["fw1 ", "10.9.9.9: ", "10.9.9.9\t"])
def test_cef_behind_a_host_alone(front: str) -> None:
    assert one(KNOWN, front + CEF) == one(KNOWN, CEF)


@pytest.mark.parametrize(
    ("protocol", "url"),
    [
        ("", "https://files.example.com/a"),
        ("proto=tcp/443", "https://files.example.com/a"),
        ("proto=tcp/http", "http://files.example.com:443/a"),
    ],
)
def test_the_port_tells_the_scheme_where_the_protocol_does_not(protocol: str, url: str) -> None:
    refused = LINE.replace("m=537", "m=14").replace("proto=tcp/https", protocol)
    assert one(KNOWN, f"{refused} dstname=files.example.com arg=/a")["url"] == url


def test_what_is_no_transaction() -> None:
    lines = [LINE.replace("m=537", f"m={number}") for number in (98, 38, 1154, 30, 1197)]
    assert fates(KNOWN, [*lines, "hello"]) == [("not a connection message", None)] * 5 + [
        (None, "not a SonicWall message")
    ]


def test_a_closed_connection_with_the_name_of_its_server() -> None:
    assert one(KNOWN, f"{LINE} dstname=files.example.com")["destination_host"] == "files.example.com"


def test_the_name_behind_the_address_of_a_server() -> None:
    """It is used like ``dstname`` if it is a host name."""
    named = LINE.replace("203.0.113.1:443:X1", "203.0.113.1:443:X1:files.example.com")
    assert one(KNOWN, named)["destination_host"] == "files.example.com"
    assert one(KNOWN, f"{named} dstname=play.example.com")["destination_host"] == "play.example.com"
    assert one(KNOWN, named.replace("files.example.com", "SERVER1"))["destination_host"] is None
    assert one(KNOWN, named.replace("m=537", "m=36"))["destination_host"] is None


def test_a_visitor_who_has_to_sign_in_at_a_proxy_makes_no_visit() -> None:
    assert fates(KNOWN, [VISIT.replace("result=200", "result=407")]) == [("authentication challenge", None)]


def test_what_the_firewall_did_is_the_verdict() -> None:
    assert one(KNOWN, f'{VISIT} fw_action="drop"')["action"] == "block"
    assert one(KNOWN, f'{VISIT} fw_action="NA"')["action"] == "allow"
