"""A few lines from the logs of gateways and firewalls, as each appliance writes them."""

from __future__ import annotations

from typing import Final

SRX: Final = [
    f"Nov 20 11:00:0{n} srx1 RT_FLOW: RT_FLOW_SESSION_CLOSE: session closed TCP FIN:"
    f" 10.0.0.{n}/5000{n}->203.0.113.{n}/443"
    f" junos-https 198.51.100.1/6000{n}->203.0.113.{n}/443 nat1 None 6 out trust untrust 90{n} 7({n}00) 9({n}000) 12"
    f" UNKNOWN UNKNOWN ann{n}(staff) ge-0/0/1.0 UNKNOWN"
    for n in range(1, 6)
]
SRX_WEB: Final = [
    f'Nov 20 11:00:0{n} srx1 RT_UTM: WEBFILTER_URL_BLOCKED: WebFilter: ACTION="URL Blocked" 10.0.0.{n}(5000{n})->'
    f'203.0.113.{n}(443) CATEGORY="Games" REASON="BY_PRE_DEFINED" PROFILE="p1" URL=play{n}.example.com OBJ=/a/{n}'
    f" username ann{n} roles N/A"
    for n in range(1, 4)
]
SRX_SD: Final = [
    f'<14>1 2025-11-20T11:00:0{n}.123Z srx1 RT_FLOW - RT_FLOW_SESSION_CLOSE [junos@2636.1.1.1.2.129 reason="TCP FIN"'
    f' source-address="10.0.0.{n}" source-port="5000{n}" destination-address="203.0.113.{n}" destination-port="443"'
    f' service-name="junos-https" nat-source-address="198.51.100.1" session-id-32="90{n}" packets-from-client="7"'
    f' bytes-from-client="{n}00" packets-from-server="9" bytes-from-server="{n}000" elapsed-time="12"'
    f' application="UNKNOWN" nested-application="UNKNOWN" username="ann{n}" roles="N/A"]'
    for n in range(1, 6)
]
WELF: Final = [
    f'id=firewall time="2025-11-20 11:00:0{n}" fw=srx1 pri=6 proto=https src=10.0.0.{n} dst=203.0.113.{n} sent={n}00'
    f" rcvd={n}000 user=ann{n} op=GET dstname=files{n}.example.com arg=/a/{n} result=200 duration=3 rule=7"
    f' msg="closed"'
    for n in range(1, 6)
]
SSG: Final = [
    f'ns1: NetScreen device_id=ns1  [Root]system-notification-00257(traffic): start_time="2025-11-20 11:00:0{n}"'
    f" duration=3 policy_id=7 service=https (tcp) proto=6 src zone=Trust dst zone=Untrust action=Permit sent={n}00"
    f" rcvd={n}000 src=10.0.0.{n} dst=203.0.113.{n} src_port=5000{n} dst_port=443 src-xlated ip=198.51.100.1"
    f" port=6000{n}"
    f" session_id=90{n} reason=Close - FIN"
    for n in range(1, 6)
]
SONICWALL: Final = [
    f'id=firewall sn=0017C5000000 time="2025-11-20 11:00:0{n} UTC" fw=198.51.100.1 pri=6 c=1024 m=537 msg="Connection'
    f' Closed" n={n} usr="ann{n} (SSO)" src=10.0.0.{n}:5000{n}:X0:pc{n}.corp.example dst=203.0.113.{n}:443:X1'
    f" proto=tcp/https sent={n}00 rcvd={n}000"
    for n in range(1, 6)
]
SOPHOS_XG: Final = [
    f'device_name="SFW" timestamp="2025-11-20T11:00:0{n}+0000" device_model="XGS116" device_serial_id="X1"'
    f' log_id="0101"'
    f' log_type="Firewall" log_component="Firewall Rule" log_subtype="Allowed" log_version=1 user_name="ann{n}"'
    f' ether_type="Unknown (0x0000)" src_mac= src_ip="10.0.0.{n}" dst_ip="203.0.113.{n}" protocol="TCP"'
    f" src_port=5000{n}"
    f' dst_port=443 bytes_sent={n}00 bytes_received={n}000 con_event="Stop" con_id="90{n}"'
    for n in range(1, 6)
]
CYBEROAM: Final = [
    f'date=2025-11-20 time=11:00:0{n} timezone="IST" device_name="CR500ia" device_id=C1 log_id=050901616001'
    f' log_type="Content Filtering" log_component="HTTP" log_subtype="Denied" status="" user_name="ann{n}"'
    f' user_gp="staff"'
    f' category="Games" url="http://play{n}.example.com/a/{n}" src_ip=10.0.0.{n} dst_ip=203.0.113.{n} protocol="TCP"'
    f" src_port=5000{n} dst_port=80 sent_bytes={n}0 recv_bytes={n}00 domain=play{n}.example.com con_id=90{n}"
    for n in range(1, 6)
]
SOPHOS_SG: Final = [
    f'2025:11:20-11:00:0{n} utm httpproxy[5421]: id="0001" severity="info" sys="SecureWeb" sub="http"'
    f' name="http access"'
    f' action="pass" method="GET" srcip="10.0.0.{n}" dstip="203.0.113.{n}" user="ann{n}" ad_domain="CORP"'
    f' statuscode="200"'
    f' cached="0" size="{n}000" request="0x1" url="https://files{n}.example.com/a/{n}" category="105"'
    f' categoryname="Files"'
    for n in range(1, 6)
]
MERAKI: Final = [
    f"1763636400.12{n} MX84 urls src=10.0.0.{n}:5000{n} dst=203.0.113.{n}:443 mac=02:00:00:00:00:0{n}"
    f" agent='Browser/{n}"
    f" (x)' user='ann{n}' request: GET https://files{n}.example.com/a/{n}"
    for n in range(1, 6)
]
MCAFEE_HEAD: Final = (
    '#time_stamp "auth_user" src_ip status_code "req_line" "categories" "rep_level" "media_type" bytes_to_client'
    ' bytes_from_client "user_agent" "virus_name" "block_res" "application_name"'
)
MCAFEE: Final = [
    MCAFEE_HEAD,
    *(
        f'[20/Nov/2025:12:00:0{n} +0100] "ann{n}" 10.0.0.{n} 200 "GET https://files{n}.example.com/a/{n}'
        f' HTTP/1.1" "Files"'
        f' "Minimal Risk" "text/html" {n}000 {n}00 "Browser/{n} (x; y)" "" "0" "Files"'
        for n in range(1, 6)
    ),
]
MCAFEE_PAIRS: Final = [
    f'<30>Nov 20 11:00:0{n} gw1 mwg: status="200/0" srcip="10.0.0.{n}" user="ann{n}"'
    f' dhost="files{n}.example.com" urlp="443"'
    f' proto="HTTPS/https" mtd="GET" urlc="Files" bytes="{n}00/120/900/{n}000" ua="Browser/{n} (x)" rule="Last"'
    f' url="https://files{n}.example.com/a/{n}" destip="203.0.113.{n}"'
    for n in range(1, 6)
]
MCAFEE_CLOUD: Final = [
    f"username=Ann {n} source_ip=198.51.100.1 http_action=GET server_to_client_bytes={n}000"
    f" client_to_server_bytes={n}00"
    f" requested_host=files{n}.example.com requested_path=/a/{n} result=OBSERVED virus="
    f" request_timestamp_epoch=176363640{n}"
    f" uri_scheme=https category=Personal Storage, Files client_ip=10.0.0.{n} destination_ip=203.0.113.{n}"
    f" client_system_name=pc {n} process_name=browser.exe"
    for n in range(1, 6)
]
ISA_FIELDS: Final = (
    "#Fields: c-ip\tcs-username\tc-agent\tsc-authenticated\tdate\ttime\tr-host\tr-ip\tr-port\tcs-bytes"
    "\tsc-bytes\tcs-protocol"
    "\ts-operation\tcs-uri\ts-object-source\tsc-status\trule\taction"
)
ISA: Final = [
    "#Software: Microsoft Forefront Threat Management Gateway",
    "#Version: 2.0",
    "#Date: 2025-11-20 11:00:00",
    ISA_FIELDS,
    *(
        f"10.0.0.{n}\tCORP\\ann{n}\tBrowser/{n} (x)\tY\t2025-11-20\t11:00:0{n}\tfiles{n}.example.com"
        f"\t203.0.113.{n}\t80"
        f"\t{n}00\t{n}000\thttp\tGET\thttp://files{n}.example.com/a/{n}\tInet\t200\tWeb access\tAllowed"
        for n in range(1, 6)
    ),
]
STORMSHIELD: Final = [
    f'id=firewall time="2025-11-20 11:00:0{n}" fw="SN1" tz=+0000 startime="2025-11-20 11:00:00" pri=5 confid=01'
    f" slotlevel=2"
    f' ruleid=7 srcif="Ethernet1" ipproto=tcp proto=http user="ann{n}" src=10.0.0.{n} srcport=5000{n} srcname=pc{n}'
    f" dst=203.0.113.{n} dstport=80 dstname=files{n}.example.com ipv=4 sent={n}00 rcvd={n}000 duration=0.1"
    f" action=pass op=GET"
    f' result=200 arg="/a/{n}" logtype="plugin"'
    for n in range(1, 6)
]
BARRACUDA_FIREWALL: Final = [
    f"2025 11 20 11:00:0{n} +00:00 Info     fw1 Remove: FWD|TCP|eth1|10.0.0.{n}|5000{n}|02:00:00:00:00:0{n}|"
    f"203.0.113.{n}|443|"
    f"https|eth0|LAN-2-INTERNET|0|198.51.100.1|203.0.113.{n}|3000|1|{n}000|{n}00|9|7|ann{n}||Web|"
    f"files{n}.example.com||"
    for n in range(1, 6)
]
BARRACUDA_GATEWAY: Final = [
    f"http_scan[2432]: 176363640{n} 1 10.0.0.{n} 203.0.113.{n} text/html 10.0.0.{n}"
    f" https://files{n}.example.com/a/{n} {n}000"
    f" BYF ALLOWED CLEAN 2 1 0 1 3 (-) 1 files 0 - 0 files{n}.example.com files [ann{n}] files{n}.example.com - - 0"
    for n in range(1, 6)
]
BARRACUDA_WAF: Final = [
    f'2025-11-20 11:00:0{n}.123 +0000 waf1 TR 198.51.100.1 443 10.0.0.{n} 5000{n} ann{n} "-" GET HTTPS'
    f" shop.example.com"
    f' HTTP/1.1 200 {n}000 {n}00 0 12 203.0.113.{n} 8080 10 "-" SERVER DEFAULT PROTECTED VALID /a/{n} q={n} "-" "-"'
    f' "Browser/{n} (x)" 10.0.0.{n} 5000{n} "-"'
    for n in range(1, 6)
]
BARRACUDA_WEBLOG: Final = [
    f"NG_Firewall[]: 176363640{n} 1 10.0.0.{n} 203.0.113.{n} text/html 10.0.0.{n} files{n}.example.com/a/{n}"
    f" {n}000 BYF ALLOWED"
    f" CLEAN 2 1 0 0 0 (-) 0 files 0 - 0 files{n}.example.com files [ann{n}] files{n}.example.com - - 0"
    for n in range(1, 6)
]
I_FILTER: Final = [
    f"Nov 20 20:00:0{n} 4711 1000/01/ - 203.0.113.{n}:443 10.9.9.9 10.0.0.{n} pc%20{n} ann%2F{n}"
    f" [20/Nov/2025:20:00:0{n} +0900]"
    f' 200 {n}00 {n}000 pass 0 - - 0 0 0 0 staff 0 0 0 "GET https://files{n}.example.com/a/{n} HTTP/1.1" - Browser/{n}'
    " text/html req1"
    for n in range(1, 6)
]

