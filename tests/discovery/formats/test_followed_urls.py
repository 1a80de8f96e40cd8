# ruff: noqa: E501 -- lines of logs are long
"""Every format that logs a URL or path provides it for followed hosts, even if URLs are not requested."""

from __future__ import annotations

import re
from typing import Any, Final

import polars as pl
import pytest

from opencasb.discovery.custom.document import from_values
from opencasb.discovery.custom.parser import compiled
from opencasb.discovery.formats.base import Followed, Format, ParseContext
from opencasb.discovery.parsing import LineParser
from opencasb.discovery.recognise import format_of
from tests.discovery.formats import vendor_lines
from tests.discovery.formats.parsed import RECEIVED

HOST, PATH = "www.google.com", "/maps/x?y=1"
FOLLOW = Followed(frozenset({HOST}))
EVERYTHING = Followed(frozenset(), ("",))
"""Every host ends with the empty string."""

_FORTIGATE = 'date=2025-11-20 time=11:00:0{n} devid=FG1 type=utm subtype=webfilter eventtime=176363640{n} srcip=10.0.0.{n} dstip=203.0.113.1 action=passthrough service="HTTPS" sessionid={n} hostname="{h}" url="{p}"'
_SONICWALL = 'id=firewall sn=0017 time="2025-11-20 11:00:0{n} UTC" fw=198.51.100.1 pri=6 c=1024 m=97 n={n} src=10.0.0.{n}:5000{n}:X0 dst=203.0.113.1:443:X1 proto=tcp/https op=GET sent=100 rcvd=1000 dstname={h} arg="{p}"'
_SOPHOS = 'device="SFW" date=2025-11-20 time=11:00:0{n} timezone="UTC" device_name="XG" log_type="Content Filtering" log_component="HTTP" log_subtype="Allowed" user_name="ann" url="https://{h}{p}" src_ip=10.0.0.{n} dst_ip=203.0.113.1 domain={h}'
_STORMSHIELD = 'id=firewall time="2025-11-20 11:00:0{n}" fw="SN1" tz=+0000 startime="2025-11-20 11:00:00" pri=5 slotlevel=2 proto=https src=10.0.0.{n} srcport=5000{n} dst=203.0.113.1 dstport=443 dstname={h} sent=100 rcvd=1000 action=pass logtype="web" arg="{p}" result=200'
_WELF = 'id=firewall time="2025-11-20 11:00:0{n}" fw=srx1 pri=6 proto=https src=10.0.0.{n} dst=203.0.113.1 sent=100 rcvd=1000 op=GET dstname={h} arg={p} result=200 rule=7 msg="closed"'
_MCAFEE = '<30>Nov 20 11:00:0{n} gw1 mwg: status="200/0" srcip="10.0.0.{n}" user="ann" dhost="{h}" urlp="443" proto="HTTPS/https" mtd="GET" bytes="1/1/1/1" rule="Last" url="https://{h}{p}" destip="203.0.113.1"'
_MCAFEE_CLOUD = "username=Ann source_ip=198.51.100.1 http_action=GET server_to_client_bytes=1 client_to_server_bytes=1 requested_host={h} requested_path={p} result=OBSERVED request_timestamp_epoch=176363640{n} uri_scheme=https client_ip=10.0.0.{n} destination_ip=203.0.113.1"
_WATCHGUARD = "LEEF:1.0|WatchGuard|XTM|12.9|1AFF0024|disp=Allow\tsrc=10.0.0.{n}\tsrcPort=5\tdst=203.0.113.1\tdstPort=443\tproto=tcp\tproxy_act=HTTP-Client\top=GET\tdstname={h}\targ={p}\tmsg=HTTP request"
_CEF = "CEF:0|Ex|Gw|1|100|web|3|rt=176363640{n}000 src=10.0.0.{n} dst=203.0.113.1 dhost={h} request={p} app=https act=allow"
_LEEF = (
    "LEEF:1.0|Ex|Proxy|1|allowed|devTime=Nov 20 2025 11:00:0{n}\tsrc=10.0.0.{n}\tdst=203.0.113.1\tdomain={h}\turl={p}"
)
_CHECKPOINT = "time=176363640{n}|hostname=fw|product=URL Filtering|action=Accept|src=10.0.0.{n}|dst=203.0.113.1|proto=6|service=443|resource=https://{h}{p}"
_CHECKPOINT_TEXT = "Nov 20 11:00:0{n} mgmt Checkpoint: 20Nov2025 11:00:0{n} accept 192.0.2.1 >eth0 rule: 7; src: 10.0.0.{n}; dst: 203.0.113.1; proto: tcp; product: URL Filtering; service: 443; resource: https://{h}{p};"
_CHECKPOINT_CEF = "CEF:0|Check Point|URL Filtering|Check Point|Log|https|Unknown|act=Accept rt=176363640{n}001 dst=203.0.113.1 proto=6 src=10.0.0.{n} request=https://{h}{p}"
_CHECKPOINT_XML = '<log date="20Nov2025" time="11:00:0{n}" orig="fw" action="accept" product="URL Filtering" src="10.0.0.{n}" dst="203.0.113.1" proto="tcp" service="443" resource="https://{h}{p}"/>'
_SRX = '<14>1 2025-11-20T11:00:0{n}.123Z srx1 RT_UTM - WEBFILTER_URL_PERMITTED [junos@2636.1.1.1.2.129 source-address="10.0.0.{n}" source-port="5" destination-address="203.0.113.1" destination-port="443" url="{h}" obj="{p}" username="ann" roles="N/A"]'
_SOPHOS_SG = '2025:11:20-11:00:0{n} utm httpproxy[5421]: id="0001" severity="info" sys="SecureWeb" sub="http" name="http access" action="pass" method="GET" srcip="10.0.0.{n}" dstip="203.0.113.1" user="ann" statuscode="200" size="1" url="https://{h}{p}"'
_MERAKI = (
    "176363640{n}.1 MX84 urls src=10.0.0.{n}:5 dst=203.0.113.1:443 mac=02:00:00:00:00:01 request: GET https://{h}{p}"
)
_FIREPOWER = "2025-11-20T11:00:0{n}Z fw  %FTD-6-430003: AccessControlRuleAction: Allow, SrcIP: 10.0.0.{n}, DstIP: 203.0.113.1, SrcPort: 5, DstPort: 443, Protocol: tcp, URL: https://{h}{p}"
_ASA = "<166>Nov 20 11:00:0{n} fw1 : %ASA-5-304001: 10.0.0.{n} Accessed URL 203.0.113.1:https://{h}{p}"
_CLAVISTER = 'id=200128 event=request_url action=allow [message=HTTPALG: Requesting url="{h}{p}" domain=d ][conn [conn connsrcip=10.0.0.{n} conndestip=203.0.113.1 connipproto=TCP connsrcport=5 conndestport=443 ]]'
_JSON = '{{"timestamp":"2025-11-20T11:00:0{n}Z","src":"10.0.0.{n}","host":"{h}","url":"{p}","action":"allow"}}'
_JSON_PARTS = '{{"timestamp":"2025-11-20T11:00:0{n}Z","src":"10.0.0.{n}","host":"{h}","path":"{p}","action":"allow"}}'
_PAIRS = 'timestamp=2025-11-20T11:00:0{n}Z src=10.0.0.{n} dst={h} uri="{p}" action=allow'
_PALO_ALTO_LEEF = "LEEF:1.0|Palo Alto Networks|PAN-OS Syslog Integration|10.1|alert|cat=THREAT|Type=THREAT|Subtype=url|devTime=Nov 20 2025 11:00:0{n} GMT|src=10.0.0.{n}|dst=203.0.113.1|Application=ssl|SessionID={n}|dstPort=443|action=alert|Miscellaneous={h}{p}"
_ZSCALER = "2025-11-20 11:00:0{n}\treason=Allowed\tprotocol=HTTPS\taction=Allowed\tresponsesize=65\trequestsize=598\tserverip=203.0.113.1\trequestmethod=GET\tproduct=NSS\tClientIP=10.0.0.{n}\tstatus=200\turl={h}{p}\tvendor=Zscaler\thostname={h}"
_WEBSENSE = "vendor=Websense product=Security product_version=7.7.0 action=permitted src_host=10.0.0.{n} src_port=5 dst_host={h} dst_ip=203.0.113.1 bytes_out=1 bytes_in=1 http_method=GET url=https://{h}{p}"
_BLUECOAT = '<134>Nov 20 11:00:0{n} px1 bluecoat: c-ip=10.0.0.{n} cs-host="{h}" cs-method=GET s-action=TCP_HIT cs-uri-scheme=https cs-uri-path={p} cs-uri-query=- sc-bytes=1 cs-bytes=1'

