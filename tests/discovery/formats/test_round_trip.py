"""Connections written as by an appliance are read back from the line."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

import pytest
from hypothesis import Phase, given, settings

from opencasb.discovery.recognise import format_of
from tests.discovery.formats.appliance_lines import ISA_FIELDS, MCAFEE_HEAD
from tests.discovery.formats.reading import used
from tests.discovery.formats.round_trip import RECORDS

LINES: Final = {
    "BARRACUDA_NEXT_GEN_FW": (
        "Info     fw1 Remove: FWD|TCP|eth1|{source_ip}|{number}|00:00:00:00:00:00|{destination_ip}|443|https|eth0"
        "|R|0|1.1.1.1|2.2.2.2|30|1|{downloaded_bytes}|{uploaded_bytes}|1|1|{user}|||||"
    ),
    "BARRACUDA_SYSLOG": (
        "http_scan[1]: 1763636401 1 {source_ip} {destination_ip} text/html;x=y z {source_ip}"
        " https://a.example.com/ {downloaded_bytes} BYF ALLOWED CLEAN 2 1 0 1 3 (-) 1 x 0 - 0 a.example.com x"
        " [{user}] a.example.com - - 0"
    ),
    "CONTENTKEEPER_SYSLOG": (
        "user={user}\tsrc={source_ip}\tdst={destination_ip}\tout={uploaded_bytes}\tin={downloaded_bytes}"
    ),
    "CORRATA": (
        '{{"user": "{user}", "src": "{source_ip}", "dst": "{destination_ip}", "out": "{uploaded_bytes}", "in":'
        ' "{downloaded_bytes}"}}'
    ),
    "IBOSS": "{user},{source_ip},{destination_ip},{uploaded_bytes},{downloaded_bytes}",
    "I_FILTER_SYSLOG": (
        "Nov 20 20:00:00 {number} 1000/01/ - {destination_ip} 10.9.9.9 {source_ip} - {quoted_user}"
        ' [20/Nov/2025:20:00:00 +0900] 200 0 {downloaded_bytes} pass 0 - - 0 0 0 0 g 0 0 0 "GET'
        ' https://a.example.com/ HTTP/1.1" - x text/html r'
    ),
    "JUNIPER_SRX_SYSLOG": (
        "Nov 20 11:00:00 srx1 RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN:"
        " {source_ip}/{number}->{destination_ip}/443 junos-https 198.51.100.1/1->203.0.113.1/443 n None 6 out a b"
        " {number} 1({uploaded_bytes}) 2({downloaded_bytes}) 3 UNKNOWN UNKNOWN {user}(x) ge-0/0/1.0 No"
    ),
    "JUNIPER_SRX_SD_SYSLOG": (
        "<14>1 2025-11-20T11:00:00Z srx1 RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636.1.1.1.2.129"
        ' source-address="{source_ip}" source-port="{number}" destination-address="{destination_ip}"'
        ' destination-port="443" bytes-from-client="{uploaded_bytes}" bytes-from-server="{downloaded_bytes}"'
        ' username="{user}" roles="N/A"]'
    ),
    "JUNIPER_SRX_WELF_SYSLOG": (
        'id=firewall time="2025-11-20 11:00:00" fw=srx1 pri=6 proto={number}/tcp src={source_ip}'
        ' dst={destination_ip} sent={uploaded_bytes} rcvd={downloaded_bytes} user="{user}" msg="closed"'
    ),
    "JUNIPER_SSG_SYSLOG": (
        'ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): start_time="2025-11-20 11:00:00"'
        " service=https (tcp) src zone=Trust dst zone=Untrust action=Permit sent={uploaded_bytes}"
        " rcvd={downloaded_bytes} src={source_ip} dst={destination_ip} src_port={number} dst_port=443"
        " session_id={number} user={user} reason=Close - FIN"
    ),
    "MACHINE_ZONE_MERAKI": (
        "1763636400.{number} MX84 urls src={source_ip}:{number} dst={destination_ip}:443 mac=02:00:00:00:00:01"
        " user='{user}' request: GET https://a.example.com/"
    ),
    "MCAFEE_SWG": (
        '[20/Nov/2025:12:00:00 +0100] "{user}" {source_ip} 200 "GET https://a.example.com/{number} HTTP/1.1" ""'
        ' "" "" {downloaded_bytes} {uploaded_bytes} "x ""y"" z" "" "0" ""'
    ),
    "MICROSOFT_ISA_W3C": (
        "{source_ip}\t{user}\tx y\tY\t2025-11-20\t11:00:00\ta{number}.example.com\t{destination_ip}\t80"
        "\t{uploaded_bytes}\t{downloaded_bytes}\thttp\tGET\thttp://a.example.com/\tInet\t200\tr\tAllowed"
    ),
    "SONICWALL_SYSLOG": (
        'id=firewall sn=1 time="2025-11-20 11:00:00 UTC" fw=1.1.1.1 pri=6 c=1 m=537 msg="Connection Closed"'
        ' n={number} usr="{user}" {source_ip_side} {destination_ip_side} proto=tcp/https sent={uploaded_bytes}'
        " rcvd={downloaded_bytes}"
    ),
    "SOPHOS_SG": (
        '2025:11:20-11:00:00 utm httpproxy[{number}]: id="0001" sys="SecureWeb" sub="http" action="pass"'
        ' method="GET" srcip="{source_ip}" dstip="{destination_ip}" user="{user}" ad_domain=""'
        ' size="{downloaded_bytes}" url="https://a.example.com/"'
    ),
    "SOPHOS_XG": (
        'device="SFW" date=2025-11-20 time=11:00:00 timezone="CET" log_type="Firewall" log_subtype="Allowed"'
        ' status="Allow" user_name="{user}" src_ip={source_ip} dst_ip={destination_ip} src_port={number}'
        ' dst_port=443 sent_bytes={uploaded_bytes} recv_bytes={downloaded_bytes} connevent="Stop"'
        ' connid="{number}"'
    ),
    "STORMSHIELD_SYSLOG": (
        'id=firewall time="2025-11-20 11:00:00" fw="SN1" tz=+0000 startime="2025-11-20 11:00:00" user="{user}"'
        " src={source_ip} srcport={number} dst={destination_ip} dstport=443 action=pass sent={uploaded_bytes}"
        ' rcvd={downloaded_bytes} logtype="connection"'
    ),
}
"""Source type → its line template, with the attributes it has; some types accept lines in three forms."""

HEADERS: Final = {"IBOSS": "user,src,dst,out,in", "MCAFEE_SWG": MCAFEE_HEAD, "MICROSOFT_ISA_W3C": ISA_FIELDS}
"""Source type → the header row above its lines."""


def side(key: str, address: str, port: int) -> str:
    """Write an endpoint as SonicWall does."""
    return f"{key}V6={address} {key}=:{port}:X0" if ":" in address else f"{key}={address}:{port}:X0"


@pytest.mark.parametrize(("source", "line"), LINES.items())
@settings(max_examples=10, phases=[Phase.generate])  # shrinking helps little and takes minutes
@given(records=RECORDS)
def test_what_was_written_is_read(source: str, line: str, records: list[dict[str, Any]]) -> None:
    """Every attribute in the line, for any names, addresses and sizes."""
    lines = [
        line.format(
            number=number,
            quoted_user=quote(record["user"]),
            source_ip_side=side("src", record["source_ip"], number),
            destination_ip_side=side("dst", record["destination_ip"], 443),
            **record,
        )
        for number, record in enumerate(records)
    ]
    names = [name for name in records[0] if name in line]
    found = used(format_of(source), *filter(None, [HEADERS.get(source)]), *lines)
    assert [[row[name] for name in names] for row in found] == [[record[name] for name in names] for record in records]
