"""A few lines of each vendor's log as it would be written: what every format is told by and damaged in."""

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
    "num;date;time;orig;type;action;alert;i/f_name;i/f_dir;product;src;dst;proto;rule;service;s_port",
    *(
        f"{n};20Nov2025;11:00:0{n};fw;log;accept;;eth0;inbound;VPN-1 & FireWall-1;10.0.0.{n};203.0.113.{n};tcp;7;https;5"
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

LINES: Final[dict[str, list[str]]] = {
    "GENERIC_LEEF": LEEF,
    "PALO_ALTO_LEEF": PALO_ALTO_LEEF,
    "WATCHGUARD_XTM_SYSLOG": WATCHGUARD,
    **appliance_lines.LINES,
}
"""Source type, as it is recognised → its lines."""

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
