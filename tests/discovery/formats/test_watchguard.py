"""WatchGuard Firebox in LEEF and in its native format."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.recognise import recognise
from tests.discovery.formats.parsed import RECEIVED, row, rows

REQUEST = (
    "LEEF:1.0|WatchGuard|XTM|12.9|1AFF0024|serial=80DA\tpolicy=Web\tdisp=Allow\tsrc=10.0.0.1\tsrcPort=50001\tdst=203.0.113.9"
    "\tdstPort=443\tproto=tcp\tproxy_act=HTTP\top=GET\tdstname=files.example.com\targ=/a?b\tsent_bytes=10\trcvd_bytes=200"
    "\tsrc_user=ann@corp.example\tmsg=HTTP request\tdevTime=2025-11-20T13:00:00+0100"
)
END = (
    REQUEST.replace("1AFF0024", "30000151")
    .replace("dstname=files.example.com\targ=/a?b\t", "")
    .replace("HTTP request", "")
)
START = END.replace("30000151", "30000148").replace("sent_bytes=10\trcvd_bytes=200\t", "")
FOUND = {
    "timestamp": RECEIVED, "user": "ann@corp.example", "source_ip": "10.0.0.1", "destination_host": "files.example.com",
    "url": "https://files.example.com/a?b", "destination_ip": "203.0.113.9", "action": "allow",
    "uploaded_bytes": 10, "downloaded_bytes": 200, "total_bytes": 210, "transactions": 1,
}  # fmt: skip
PACKET = (
    '(2025-11-20T12:00:00) firewall: msg_id="3000-0151" Allow 1-Trusted 0-External 60 tcp 20 63 10.0.0.1 203.0.113.9'
    ' 50001 443 duration="3" sent_bytes="10" rcvd_bytes="200" src_user="ann@corp.example" (Out-00)'
)
PROXY = (
    '(2025-11-20T12:00:00) https-proxy[1932]: msg_id="1AFF-0024" Allow 1-Trusted 0-External tcp 10.0.0.1 203.0.113.9'
    ' 50001 443 msg="HTTP request" proxy_act="HTTP-Client" op="GET" dstname="files.example.com" arg="/a?b"'
    ' sent_bytes="10" rcvd_bytes="200" src_user="ann@corp.example" (Web-00)'
)


@pytest.mark.parametrize(
    "line",
    [REQUEST, REQUEST.removeprefix("LEEF:"), f"<140>Nov 20 10:00:00 Member1 {REQUEST}", PROXY,
     f"<140>Nov 20 10:00:00 Member1 80DA {PROXY}",
     f"<140>1 2025-11-20T10:00:00Z Member1 http-proxy 1 - - {PROXY}"],
)  # fmt: skip
def test_a_request(line: str) -> None:
    """Both formats give the same, with or without wrappers."""
    assert row("WATCHGUARD_XTM_SYSLOG", line) == FOUND


def test_a_request_that_the_firewall_tells() -> None:
    """Some releases number proxy requests like the firewall's own messages."""
    assert row("WATCHGUARD_XTM_SYSLOG", PROXY.replace("1AFF-0024", "3000-0176")) == FOUND


@pytest.mark.parametrize(("verdict", "action"), [("Allow", "allow"), ("Deny", "block")])
def test_names_before_the_verdict(verdict: str, action: str) -> None:
    """A policy that knows an endpoint by its name tells it there."""
    plain = PACKET.replace(" Allow ", f" {verdict} ")
    named = plain.replace('0151"', '0151" fqdn_src_match="pc1.corp.example" fqdn_dst_match="*.files.example.com"')
    found = row("WATCHGUARD_XTM_SYSLOG", named)
    assert found == row("WATCHGUARD_XTM_SYSLOG", plain)
    assert (found["action"], found["total_bytes"], "ignored" in found) == (action, 210, False)
    assert row("WATCHGUARD_XTM_SYSLOG", named.replace(" tcp ", " igmp "))["source_ip"] == "10.0.0.1"


TLS = (
    '(2025-11-20T12:00:00) firewall[10]: msg_id="2CFF-0000" Allow 1-Trusted 0-External tcp 10.0.0.1 203.0.113.9'
    ' 50001 443 msg="HTTPS Request" proxy_act="HTTPS-Client.Standard.3" sni="files.example.com" cn="*.example.com"'
    ' action="allow" sent_bytes="10" rcvd_bytes="200" src_user="ann@corp.example" (HTTPS-proxy-00)'
)


def test_a_request_over_tls() -> None:
    """Its host is the server name requested by the client; records of matched rules are not requests."""
    assert row("WATCHGUARD_XTM_SYSLOG", TLS) == {key: FOUND[key] for key in FOUND if key != "url"}
    matched = TLS.replace("2CFF-0000", "2CFF-0003").replace("HTTPS Request", "ProxyAllow: HTTPS domain name match")
    assert row("WATCHGUARD_XTM_SYSLOG", matched)["ignored"] == "not a connection or request record"
    denied = matched.replace(" Allow ", " Deny ").replace("ProxyAllow", "ProxyDeny")
    found = row("WATCHGUARD_XTM_SYSLOG", denied)
    assert (found["action"], found["destination_host"]) == ("block", "files.example.com")


