"""A few lines of each vendor's log, used to test detection and damage."""

from __future__ import annotations

from typing import Final

from tests.discovery.formats import appliance_lines

LEEF: Final = [
    f"LEEF:1.0|Example|Proxy|1|allowed|devTime=Nov 20 2025 11:00:0{n}\tusrName=ann{n}\tsrc=10.0.0.{n}"
    f"\tdst=203.0.113.{n}\turl=https://files.example.com/{n}\tsrcBytes={n}00\tdstBytes={n}"
    for n in range(1, 7)
]
PALO_ALTO_LEEF: Final = [
    f"LEEF:1.0|Palo Alto Networks|PAN-OS Syslog Integration|10.1|allow|cat=TRAFFIC|Type=TRAFFIC|Subtype=end"
    f"|devTime=Nov 20 2025 11:00:0{n} GMT|src=10.0.0.{n}|dst=203.0.113.{n}|usrName=corp\\ann{n}|SourceUser="
    f"|Application=ssl|SessionID={n}|RepeatCount=1|srcPort=5000{n}|dstPort=443|action=allow|totalBytes={n}20"
    f"|dstBytes={n}00|srcBytes=20"
    for n in range(1, 7)
]
WATCHGUARD: Final = [
    f"LEEF:1.0|WatchGuard|XTM|12.9|1AFF0024|serial=80DA\tpolicy=Web\tdisp=Allow\tsrc=10.0.0.{n}\tsrcPort=5000{n}"
    f"\tdst=203.0.113.{n}\tdstPort=443\tproto=tcp\tproxy_act=HTTP-Client\top=GET\tdstname=files{n}.example.com\targ=/a/{n}"
    f"\tsent_bytes={n}0\trcvd_bytes={n}00\tsrc_user=ann{n}@corp.example\tmsg=HTTP request"
    for n in range(1, 5)
]
WATCHGUARD_NATIVE: Final = [
    f'Nov 20 11:00:0{n} Firebox (2025-11-20T11:00:0{n}) firewall: msg_id="3000-0151" Allow 1-Trusted 0-External tcp'
    f' 10.0.0.{n} 203.0.113.{n} 5000{n} 443 duration="3" sent_bytes="{n}0" rcvd_bytes="{n}00"'
    f' src_user="ann{n}" (Out-00)'
    for n in range(1, 5)
]