LINES: Final[dict[str, list[str]]] = {
    "JUNIPER_SRX_SYSLOG": SRX,
    "JUNIPER_SRX_SD_SYSLOG": SRX_SD,
    "JUNIPER_SRX_WELF_SYSLOG": WELF,
    "JUNIPER_SSG_SYSLOG": SSG,
    "SONICWALL_SYSLOG": SONICWALL,
    "SOPHOS_XG": SOPHOS_XG,
    "SOPHOS_CYBEROAM_SYSLOG": CYBEROAM,
    "SOPHOS_SG": SOPHOS_SG,
    "MACHINE_ZONE_MERAKI": MERAKI,
    "MCAFEE_SWG": MCAFEE,
    "STORMSHIELD_SYSLOG": STORMSHIELD,
    "BARRACUDA_NEXT_GEN_FW": BARRACUDA_FIREWALL,
    "BARRACUDA_SYSLOG": BARRACUDA_GATEWAY,
    "BARRACUDA_NEXT_GEN_FW_WEBLOG": BARRACUDA_WEBLOG,
    "I_FILTER_SYSLOG": I_FILTER,
}
"""Source type, as detected → its lines."""

MORE_LINES: Final[list[tuple[str, list[str]]]] = [
    ("JUNIPER_SRX_SYSLOG", SRX_WEB),
    ("MCAFEE_SWG_SYSLOG", MCAFEE_PAIRS),
    ("MCAFEE_SWG", MCAFEE_CLOUD),
    ("BARRACUDA_SYSLOG", BARRACUDA_WAF),
]
"""Other layouts of the same source types."""
