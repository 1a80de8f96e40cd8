"""FortiGate and FortiOS records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.fortigate import FORMATS
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.reading import fates, ms, one, read, used

(FORTIGATE,) = FORMATS

TRAFFIC: dict[str, Any] = {
    "date": "2024-03-09",
    "time": "14:05:06",
    "devname": "edge-1",
    "devid": "FG3H0E5819900001",
    "logid": "0000000013",
    "type": "traffic",
    "subtype": "forward",
    "level": "notice",
    "vd": "root",
    "eventtime": "1709989506123456789",
    "srcip": "10.20.30.40",
    "srcport": 51515,
    "dstip": "203.0.113.80",
    "dstport": 443,
    "sessionid": 4711,
    "proto": 6,
    "action": "close",
    "user": "AMELIA",
    "service": "HTTPS",
    "sentbyte": 1500,
    "rcvdbyte": 90000,
}
WEB: dict[str, Any] = TRAFFIC | {
    "logid": "0317013312",
    "type": "utm",
    "subtype": "webfilter",
    "eventtype": "ftgd_allow",
    "action": "passthrough",
    "hostname": "files.example.com",
    "url": "/share/a?id=1",
    "sentbyte": 300,
    "rcvdbyte": 0,
}
TEXTS = frozenset(
    {"devname", "devid", "logid", "type", "subtype", "level", "vd", "action", "user", "service", "hostname", "url"}
)


def line(base: Mapping[str, Any] = TRAFFIC, /, **more: Any) -> str:
    """Write a record with other values for some keys, and without some (``drop``, by blanks)."""
    drop, separator, quotes = more.pop("drop", ""), str(more.pop("separator", " ")), more.pop("quotes", True)
    pairs = {key: value for key, value in {**base, **more}.items() if key not in drop.split()}
    return separator.join(
        f'{key}="{value}"' if quotes and isinstance(value, str) and (key in TEXTS or " " in value) else f"{key}={value}"
        for key, value in pairs.items()
    )


def cells(base: Mapping[str, Any] = TRAFFIC, /, **more: Any) -> str:
    """Write a record as FortiAnalyzer exports it, among empty cells."""
    pairs = line(base, separator="\0", **more).split("\0")
    return ",".join(f'"{pair}"' for text in pairs for pair in (text.replace('"', '""'), ""))


def test_a_session_record() -> None:
    row = one(FORTIGATE, line())
    assert row == {
        "line": 1,
        "ignored": None,
        "rejected": None,
        "timestamp": 1_709_989_506_123,
        "user": "AMELIA",
        "source_ip": "10.20.30.40",
        "source_device": None,
        "destination_host": None,
        "url": None,
        "destination_ip": "203.0.113.80",
        "action": "allow",
        "uploaded_bytes": 1500,
        "downloaded_bytes": 90000,
        "total_bytes": 91500,
        "transactions": 1,
    }


def test_a_record_that_was_cut_behind_its_type_is_told_of() -> None:
    assert fates(FORTIGATE, ["date=2024-03-09 time=14:05:06 devid=FG3 logid=0317013312 type=utm s"]) == [
        ("not a traffic or web-filter record", None)
    ]


def test_a_web_filter_record() -> None:
    row = one(FORTIGATE, line(WEB))
    assert (row["destination_host"], row["url"]) == ("files.example.com", "https://files.example.com/share/a?id=1")
    assert (row["destination_ip"], row["action"], row["total_bytes"]) == ("203.0.113.80", "allow", 300)


@pytest.mark.parametrize(
    "written",
    [
        line(separator=","),
        line(quotes=False),
        line(separator="\t"),
        "<189>" + line(),
        "<189> Mar  9 15:00:00 edge-1 " + line(),
        "<189>1 2024-03-09T15:00:00Z edge-1 - - - - " + line(),
        "Mar  9 15:00:00 relay <189>" + line(),
        "2024-03-09 15:00:00\tLocal7.Notice\t10.1.1.1\t" + line(),
        line() + "\r",
        cells(),
        cells(quotes=False),
        cells(drop="logid subtype", itime=1709989507),
    ],
)
def test_separators_quotes_and_wrappers_change_nothing(written: str) -> None:
    assert one(FORTIGATE, written) == one(FORTIGATE, line())


@pytest.mark.parametrize(
    ("written", "when"),
    [
        (line(eventtime="1709989506"), "2024-03-09T13:05:06Z"),
        (line(eventtime="1709989506123"), "2024-03-09T13:05:06.123Z"),
        (line(eventtime="1709989506123456"), "2024-03-09T13:05:06.123Z"),
        (line(drop="eventtime", tz="+0200"), "2024-03-09T14:05:06+02:00"),
        (line(eventtime="111111111", tz="+0200"), "2024-03-09T14:05:06+02:00"),  # masked
        (line(drop="eventtime", tz="-0700"), "2024-03-09T14:05:06-07:00"),
        (line(drop="eventtime"), "2024-03-09T14:05:06+01:00"),  # local time of the data source
        ("<189>Mar  9 14:05:06 edge-1 " + line(drop="eventtime date time"), "2025-03-09T14:05:06+01:00"),
        (line(drop="eventtime date time"), None),
    ],
)
def test_the_time(written: str, when: str | None) -> None:
    berlin = ParseContext(RECEIVED, timezone="Europe/Berlin")
    assert one(FORTIGATE, written, berlin)["timestamp"] == (when and ms(when))


@pytest.mark.parametrize(
    ("action", "utmaction", "verdict"),
    [
        ("deny", None, "block"),
        ("blocked", None, "block"),
        ("drop", None, "block"),
        ("close", "block", "block"),
        ("accept", "blocked", "block"),
        ("accept", "dropped", "block"),
        ("accept", "reset", "block"),
        ("accept", "allow", "allow"),
        ("client-rst", None, "allow"),
        ("server-rst", None, "allow"),
        ("timeout", None, "allow"),
        ("ip-conn", None, "allow"),
    ],
)
def test_the_verdict_of_a_session(action: str, utmaction: str | None, verdict: str) -> None:
    more = {} if utmaction is None else {"utmaction": utmaction}
    assert one(FORTIGATE, line(action=action, **more))["action"] == verdict


@pytest.mark.parametrize(
    ("action", "verdict"),
    [("blocked", "block"), ("block", "block"), ("dropped", "block"), ("passthrough", "allow"), ("exempt", "allow")],
)
def test_the_verdict_of_the_web_filter(action: str, verdict: str) -> None:
    assert one(FORTIGATE, line(WEB, action=action))["action"] == verdict


def test_the_verdict_of_fortios_5_0() -> None:
    """It called the action a status."""
    assert one(FORTIGATE, line(drop="action", status="deny"))["action"] == "block"
    assert one(FORTIGATE, line(drop="action", status="close"))["action"] == "allow"
    assert one(FORTIGATE, line(WEB, drop="action", status="blocked"))["action"] == "block"


def test_deltas_replace_running_totals() -> None:
    row = one(FORTIGATE, line(logid="0000000020", sentdelta=10, rcvddelta=20))
    assert (row["uploaded_bytes"], row["downloaded_bytes"], row["total_bytes"]) == (10, 20, 30)


def test_the_same_bytes_on_other_interfaces_are_not_added_and_absent_ones_are_not_zero() -> None:
    assert one(FORTIGATE, line(wanin=7, wanout=8, lanin=8, lanout=7))["total_bytes"] == 91500
    row = one(FORTIGATE, line(drop="sentbyte rcvdbyte", action="deny"))
    assert (row["uploaded_bytes"], row["total_bytes"]) == (None, None)


@pytest.mark.parametrize(
    ("more", "user", "device"),
    [
        ({"user": "N/A"}, None, None),
        ({"user": "", "unauthuser": "guest7"}, "guest7", None),
        ({"user": "CORP\\jo"}, "CORP\\jo", None),
        ({"srcname": "Jo's phone", "mastersrcmac": "02:00:00:00:00:01"}, "AMELIA", "Jo's phone"),
        ({"mastersrcmac": "02:00:00:00:00:01", "srcmac": "02:00:00:00:00:02"}, "AMELIA", "02:00:00:00:00:01"),
        ({"srcmac": "02:00:00:00:00:02"}, "AMELIA", "02:00:00:00:00:02"),
    ],
)
def test_user_and_device(more: dict[str, str], user: str | None, device: str | None) -> None:
    row = one(FORTIGATE, line(**more))
    assert (row["user"], row["source_device"]) == (user, device)


@pytest.mark.parametrize(
    ("more", "host", "url"),
    [
        ({"url": "https://Files.Example.com/x"}, "files.example.com", "https://Files.Example.com/x"),
        ({"service": "HTTP", "dstport": 80}, "files.example.com", "http://files.example.com/share/a?id=1"),
        ({"service": "HTTP", "dstport": 8080}, "files.example.com", "http://files.example.com:8080/share/a?id=1"),
        ({"service": "tcp/443"}, "files.example.com", "https://files.example.com/share/a?id=1"),
        ({"hostname": "203.0.113.80"}, None, "https://203.0.113.80/share/a?id=1"),
    ],
)
def test_host_and_url(more: dict[str, Any], host: str | None, url: str) -> None:
    row = one(FORTIGATE, line(WEB, **more))
    assert (row["destination_host"], row["url"], row["destination_ip"]) == (host, url, "203.0.113.80")


def test_the_host_may_stand_in_the_url_alone() -> None:
    written = line(WEB, drop="hostname", url="https://files.example.com/x")
    assert one(FORTIGATE, written)["destination_host"] == "files.example.com"
    row = one(FORTIGATE, written, ParseContext(RECEIVED, want_url=False))
    assert (row["destination_host"], row["url"]) == ("files.example.com", None)


def test_ipv6() -> None:
    row = one(FORTIGATE, line(srcip="2001:db8::a", dstip="2001:db8:0:0::B"))
    assert (row["source_ip"], row["destination_ip"]) == ("2001:db8::a", "2001:db8::b")


def test_what_is_no_transaction() -> None:
    application = {"type": "utm", "subtype": "app-ctrl", "action": "pass"}
    lines = [
        line(subtype="local"),
        line(subtype="sniffer"),
        line(action="start"),
        line(type="event", subtype="system"),
        line(WEB, subtype="dns"),
        line(WEB, subtype="ips"),
        line(WEB, drop="subtype"),
        line(WEB, drop="hostname", **application),
        line(drop="srcip"),
        line(drop="dstip"),
        "not a record",
        "",
        'id=firewall time="2025-11-20 12:00:00" fw=x src=10.0.0.1 dst=203.0.113.1 type="permit"',
        "NetScreen device_id=x system-notification-00257(traffic): action=Permit icmp type=8 session_id=0",
        "Info     fw Remove: type=FWD|proto=TCP|srcIP=10.0.0.1|dstIP=203.0.113.1",
    ]
    assert fates(FORTIGATE, lines) == [
        ("traffic that is not forwarded", None),
        ("traffic that is not forwarded", None),
        ("session start", None),
        ("not a traffic or web-filter record", None),
        ("DNS record", None),
        *[("not a traffic or web-filter record", None)] * 2,
        ("application without a host", None),
        (None, "no source address"),
        (None, "no destination"),
        *[(None, "not a FortiGate record")] * 5,
    ]
    assert used(FORTIGATE, line(WEB, **application))[0]["destination_host"] == "files.example.com"
    assert (
        used(FORTIGATE, line(WEB, type="webfilter", subtype="ftgd_blk"))[0]["destination_host"] == "files.example.com"
    )


@pytest.mark.parametrize("batches", [1, 2])
def test_the_web_filter_tells_the_host_of_the_session(batches: int) -> None:
    """The session's bytes count once, and what either record blocked is blocked."""
    web, session = read(FORTIGATE, line(WEB, action="blocked"), line(drop="user"), batches=batches)
    assert web["ignored"] == "counted with its session"
    assert (session["destination_host"], session["action"], session["total_bytes"]) == (
        "files.example.com",
        "block",
        91500,
    )
    assert (session["url"], session["user"]) == ("https://files.example.com/share/a?id=1", "AMELIA")