FORCEPOINT_LEEF: Final = [
    f"LEEF:1.0|Forcepoint|Security|8.5.0|transaction:permitted|sev=1\tcat=9\tusrName=LDAP://dc OU=Users,DC=corp/Ann {n}"
    f"\tloginID=ann{n}\tsrc=10.0.0.{n}\tsrcPort=5000{n}\tsrcBytes={n}0\tdstBytes={n}00\tdst=203.0.113.{n}\tdstPort=443"
    f"\tmethod=GET\turl=https://files{n}.example.com/a"
    for n in range(1, 5)
]
FORCEPOINT_NGFW: Final = [
    f"LEEF:1.0|Forcepoint|Firewall|7.1.5|Connection_Closed|devTimeFormat=MMM dd yyyy HH:mm:ss\tsrc=10.0.0.{n}"
    f"\tdst=203.0.113.{n}\tproto=6\tdevTime=Nov 20 2025 11:00:0{n}\taction=Allow\tsrcBytes={n}0\tdstBytes={n}00"
    for n in range(1, 5)
]
WEBSENSE_CEF: Final = [
    f"CEF:0|Websense|Security|7.7|755|Transaction permitted|1|act=permitted app=https dvc=10.9.9.9 dst=203.0.113.{n}"
    f" dhost=files{n}.example.com dpt=443 src=10.0.0.{n} spt=5000{n} suser=LDAP://dc OU\\=Users,DC\\=corp/Ann {n}"
    f" loginID=- rt=176363640000{n} in={n}00 out={n}0 requestMethod=GET request=https://files{n}.example.com/a"
    for n in range(1, 5)
]
WEBSENSE_PAIRS: Final = [
    f"vendor=Websense product=Security product_version=7.7.0 action=blocked user=LDAP://dc OU=Users,DC=corp/Ann {n}"
    f" src_host=10.0.0.{n} src_port=5 dst_host=files{n}.example.com dst_ip=203.0.113.{n} bytes_out={n}0 bytes_in={n}00"
    f" http_method=GET url=http://files{n}.example.com/a"
    for n in range(1, 5)
]
CHECKPOINT: Final = [
    f"Nov 20 11:00:0{n} mgmt Checkpoint: 20Nov2025 11:00:0{n} accept 192.0.2.1 >eth0 rule: 7; rule_uid: {{00000000}};"
    f" service_id: https; src: 10.0.0.{n}; dst: 203.0.113.{n}; proto: tcp; product: VPN-1 & FireWall-1; service: 443;"
    for n in range(1, 5)
]
CHECKPOINT_PIPES: Final = [
    f"time=176363640{n}|hostname=fw|product=Application Control|action=Accept|loguid={{0x1}}|origin=192.0.2.1"
    f"|dst=203.0.113.{n}|proto=6|resource=https://files{n}.example.com/a|service=443|src=10.0.0.{n}"
    f"|src_user_name=Ann {n} (ann{n})|"
    for n in range(1, 5)
]
CHECKPOINT_EXPORTED: Final = [
    f'CheckPoint 26203 - [action:"Drop"; ifdir:"inbound"; origin:"192.0.2.1"; time:"176363640{n}"; dst:"203.0.113.{n}";'
    f' product:"VPN-1 & FireWall-1"; proto:"6"; service:"443"; src:"10.0.0.{n}"]'
    for n in range(1, 5)
]
CHECKPOINT_TABLE: Final = [
    "num;date;time;orig;type;action;alert;i/f_name;i/f_dir;product;src;dst;proto;rule;service",
    *(
        f"{n};20Nov2025;11:00:0{n};fw;log;accept;;eth0;inbound;VPN-1 & FireWall-1;10.0.0.{n};203.0.113.{n};tcp;7;https"
        for n in range(1, 5)
    ),
]
TRACKER: Final = [
    f'"{n}" "20Nov2025" "11:00:0{n}" "eth1" "fw" "Log" "Accept" "443" "5000{n}" "10.0.0.{n}" "203.0.113.{n}" "tcp" "7"'
    f' "Web" "7-Std" "" "service_id: https" "VPN-1 & FireWall-1" "pc{n}" "Ann {n} (ann{n})"'
    for n in range(1, 5)
]
CHECKPOINT_CEF: Final = [
    f"CEF:0|Check Point|VPN-1 & FireWall-1|Check Point|Log|https|Unknown|act=Accept rt=176363640000{n} shost=pc{n}@corp"
    f" spt=5 dpt=443 suser=Ann {n} (ann{n})  ifname=eth0 dst=203.0.113.{n} proto=6 src=10.0.0.{n}"
    for n in range(1, 5)
]
CHECKPOINT_XML: Final = [
    '<?xml version="1.0"?>',
    "<logs>",
    *(
        f'<log num="{n}" date="20Nov2025" time="11:00:0{n}" orig="fw" action="accept" product="VPN-1 &amp; FireWall-1"'
        f' src="10.0.0.{n}" dst="203.0.113.{n}" proto="tcp" service="443"/>'
        for n in range(1, 5)
    ),
    "</logs>",
]