def test_a_request_denied_by_reputation() -> None:
    """Its host and path have other names."""
    line = PROXY.replace("1AFF-0024", "1AFF-002C").replace("HTTP request", "ProxyDeny: HTTP bad reputation")
    line = line.replace("Allow", "Deny").replace("dstname=", "host=").replace("arg=", "path=")
    assert row("WATCHGUARD_XTM_SYSLOG", line) == FOUND | {"action": "block"}


@pytest.mark.parametrize("line", [END, PACKET, f"<140>Nov 20 10:00:00 Member1 {PACKET}"])
def test_an_end(line: str) -> None:
    """A connection end has bytes and no host."""
    wanted = {name: value for name, value in FOUND.items() if name not in ("destination_host", "url")}
    assert row("WATCHGUARD_XTM_SYSLOG", line) == wanted


def test_the_time_in_parentheses_is_utc() -> None:
    """The clock in the header is local, and so is that of the traffic monitor."""
    line = f"<142>Nov 20 13:00:00 Firebox 80DA0000 {PROXY}"
    assert row("WATCHGUARD_XTM_SYSLOG", line, timezone="Europe/Berlin") == FOUND
    assert row("WATCHGUARD_XTM_SYSLOG", f"Firebox {PROXY}", timezone="Europe/Berlin") == FOUND


def test_a_start_counts_only_without_ends() -> None:
    assert "ignored" not in row("WATCHGUARD_XTM_SYSLOG", START)
    start, end = rows("WATCHGUARD_XTM_SYSLOG", [START, END])
    assert (start["ignored"], end.get("ignored")) == ("connection start", None)
    start, end = rows("WATCHGUARD_XTM_SYSLOG", [PACKET.replace("0151", "0148"), PACKET])
    assert (start["ignored"], end.get("ignored")) == ("connection start", None)


@pytest.mark.parametrize(
    "line",
    [
        START.replace("disp=Allow", "disp=Deny"),
        REQUEST.replace("disp=Allow", "disp=Deny"),
        REQUEST.replace("disp=Allow", "disp=ProxyDeny"),
        REQUEST.replace("HTTP request", "ProxyDeny: HTTP Request categories").replace("1AFF0024", "1AFF0021"),
        PACKET.replace("Allow", "Deny").replace("0151", "0173"),
        PROXY.replace("HTTP request", "ProxyBlock: HTTP Request categories").replace("0024", "0021"),
        PROXY.replace("Allow", "ProxyDeny:"),
    ],
)
def test_blocked(line: str) -> None:
    """Denied packets and requests are blocks, even while starts are held back, and are not held back themselves."""
    assert row("WATCHGUARD_XTM_SYSLOG", line)["action"] == "block"


@pytest.mark.parametrize(
    ("line", "fate"),
    [
        (
            REQUEST.replace("1AFF0024", "1AFF0018").replace("HTTP request", "ProxyAvScan: type"),
            ("ignored", "not a connection or request record"),
        ),
        (
            "LEEF:1.0|WatchGuard|XTM|12.9|16000065|msg=DHCPACK on 10.0.0.2",
            ("ignored", "not a connection or request record"),
        ),
        (
            '(2025-11-20T12:00:00) dhcpd: msg_id="1600-0065" DHCPACK on 10.0.0.2',
            ("ignored", "not a connection or request record"),
        ),
        ('(2025-11-20T12:00:00) firewall: msg_id="3000-0151" damaged', ("rejected", "no two addresses")),
        (REQUEST.replace("WatchGuard", "Example"), ("rejected", "not a LEEF line of this vendor")),
        ("nothing", ("rejected", "not a LEEF line of this vendor")),
    ],
)
def test_what_is_no_transaction(line: str, fate: tuple[str, str]) -> None:
    """Scans, DHCP and the like are ignored; unparsable lines are rejected with the reason."""
    assert row("WATCHGUARD_XTM_SYSLOG", line)[fate[0]] == fate[1]


@pytest.mark.parametrize(
    ("protocol", "ends"),
    [("36 igmp 24 1", ("10.0.0.1", "224.0.0.1")), ("66 gre 20 117", ("203.0.113.5", "198.51.100.1"))],
)
def test_protocols_without_ports(protocol: str, ends: tuple[str, str]) -> None:
    """Denied packets are parsed even without ports after the addresses."""
    packet = f"Deny Trusted Firebox {protocol} {' '.join(ends)}  (Unhandled-00)"
    line = f'(2025-11-20T12:00:00) firewall: msg_id="3000-0148" {packet}'
    found = row("WATCHGUARD_XTM_SYSLOG", line)
    assert (found["source_ip"], found["destination_ip"], found["action"]) == (*ends, "block")
    assert found["timestamp"] == RECEIVED


