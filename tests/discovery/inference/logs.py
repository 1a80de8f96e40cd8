"""The logs on which inference is tested, with their own parsers as the reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.discovery.inference import column_logs, pair_logs
from tests.discovery.inference.traffic import Request


@dataclass(frozen=True, slots=True)
class Log:
    """How an appliance writes its log; ``source`` is the source type whose parser is the reference."""

    source: str
    write: Callable[[Request], str]
    head: str = ""

    def lines(self, requests: list[Request]) -> list[str]:
        """Return the lines of a log."""
        return [*(self.head.split("\n") if self.head else []), *map(self.write, requests)]


LOGS: Final[dict[str, Log]] = {
    "squid": Log("SQUID_NATIVE", column_logs.squid),
    "squid-common": Log("SQUID", column_logs.squid_common),
    "bluecoat": Log("BLUECOAT", column_logs.bluecoat, column_logs.BLUECOAT_HEAD),
    "w3c": Log(
        "GENERIC_W3C",
        column_logs.w3c,
        "#Fields: date time c-ip cs-username cs-method cs-uri r-ip sc-status cs-bytes sc-bytes action",
    ),
    "isa": Log("MICROSOFT_ISA_W3C", column_logs.isa, column_logs.ISA_HEAD),
    "scan-safe": Log("CISCO_SCAN_SAFE", column_logs.scan_safe, column_logs.SCAN_SAFE_HEAD),
    "cef": Log("GENERIC_CEF", column_logs.cef),
    "websense-cef": Log("WEBSENSE_SIEM_CEF_SYSLOG", column_logs.websense_cef),
    "menlo": Log("MENLO_SECURITY_CEF", column_logs.menlo),
    "checkpoint-cef": Log("CHECKPOINT_CEF_SYSLOG", column_logs.checkpoint_cef),
    "leef": Log("GENERIC_LEEF", column_logs.leef),
    "watchguard": Log("WATCHGUARD_XTM_SYSLOG", column_logs.watchguard),
    "palo-alto-leef": Log("PALO_ALTO_LEEF", column_logs.palo_alto_leef),
    "palo-alto": Log("PALO_ALTO", column_logs.palo_alto),
    "fortigate": Log("FORTIGATE", column_logs.fortigate),
    "checkpoint-pipes": Log("CHECKPOINT", pair_logs.checkpoint_pipes),
    "checkpoint-exported": Log("CHECKPOINT", pair_logs.checkpoint_exported),
    "checkpoint-table": Log(
        "CHECKPOINT",
        pair_logs.checkpoint_table,
        "num;date;time;orig;type;action;alert;i/f_name;i/f_dir;product;src;dst;proto;rule;service",
    ),
    "tracker": Log("CHECKPOINT_SMART_VIEW_TRACKER", pair_logs.tracker),
    "firepower": Log("CISCO_FIREPOWER_V6_SYSLOG", pair_logs.firepower),
    "sfims": Log("CISCO_ASA_FIREPOWER_SYSLOG", pair_logs.sfims),
    "ironport": Log("CISCO_IRONPORT_PROXY", pair_logs.ironport),
    "websense-report": Log("WEBSENSE_V7_5", pair_logs.websense_report, pair_logs.WEBSENSE_HEAD),
    "forcepoint-report": Log("FORCEPOINT", pair_logs.forcepoint_report, pair_logs.FORCEPOINT_HEAD),
    "srx": Log("JUNIPER_SRX_SYSLOG", pair_logs.srx),
    "srx-sd": Log("JUNIPER_SRX_SD_SYSLOG", pair_logs.srx_sd),
    "welf": Log("JUNIPER_SRX_WELF_SYSLOG", pair_logs.welf),
    "ssg": Log("JUNIPER_SSG_SYSLOG", pair_logs.ssg),
    "sonicwall": Log("SONICWALL_SYSLOG", pair_logs.sonicwall),
    "sophos-xg": Log("SOPHOS_XG", pair_logs.sophos_xg),
    "cyberoam": Log("SOPHOS_CYBEROAM_SYSLOG", pair_logs.cyberoam),
    "sophos-sg": Log("SOPHOS_SG", pair_logs.sophos_sg),
    "meraki": Log("MACHINE_ZONE_MERAKI", pair_logs.meraki),
    "mcafee": Log("MCAFEE_SWG", pair_logs.mcafee, pair_logs.MCAFEE_HEAD),
    "mcafee-cloud": Log("MCAFEE_SWG", pair_logs.mcafee_cloud),
    "stormshield": Log("STORMSHIELD_SYSLOG", pair_logs.stormshield),
    "barracuda": Log("BARRACUDA_NEXT_GEN_FW", pair_logs.barracuda),
    "zscaler": Log("ZSCALER", pair_logs.zscaler),
    "asa": Log("CISCO_ASA", pair_logs.asa),
    "json": Log("IBOSS", pair_logs.json),
}
"""Log → how it is written."""
