"""A few lines of each vendor's log as it would be written: what every format is told by and damaged in."""

from __future__ import annotations

from typing import Final

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

LINES: Final[dict[str, list[str]]] = {
    "GENERIC_LEEF": LEEF,
    "PALO_ALTO_LEEF": PALO_ALTO_LEEF,
    "WATCHGUARD_XTM_SYSLOG": WATCHGUARD,
}
"""Source type, as it is recognised → its lines."""

MORE_LINES: Final[list[tuple[str, list[str]]]] = [
    ("WATCHGUARD_XTM_SYSLOG", WATCHGUARD_NATIVE),
]
"""Other layouts of the same source types."""
