"""Proposals for real samples, compared with values derived manually: short samples with lines of many kinds."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from opencasb.discovery.custom.preview import first_lines, parsed
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.inference.propose import propose
from tests.discovery.inference.test_propose import COMPARED, LEAST

LOGS: Final = Path(__file__).parents[4] / "shared" / "samples" / "logs"
FOUND: Final = (
    "BLUECOAT_SYSLOG/sc4s_bluecoat_kv.log",
    "CHECKPOINT_CEF_SYSLOG/sekoia_cef_a.log",
    "CISCO_FIREPOWER_V6_SYSLOG/ftd_a.log",
    "FORCEPOINT_LEEF_SYSLOG/sekoia_ngfw_leef_a.log",
    "FORTIGATE_SYSLOG/tenzir_fortios6_a.log",
    "JUNIPER_SRX_SD_SYSLOG/srx_sd_a.log",
    "JUNIPER_SSG_SYSLOG/netscreen_a.log",
    "MACHINE_ZONE_MERAKI_SYSLOG/sc4s_meraki.log",
    "MCAFEE_SWG_SYSLOG/sc4s_mwg.log",
    "MICROSOFT_ISA_W3C/ossec_isa2004_webproxy_a.log",
    "SONICWALL_SYSLOG/sonicwall_a.log",
    "SOPHOS_SG_SYSLOG/utm_a.log",
    "SOPHOS_XG_SYSLOG/sc4s_xg.log",
    "SQUID_NATIVE/squid_native_a.log",
    "WEBSENSE_SIEM_CEF_SYSLOG/sekoia_cef_a.log",
    "ZSCALER_SYSLOG/sc4s_nssweb.log",
)
"""Samples for which enough is found; some of the others are a single line."""


@pytest.mark.skipif(not LOGS.is_dir(), reason="the shared samples are not on this machine")
@pytest.mark.parametrize("name", FOUND)
def test_what_matters_is_found(name: str) -> None:
    """Users, addresses, hosts and bytes of at least 95 % of the verified transactions are right."""
    log = LOGS / name
    context = ParseContext(int(datetime(2025, 12, 31, tzinfo=UTC).timestamp() * 1000))
    lines = first_lines(log)
    found = {row["line"]: row for row in parsed(propose(lines, context).definition, lines, context)[1].to_dicts()}
    wanted = [each for each in _expected(log) if not each.get("ignored")]
    right = sum(_is_right(each, found.get(each["line"], {})) for each in wanted)
    assert right >= LEAST * len(wanted) > 0


def _expected(log: Path) -> list[dict[str, Any]]:
    text = (log.parent / "expected.jsonl").read_text(encoding="utf-8")
    return [each for each in map(json.loads, text.splitlines()) if each["file"] == log.name]


def _is_right(wanted: dict[str, Any], found: dict[str, Any]) -> bool:
    return bool(found) and all(found[name] == wanted[name] for name in COMPARED if name in wanted)
