"""Source types of the upload API and their log-type numbers (api §12.1, §12.2)."""

from __future__ import annotations

from typing import Final

OTHER: Final = "OTHER"
"""A source that is stored but not parsed (portal §2.4)."""

CUSTOM: Final = "CUSTOM_PARSER"
"""The log type of data sources that use a custom parser (api §12.1)."""

_CUSTOM_NUMBER: Final = 167

LOG_TYPES: Final = {
    "OTHER": 1,
    "BLUECOAT": 102,
    "BARRACUDA": 101,
    "BARRACUDA_NEXT_GEN_FW": 191,
    "BARRACUDA_NEXT_GEN_FW_WEBLOG": 193,
    "BARRACUDA_SYSLOG": 166,
    "BLUECOAT_SYSLOG": 139,
    "CHECKPOINT": 103,
    "CHECKPOINT_CEF_SYSLOG": 219,
    "CHECKPOINT_SMART_VIEW_TRACKER": 189,
    "CHECKPOINT_XML": 187,
    "CISCO_ASA": 104,
    "CISCO_ASA_FIREPOWER_SYSLOG": 178,
    "CISCO_ASA_SYSLOG": 141,
    "CISCO_FIREPOWER_V6_SYSLOG": 223,
    "CISCO_FWSM": 157,
    "CISCO_FWSM_SYSLOG": 158,
    "CISCO_IRONPORT_PROXY": 106,
    "CISCO_IRONPORT_PROXY_SYSLOG": 133,
    "CISCO_IRONPORT_WSA_II": 206,
    "CISCO_IRONPORT_WSA_III": 216,
    "CISCO_SCAN_SAFE": 124,
    "CLAVISTER_SYSLOG": 165,
    "CONTENTKEEPER_SYSLOG": 215,
    "CORRATA": 220,
    "FORCEPOINT": 202,
    "FORCEPOINT_LEEF_SYSLOG": 211,
    "FORTIGATE": 108,
    "FORTIGATE_SYSLOG": 136,
    "FORTIOS_SYSLOG": 205,
    "GENERIC_CEF": 179,
    "GENERIC_CEF_SYSLOG": 180,
    "GENERIC_LEEF": 181,
    "GENERIC_LEEF_SYSLOG": 182,
    "GENERIC_W3C": 183,
    "GENERIC_W3C_SYSLOG": 184,
    "I_FILTER": 185,
    "I_FILTER_SYSLOG": 186,
    "IBOSS": 200,
    "JUNIPER_SRX_SD_SYSLOG": 173,
    "JUNIPER_SRX_SYSLOG": 147,
    "JUNIPER_SRX_WELF_SYSLOG": 175,
    "JUNIPER_SSG_SYSLOG": 169,
    "MACHINE_ZONE_MERAKI": 153,
    "MACHINE_ZONE_MERAKI_SYSLOG": 154,
    "MCAFEE_SWG": 121,
    "MCAFEE_SWG_SYSLOG": 144,
    "MENLO_SECURITY_CEF": 224,
    "MICROSOFT_ISA_W3C": 159,
    "OPEN_SYSTEMS_SECURE_WEB_GATEWAY": 0,
    "PALO_ALTO": 112,
    "PALO_ALTO_LEEF": 208,
    "PALO_ALTO_LEEF_SYSLOG": 209,
    "PALO_ALTO_SYSLOG": 126,
    "SONICWALL_SYSLOG": 160,
    "SOPHOS_CYBEROAM_SYSLOG": 163,
    "SOPHOS_SG": 130,
    "SOPHOS_SG_SYSLOG": 148,
    "SOPHOS_XG": 198,
    "SOPHOS_XG_SYSLOG": 199,
    "SQUID": 114,
    "SQUID_NATIVE": 155,
    "SQUID_NATIVE_SYSLOG": 156,
    "STORMSHIELD_SYSLOG": 213,
    "WANDERA_SYSLOG": 0,
    "WATCHGUARD_XTM_SYSLOG": 226,
    "WEBSENSE_SIEM_CEF_SYSLOG": 152,
    "WEBSENSE_V7_5": 135,
    "ZSCALER": 120,
    "ZSCALER_CEF_SYSLOG": 197,
    "ZSCALER_QRADAR_SYSLOG": 171,
    "ZSCALER_SYSLOG": 143,
}
"""Source type → number in ``logType``; 0 if upstream has none."""