LOGGED: Final[dict[str, tuple[str, str]]] = {
    "FORTIGATE": ("FORTIGATE", _FORTIGATE),
    "SonicWall": ("SONICWALL_SYSLOG", _SONICWALL),
    "SonicWall in CEF": ("SONICWALL_SYSLOG", _CEF.replace("Ex|Gw|1|100", "SonicWall|NSA|7|97")),
    "Sophos XG": ("SOPHOS_XG", _SOPHOS),
    "Stormshield": ("STORMSHIELD_SYSLOG", _STORMSHIELD),
    "WELF": ("JUNIPER_SRX_WELF_SYSLOG", _WELF),
    "McAfee": ("MCAFEE_SWG_SYSLOG", _MCAFEE),
    "McAfee cloud": ("MCAFEE_SWG", _MCAFEE_CLOUD),
    "WatchGuard": ("WATCHGUARD_XTM_SYSLOG", _WATCHGUARD),
    "CEF": ("GENERIC_CEF", _CEF),
    "CEF, whole": ("GENERIC_CEF", _CEF.replace("request=", "request=https://{h}")),
    "Menlo": ("MENLO_SECURITY_CEF", _CEF.replace("Ex|Gw", "Menlo Security|MSIP")),
    "LEEF": ("GENERIC_LEEF", _LEEF),
    "LEEF, whole": ("GENERIC_LEEF", _LEEF.replace("url=", "url=https://{h}")),
    "LEEF, named by dst": ("GENERIC_LEEF", _LEEF.replace("dst=203.0.113.1\tdomain=", "dst=")),
    "Palo Alto in LEEF": ("PALO_ALTO_LEEF", _PALO_ALTO_LEEF),
    "Check Point": ("CHECKPOINT", _CHECKPOINT),
    "Check Point, text": ("CHECKPOINT", _CHECKPOINT_TEXT),
    "Check Point in CEF": ("CHECKPOINT_CEF_SYSLOG", _CHECKPOINT_CEF),
    "Check Point in XML": ("CHECKPOINT_XML", _CHECKPOINT_XML),
    "Juniper SRX": ("JUNIPER_SRX_SD_SYSLOG", _SRX),
    "Sophos SG": ("SOPHOS_SG", _SOPHOS_SG),
    "Meraki": ("MACHINE_ZONE_MERAKI", _MERAKI),
    "Firepower": ("CISCO_FIREPOWER_V6_SYSLOG", _FIREPOWER),
    "ASA": ("CISCO_ASA_SYSLOG", _ASA),
    "Clavister": ("CLAVISTER_SYSLOG", _CLAVISTER),
    "Zscaler": ("ZSCALER_SYSLOG", _ZSCALER),
    "Websense": ("WEBSENSE_SIEM_CEF_SYSLOG", _WEBSENSE),
    "Blue Coat": ("BLUECOAT_SYSLOG", _BLUECOAT),
    "JSON": ("IBOSS", _JSON),
    "JSON, whole": ("IBOSS", _JSON.replace('"url":"', '"url":"https:\\/\\/{h}')),
    "JSON, in parts": ("IBOSS", _JSON_PARTS),
    "pairs": ("WANDERA_SYSLOG", _PAIRS),
}
"""Name of a log → its source type and a line template with a number, a host and a path in braces."""