def test_sessions_of_other_clients_or_without_an_id_are_not_joined() -> None:
    rows = used(FORTIGATE, line(WEB), line(srcip="10.9.9.9"), line(WEB, sessionid=0), line(sessionid=0))
    assert [row["destination_host"] for row in rows] == ["files.example.com", None, "files.example.com", None]


def test_an_interim_record_whose_log_id_has_no_zeros() -> None:
    """FortiAnalyzer writes it so."""
    rows = used(FORTIGATE, line(WEB), line(logid="20", sentdelta=1, rcvddelta=1), line(logid="13"))
    assert [row["destination_host"] for row in rows] == ["files.example.com"] * 2


def test_interim_records_of_a_long_session_share_its_host() -> None:
    interim = line(logid="0000000020", sentdelta=1, rcvddelta=1)
    rows = used(FORTIGATE, line(WEB), interim, interim, line(), line())
    assert [row["destination_host"] for row in rows] == ["files.example.com"] * 4 or rows[-1][
        "destination_host"
    ] is None


def test_a_visitor_cannot_forge_a_field() -> None:
    row = one(
        FORTIGATE, line(WEB, drop="user", agent="x user=boss action=passthrough srcip=6.6.6.6 ", action="blocked")
    )
    assert (row["user"], row["action"], row["source_ip"]) == (None, "block", "10.20.30.40")