FIREPOWER: Final = [
    f"2025-11-20T11:00:0{n}Z fw  %FTD-6-430003: EventPriority: Low, FirstPacketSecond: 2025-11-20T11:00:0{n}Z,"
    f" ConnectionID: {n}, AccessControlRuleAction: Allow, SrcIP: 10.0.0.{n}, DstIP: 203.0.113.{n}, SrcPort: 5,"
    f" DstPort: 443, Protocol: tcp, ACPolicy: Main, User: ann{n}, InitiatorBytes: {n}0, ResponderBytes: {n}00,"
    f" URL: https://files{n}.example.com"
    for n in range(1, 5)
]
SFIMS: Final = [
    f"<134> Nov 20 11:00:0{n} fw SFIMS: Protocol: TCP, SrcIP: 10.0.0.{n}, OriginalClientIP: ::, DstIP: 203.0.113.{n},"
    f" SrcPort: 5, DstPort: 443, ConnectType: End, AccessControlRuleAction: Allow, InitiatorBytes: {n}0,"
    f" ResponderBytes: {n}00, URLCategory: Unknown"
    for n in range(1, 5)
]
IRONPORT: Final = [
    f"176363640{n}.123 382 10.0.0.{n} TCP_MISS/200 {n}00 GET http://files{n}.example.com/a ann{n} DIRECT/203.0.113.{n}"
    f' text/html DEFAULT_CASE_12-Web-NONE-NONE-NONE-NONE-DefaultGroup <IW_swup,2.0,-,"-",-,-> - "Agent (x)"'
    for n in range(1, 5)
]
WSA: Final = [
    "#Version: 1.0",
    "#Software: AsyncOS for Web 11.8",
    (
        "#Fields: timestamp x-elapsed-time c-ip x-resultcode-httpstatus sc-bytes cs-method cs-url cs-username"
        " x-hierarchy-origin cs-mime-type x-acltag x-result-code x-suspect-user-agent"
    ),
    *(
        f"176363640{n}.123 382 10.0.0.{n} TCP_MISS/200 {n}00 GET http://files{n}.example.com/a ann{n}"
        f" DIRECT/203.0.113.{n} text/html DEFAULT_CASE_12-Web-NONE - -"
        for n in range(1, 5)
    ),
]
SCAN_SAFE: Final = [
    (
        "#Fields: datetime\tc-ip\tcs(X-Forwarded-For)\tcs-username\tcs-method\tcs-uri-scheme\tcs-host\tcs-uri-port"
        "\tcs-uri-path\tcs-uri-query\ts-ip\tcs-bytes\tsc-bytes\tsc-status\tx-ss-category\tx-ss-last-rule-action"
        "\tx-ss-block-type\tx-ss-external-ip"
    ),
    *(
        f"2025-11-20 11:00:0{n} GMT\t10.0.0.{n}\t-\tann{n}\tGET\thttps\tfiles{n}.example.com\t443\t/a\t-"
        f"\t203.0.113.{n}\t{n}0\t{n}00\t200\tWeb\tallow\t-\t198.51.100.1"
        for n in range(1, 5)
    ),
]
CLAVISTER: Final = [
    f'id=600002 event=conn_close action=close [message=Connection closed reason="" ][rules rule=Out ][conn [conn'
    f" connsrcip=10.0.0.{n} conndestip=203.0.113.{n} connipproto=TCP connsrcport=5000{n} conndestport=443"
    f" origsent={n}0.0   termsent={n}.5 K connrecvif=lan conndestif=wan ]]"
    for n in range(1, 5)
]
MENLO: Final = [
    f"CEF:0|Menlo Security|MSIP|2|web|access|1|rt=176363640000{n} suser=ann{n}@corp.example src=10.0.0.{n}"
    f" dst=203.0.113.{n} dhost=files{n}.example.com request=https://files{n}.example.com/a"
    f" act=isolate out={n}0 in={n}00"
    for n in range(1, 5)
]
WEBSENSE_REPORT: Final = [
    "Investigative report",
    "User,Date,Time,URL Hostname,Full URL,Action,Source IP,Destination IP,Protocol,Bytes Sent,Bytes Received,Hits",
    *(
        f'"Ann {n}",2025-11-20,11:00:0{n},files{n}.example.com,https://files{n}.example.com/a,Category permitted,'
        f"10.0.0.{n},203.0.113.{n},https,{n}0,{n}00,2"
        for n in range(1, 5)
    ),
]
FORCEPOINT_REPORT: Final = [
    '"Date & Time","User","Connection IP","Action","Domain","URL - Full","Category","Data Sent","Data Received"',
    *(
        f'"2025-11-20 11:00:0{n}","ann{n}@corp.example","10.0.0.{n}","Allowed","files{n}.example.com"'
        f',"https://files{n}.example.com/a","Web","{n}0","{n}00"'
        for n in range(1, 5)
    ),
]

LINES: Final[dict[str, list[str]]] = {
    "GENERIC_LEEF": LEEF,
    "PALO_ALTO_LEEF": PALO_ALTO_LEEF,
    "WATCHGUARD_XTM_SYSLOG": WATCHGUARD,
    "FORCEPOINT_LEEF_SYSLOG": FORCEPOINT_LEEF,
    "WEBSENSE_SIEM_CEF_SYSLOG": WEBSENSE_CEF,
    "CHECKPOINT": CHECKPOINT,
    "CHECKPOINT_SMART_VIEW_TRACKER": TRACKER,
    "CHECKPOINT_CEF_SYSLOG": CHECKPOINT_CEF,
    "CHECKPOINT_XML": CHECKPOINT_XML,
    "CISCO_FIREPOWER_V6_SYSLOG": FIREPOWER,
    "CISCO_ASA_FIREPOWER_SYSLOG": SFIMS,
    "CISCO_IRONPORT_PROXY": IRONPORT,
    "CISCO_IRONPORT_WSA_II": WSA,
    "CISCO_SCAN_SAFE": SCAN_SAFE,
    "CLAVISTER_SYSLOG": CLAVISTER,
    "MENLO_SECURITY_CEF": MENLO,
    "WEBSENSE_V7_5": WEBSENSE_REPORT,
    "FORCEPOINT": FORCEPOINT_REPORT,
    **appliance_lines.LINES,
}
"""Source type, as detected → its lines."""

MORE_LINES: Final[list[tuple[str, list[str]]]] = [
    ("WATCHGUARD_XTM_SYSLOG", WATCHGUARD_NATIVE),
    ("FORCEPOINT_LEEF_SYSLOG", FORCEPOINT_NGFW),
    ("WEBSENSE_SIEM_CEF_SYSLOG", WEBSENSE_PAIRS),
    ("CHECKPOINT", CHECKPOINT_PIPES),
    ("CHECKPOINT", CHECKPOINT_EXPORTED),
    ("CHECKPOINT", CHECKPOINT_TABLE),
    *appliance_lines.MORE_LINES,
]
"""Other layouts of the same source types."""

ALL: Final = [*LINES.items(), *MORE_LINES]