CUSTOM: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "pairs": ({"kind": "pairs"}, "who=10.0.0.{n} where={h} what={p}"),
    "JSON": ({"kind": "json"}, '{{"who":"10.0.0.{n}","where":"{h}","what":"{p}"}}'),
    "CEF": ({"kind": "cef"}, "CEF:0|V|P|1|s|n|3|who=10.0.0.{n} where={h} what={p}"),
    "columns": ({"kind": "delimiter", "delimiter": ",", "columns": ["who", "where", "what"]}, "10.0.0.{n},{h},{p}"),
}
"""Kind of custom parser → its definition and a line template."""


def read(known: Format, lines: list[str], **context: Any) -> pl.DataFrame:
    """Return the transactions in line order."""
    parser = LineParser(known, ParseContext(RECEIVED, **context))
    rows = pl.concat([parser.feed(lines), parser.finish()]).sort("line")
    return rows.filter(pl.col("ignored").is_null() & pl.col("rejected").is_null())


def check(known: Format, line: str) -> None:
    """Assert that of two hosts only the followed one has a path, and that the other one costs nothing."""
    lines = [line.format(n=1, h=HOST, p=PATH), line.format(n=2, h="files.example.com", p="/a"), *[""] * 3]
    rows = read(known, lines, want_url=False, follow=FOLLOW)
    assert rows["destination_host"].to_list() == [HOST, "files.example.com"]
    first, second = rows["url"]
    assert re.fullmatch(r"https?://www\.google\.com(/.*)", first).group(1) == PATH  # type: ignore[union-attr]
    assert second is None
    assert read(known, lines, want_url=False)["url"].null_count() == 2


@pytest.mark.parametrize("name", LOGGED)
def test_the_path_of_a_followed_host_is_told(name: str) -> None:
    source, line = LOGGED[name]
    check(format_of(source), line)


@pytest.mark.parametrize("name", CUSTOM)
@pytest.mark.parametrize("host", ["destination_host", "destination_ip"])
def test_custom_parsers_tell_it_too(name: str, host: str) -> None:
    definition, line = CUSTOM[name]
    fields = {"source_ip": "who", host: "where", "url": "what"}
    check(compiled(from_values({"name": "t", "fields": fields, **definition})), line)


@pytest.mark.parametrize(("source", "lines"), vendor_lines.ALL)
def test_followed_urls_are_those_that_are_wanted(source: str, lines: list[str]) -> None:
    """For followed hosts, URLs are the same as when all are requested; nothing else changes."""
    known = format_of(source)
    wanted, followed = read(known, lines), read(known, lines, want_url=False, follow=EVERYTHING)
    assert followed.drop("url").equals(wanted.drop("url"))
    pairs = zip(wanted["url"], followed["url"], strict=True)
    assert [(ours, theirs) for ours, theirs in pairs if ours is not None and ours != theirs] == []
