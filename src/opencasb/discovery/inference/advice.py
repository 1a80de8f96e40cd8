"""What to add to the configuration of a known appliance so that its log contains what a sample lacks.

This is advice only and finds no fields. An appliance is recognised by characteristic words in the lines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

LEAST_SHARE: Final = 0.2
"""Share of lines that must contain an appliance's words."""

_SIZES: Final = frozenset({"uploaded_bytes", "downloaded_bytes", "total_bytes"})


@dataclass(frozen=True, slots=True)
class Advice:
    """An appliance, the words it is known by, the values its log may lack, why, and the line for its configuration."""

    appliance: str
    words: str
    lacking: AbstractSet[str]
    why: str
    line: str


_SQUID: Final = r"\b(?:TCP|UDP|NONE)(?:_[A-Z]+)*/\d{3} \d+ [A-Z]+ "
_ASA: Final = r"%(?:ASA|PIX|FWSM)-"
_FORTI: Final = r"\bdevid=|\blogid=\"?\d{10}"
_PAN: Final = r",(?:TRAFFIC|THREAT),|Palo Alto Networks"

_ALL: Final = (
    Advice(
        "Squid",
        _SQUID,
        {"uploaded_bytes"},
        "the native log has no size of requests; %>st adds it at the end",
        "logformat opencasb %ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %un %Sh/%<a %mt %>st",
    ),
    Advice(
        "Squid",
        _SQUID,
        {"user"},
        "users are known only where the proxy asks who they are",
        "http_access deny !authenticated   # after: acl authenticated proxy_auth REQUIRED",
    ),
    Advice(
        "Cisco ASA, FWSM",
        _ASA,
        _SIZES,
        "ends of connections, which carry the bytes, are messages of level 6",
        "logging trap informational",
    ),
    Advice("Cisco ASA, FWSM", _ASA, {"timestamp"}, "messages carry no time of their own", "logging timestamp"),
    Advice(
        "Blue Coat ProxySG",
        r"#Software: SGOS",
        {"user", "destination_host", *_SIZES},
        "the format of the access log leaves fields out",
        'edit main; type elff "date time c-ip cs-username sc-filter-result s-action cs-method cs-uri-scheme cs-host'
        ' cs-uri-port cs-uri-path cs-uri-query s-ip sc-bytes cs-bytes"',
    ),
    Advice(
        "any with a W3C log",
        r"^#Fields:(?!.*x-)",
        {"user", "destination_host", *_SIZES},
        "fields are left out of the log's definition",
        "#Fields: date time c-ip cs-username cs-method cs-host cs-uri sc-bytes cs-bytes sc-status",
    ),
    Advice(
        "FortiGate",
        _FORTI,
        {"destination_host"},
        "hosts are in the web filter's log, not in that of sessions",
        "config webfilter profile; edit <profile>; set log-all-url enable",
    ),
    Advice(
        "FortiGate",
        _FORTI,
        _SIZES,
        "only what security profiles see is logged",
        "config firewall policy; edit <policy>; set logtraffic all",
    ),
    Advice(
        "Palo Alto Networks",
        _PAN,
        _SIZES,
        "bytes are logged when a session ends",
        "set rulebase security rules <rule> log-end yes",
    ),
    Advice(
        "Palo Alto Networks",
        _PAN,
        {"destination_host"},
        "hosts are in the URL log: forward the log type url beside traffic, and let categories alert",
        "set profiles url-filtering <profile> alert [ <categories> ]",
    ),
    Advice(
        "Juniper SRX",
        r"RT_FLOW",
        _SIZES,
        "bytes are logged when a session closes",
        "set security policies from-zone <zone> to-zone <zone> policy <policy> then log session-close",
    ),
    Advice(
        "Check Point",
        r"VPN-1 & FireWall-1|Check ?Point",
        {"destination_host", "user"},
        "hosts and users come from the blades Application Control, URL Filtering and Identity Awareness",
        "cp_log_export add name opencasb target-server <address> target-port 514 protocol tcp format cef"
        " read-mode semi-unified",
    ),
    Advice(
        "Zscaler NSS",
        r"product=NSS|\|Zscaler\|",
        {"user", "destination_host", *_SIZES},
        "the feed's output format leaves fields out",
        r"\tuser=%s{login}\thostname=%s{ehost}\trequestsize=%d{reqsize}\tresponsesize=%d{respsize}\tClientIP=%s{cip}",
    ),
    Advice(
        "Cisco Meraki",
        r" (?:urls|flows|ip_flow_\w+) ",
        {"destination_host"},
        "hosts are in the messages of the role URLs",
        "Network-wide > General > Reporting > Syslog servers: add the role URLs",
    ),
)


def advice(lines: Sequence[str], missing: set[str]) -> list[Advice]:
    """Return what to add for the values that are ``missing`` from ``lines``."""
    found = []
    for known in _ALL:
        if not known.lacking & missing or (known.lacking == _SIZES and not missing >= _SIZES):
            continue
        hits = sum(1 for line in lines if re.search(known.words, line))
        least = 1 if known.words.startswith(("#", "^#")) else LEAST_SHARE * len(lines)
        if hits >= max(least, 1):
            found.append(known)
    return found