@pytest.mark.parametrize("member", ["", "Member2 "])
def test_the_traffic_monitor(member: str) -> None:
    """Its lines have the verdict and the endpoints before the pairs."""
    line = (
        f"2025-11-20 12:00:00 {member}Allow 10.0.0.1 203.0.113.9 https/tcp 50001 443 1-Trusted 0-External HTTP request"
        ' (Web-00) HTTP-Client proc_id="https-proxy" rc="525" msg_id="1AFF-0024" op="GET" dstname="files.example.com"'
        ' arg="/a?b" sent_bytes="10" rcvd_bytes="200" src_user="ann@corp.example" \tTraffic'
    )
    assert row("WATCHGUARD_XTM_SYSLOG", line) == FOUND
    denied = line.replace("Allow", "Deny").replace("1AFF-0024", "3000-0148")
    assert row("WATCHGUARD_XTM_SYSLOG", denied)["action"] == "block"
    refused = line.replace("Allow", "Deny").replace("HTTP request (", "ProxyDeny: HTTP Request categories (")
    assert row("WATCHGUARD_XTM_SYSLOG", refused.replace("1AFF-0024", "1AFF-0021")) == {**FOUND, "action": "block"}
    virus = refused.replace("HTTP Request categories", "HTTP Virus found").replace("1AFF-0024", "1AFF-0028")
    assert row("WATCHGUARD_XTM_SYSLOG", virus)["ignored"] == "not a connection or request record"
    found = recognise([line, denied])
    assert found is not None
    assert found.source == "WATCHGUARD_XTM_SYSLOG"


@pytest.mark.parametrize("program", ["sessiond[2539]: receive wgapi message: cmd=5 xpath=NULL", "loggerd: started"])
def test_what_programs_say_for_diagnosis(program: str) -> None:
    """Messages without a number belong to the format, so a log with many of them is still parsed."""
    line = f"<142>Nov 20 12:00:00 Firebox 80DA0000 (2025-11-20T12:00:00) {program}"
    assert row("WATCHGUARD_XTM_SYSLOG", line) == {"ignored": "not a connection or request record"}
    assert [each.get("ignored") for each in rows("WATCHGUARD_XTM_SYSLOG", [line, PACKET])] == [
        "not a connection or request record",
        None,
    ]


RECORD = st.fixed_dictionaries(
    {"source": st.ip_addresses(v=4).map(str), "server": st.ip_addresses(v=4).map(str), "sent": st.integers(0, 10**12),
     "received": st.integers(0, 10**12), "user": st.from_regex(r"u[a-z .@-]{0,9}x", fullmatch=True),
     "native": st.booleans()}
)  # fmt: skip


@settings(max_examples=30)
@given(st.lists(RECORD, min_size=1, max_size=6))
def test_round_trip(records: list[dict[str, Any]]) -> None:
    """Connection ends written in either format are read back."""
    native = (
        'firewall: msg_id="3000-0151" Allow a b tcp {source} {server} 1 2 sent_bytes="{sent}" rcvd_bytes="{received}"'
        ' src_user="{user}"'
    )
    leef = (
        "LEEF:1.0|WatchGuard|XTM|1|30000151|disp=Allow\tsrc={source}\tdst={server}\tsent_bytes={sent}"
        "\trcvd_bytes={received}\tsrc_user={user}"
    )
    lines = [(native if record["native"] else leef).format(**record) for record in records]
    names = ("source_ip", "destination_ip", "uploaded_bytes", "downloaded_bytes", "user")
    wanted = [tuple(record[name] for name in ("source", "server", "sent", "received", "user")) for record in records]
    assert [tuple(found[name] for name in names) for found in rows("WATCHGUARD_XTM_SYSLOG", lines)] == wanted


def test_a_request_over_tls_without_a_server_name() -> None:
    """The host is taken from the server's certificate, if present."""
    nameless = TLS.replace('sni="files.example.com"', 'sni=""')
    assert row("WATCHGUARD_XTM_SYSLOG", nameless)["destination_host"] == "example.com"
    other = nameless.replace('cn="*.example.com"', 'cn="Example Root" cert_subject="CN=other.example.com"')
    assert "destination_host" not in row("WATCHGUARD_XTM_SYSLOG", other)


def test_a_request_without_a_message() -> None:
    """It is recognised by its number."""
    line = (
        "LEEF:1.0|WatchGuard|XTM|12.6.2|2CFF0000|serial=A policy=HTTPS-proxy-00 disp=Allow in_if=Trusted out_if=Fiber"
        " proto=tcp src=10.0.0.1 srcPort=50001 dst=203.0.113.9 dstPort=443 sent_bytes=10 rcvd_bytes=200"
    )
    found = row("WATCHGUARD_XTM_SYSLOG", line)
    assert (found["destination_ip"], found["uploaded_bytes"], found["downloaded_bytes"]) == ("203.0.113.9", 10, 200)