def test_cells_of_an_export() -> None:
    """A value may hold commas and blanks; a record that is said to be local does not count."""
    row = one(FORTIGATE, cells(WEB, user="ann lee", url="/a?b=c,d"))
    assert (row["user"], row["url"]) == ("ann lee", "https://files.example.com/a?b=c,d")
    assert fates(FORTIGATE, [cells(subtype="local")]) == [("traffic that is not forwarded", None)]


@pytest.mark.parametrize("head", ["", "<189>"])
@pytest.mark.parametrize("separators", [None, (",", ":")])
def test_objects(head: str, separators: tuple[str, str] | None) -> None:
    """FortiOS may write them in place of pairs, with the same names."""
    records = [{**WEB, "user": 'CORP\\ann "x" lee', "url": "/a?b=c,d e"}, TRAFFIC]
    objects = [head + json.dumps(record, separators=separators) for record in records]
    assert FORTIGATE.recognise(objects)[0] == 1
    found = read(FORTIGATE, *objects)
    assert found == read(FORTIGATE, line(WEB, user='CORP\\\\ann \\"x\\" lee', url="/a?b=c,d e"), line())
    assert found[1]["url"] == "https://files.example.com/a?b=c,d e"
    assert fates(FORTIGATE, [objects[0][:-5]]) == [(None, "not a FortiGate record")]