TWINS: Final = {
    "BARRACUDA_NEXT_GEN_FW_SYSLOG": 192,
    "BARRACUDA_NEXT_GEN_FW_WEBLOG_SYSLOG": 194,
    "CHECKPOINT_CEF": 218,
    "CHECKPOINT_SMART_VIEW_TRACKER_SYSLOG": 190,
    "CHECKPOINT_SYSLOG": 140,
    "CHECKPOINT_XML_SYSLOG": 188,
    "CISCO_ASA_FIREPOWER": 177,
    "CISCO_FIREPOWER_V6": 222,
    "CISCO_IRONPORT_WSA_II_SYSLOG": 207,
    "CISCO_IRONPORT_WSA_III_SYSLOG": 217,
    "CISCO_SCAN_SAFE_SYSLOG": 142,
    "CLAVISTER": 164,
    "CONTENTKEEPER": 214,
    "CORRATA_SYSLOG": 221,
    "FORCEPOINT_LEEF": 210,
    "FORCEPOINT_SYSLOG": 203,
    "FORTIOS": 204,
    "IBOSS_SYSLOG": 201,
    "JUNIPER_SRX": 129,
    "JUNIPER_SRX_SD": 172,
    "JUNIPER_SRX_WELF": 174,
    "JUNIPER_SSG": 168,
    "MICROSOFT_ISA_W3C_SYSLOG": 161,
    "SONICWALL": 113,
    "SOPHOS_CYBEROAM": 162,
    "SQUID_SYSLOG": 146,
    "STORMSHIELD": 212,
    "WATCHGUARD_XTM": 225,
    "WEBSENSE_SIEM_CEF": 138,
    "WEBSENSE_V7_5_SYSLOG": 151,
    "ZSCALER_CEF": 196,
    "ZSCALER_QRADAR": 170,
}
"""Log types that are only the file or syslog form of a source type, with the same lines (log-formats §2)."""

UNREAD: Final = {
    "ADALLOM_PROXY_RAW_TRAFFIC": 176,
    "CHECKPOINT_OPSEC_LEA": 125,
    "CHECKPOINT_OPSEC_LEA_SYSLOG": 145,
    "CISCO_NETFLOW": 107,
    "CISCO_SSL_WEBVPN_OR_SVC_VPN": 105,
    "COX_SYSLOG": 128,
    "GREENPLUM": 110,
    "HP_NETWORKING": 123,
    "HP_TIPPING_POINT": 122,
    "JUNIPER_NETWORKS": 109,
    "LOG_3COM": 100,
    "METADATA_ACTIVE_DIRECTORY_LOGIN": 127,
    "METADATA_CISCO_ISE": 132,
    "METADATA_HPE_LOGIN": 131,
    "MICROSFOT_ISA": 111,
    "MICROSFOT_ISA_SYSLOG": 149,
    "PAN_DELOITTE": 137,
    "SUN_MICROSYSTEMS_SUNSCREEN_FIREWALL": 115,
    "SURICATA": 116,
    "SYMANTEC_WEB_SECURITY_CLOUD": 117,
    "WATCH_GUARD": 119,
    "WDATP": 195,
    "WEBSENSE": 118,
    "WEBSENSE_SYSLOG": 150,
    "ZSCALER_NESTLE": 134,
}
"""Log types without a parser: their logs are accepted, and the verdict says that they are not parsed."""

_SYSLOG: Final = "_SYSLOG"
_BY_NUMBER: Final = {number: name for name, number in reversed((LOG_TYPES | TWINS | UNREAD).items()) if number}


def log_type(name: str) -> int:
    """Return the number of a source type or log type; 0 for an empty or unknown one, as for the global report."""
    return _CUSTOM_NUMBER if name == CUSTOM else (LOG_TYPES | TWINS | UNREAD).get(name, 0)


def named_type(text: str) -> str:
    """Return the name of a source type or log type (:data:`TWINS`, :data:`UNREAD`), given in any case or as a number.

    Raises ``ValueError`` with the allowed names.
    """
    name = text.strip().upper()
    if name in {CUSTOM, str(_CUSTOM_NUMBER)}:
        return CUSTOM
    if name.isascii() and name.isdecimal():
        name = _BY_NUMBER.get(int(name), name)
    if name not in LOG_TYPES | TWINS | UNREAD:
        raise ValueError(f"{text!r} is not a source type; allowed: {', '.join(LOG_TYPES)}")
    return name


def source_type(text: str) -> str:
    """Return the source type with the lines of the type that :func:`named_type` finds. Raises as it does."""
    return with_lines_of(named_type(text))


def with_lines_of(name: str) -> str:
    """Return the source type that a twin is a form of; any other name is returned unchanged."""
    if name not in TWINS:
        return name
    return name.removesuffix(_SYSLOG) if name.endswith(_SYSLOG) else name + _SYSLOG