def test_recognition() -> None:
    assert FORTIGATE.recognise([line(), line(WEB), line(quotes=False), cells(), cells(WEB, quotes=False)])[0] == 1.0
    assert FORTIGATE.recognise(['type="traffic" of another kind', "1 2 3"])[0] == 0.0


SIZE = st.integers(0, 10**12)
USER = st.text(
    st.characters(min_codepoint=33, exclude_categories=("Cs", "Zs", "Zl", "Zp"), exclude_characters="\ue000\x85")
)
ADDRESS = st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None).map(str)
RECORD = st.fixed_dictionaries(
    {"user": USER.map("user-".__add__), "sentbyte": SIZE, "rcvdbyte": SIZE, "srcip": ADDRESS, "dstip": ADDRESS}
)


@settings(max_examples=25)
@given(st.lists(RECORD, min_size=1, max_size=20))
def test_what_was_written_is_read(records: list[dict[str, Any]]) -> None:
    names = {"user": "user", "sentbyte": "uploaded_bytes", "rcvdbyte": "downloaded_bytes"}
    names |= {"srcip": "source_ip", "dstip": "destination_ip"}
    lines = [line(**record | {"user": record["user"].replace("\\", "\\\\").replace('"', '\\"')}) for record in records]
    rows = [{key: row[name] for key, name in names.items()} for row in used(FORTIGATE, *lines)]
    assert rows == records


FORTIOS_4 = (
    "<189>date=2025-11-20 time=12:00:00 devname=edge device_id=FG300A3900000001 log_id=0021000002 type=traffic"
    ' subtype=allowed pri=notice vd=root src=10.20.30.40 src_port=51515 src_int="internal" dst=203.0.113.80'
    ' dst_port=443 dst_int="wan1" SN=4711 status=accept policyid=65 dir_disp=org tran_disp=snat'
    ' tran_sip=198.51.100.1 service=HTTPS proto=6 duration=16 sent=1500 rcvd=90000 user="AMELIA" group="N/A"'
)
FORTIOS_4_WEB = (
    "date=2025-11-20 time=11:59:58 devname=edge device_id=FG300A3900000001 log_id=0317013312 type=webfilter"
    ' subtype=ftgd_allow pri=notice vd="root" policyid=65 serial=4711 user="AMELIA" src=10.20.30.40 sport=51515'
    ' dst=203.0.113.80 dport=443 dst_port=443 service="https" hostname="files.example.com" status="passthrough"'
    ' url="/share" sent=300 rcvd=0'
)


def test_fortios_4() -> None:
    """It has other names for addresses, sizes and sessions, and tells what became of traffic by its subtype."""
    found = one(FORTIGATE, FORTIOS_4)
    assert (found["source_ip"], found["destination_ip"], found["user"]) == ("10.20.30.40", "203.0.113.80", "AMELIA")
    assert (found["uploaded_bytes"], found["downloaded_bytes"], found["timestamp"]) == (1500, 90000, RECEIVED)
    denied = FORTIOS_4.replace("allowed", "violation").replace("accept", "deny")
    assert one(FORTIGATE, denied)["action"] == "block"
    assert FORTIGATE.recognise([FORTIOS_4, FORTIOS_4_WEB])[0] == 1


def test_sessions_of_fortios_4() -> None:
    (joined,) = used(FORTIGATE, FORTIOS_4_WEB, FORTIOS_4)
    assert (joined["url"], joined["uploaded_bytes"]) == ("https://files.example.com/share", 1500)


def test_other_devices_of_the_vendor() -> None:
    mail = "date=2025-11-20 time=12:00:00 device_id=FE1 log_id=0003000213 type=event subtype=smtp pri=information"
    web = "date=2025-11-20 time=12:00:00 log_id=30000000 device_id=FV1 type=traffic subtype=http src=10.0.0.1"
    assert FORTIGATE.recognise([mail, web])[0] == 0
