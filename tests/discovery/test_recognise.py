"""Detection of formats."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from opencasb.discovery.recognise import (
    GROUP,
    UnknownSource,
    UnrecognisedLog,
    candidates,
    format_of,
    formats,
    recognise,
    source_names,
)
from opencasb.model.source_types import LOG_TYPES
from tests.discovery.formats.appliance_lines import SOPHOS_SG, SRX
from tests.discovery.formats.vendor_lines import WATCHGUARD_NATIVE

NATIVE = "1763640000.642    161 10.0.0.1 TCP_MISS/200 1037 GET http://example.com/ - HIER_DIRECT/203.0.113.9 text/html"
COMMON = '10.0.0.1 - joe [20/Nov/2025:13:00:00 +0100] "GET http://example.com/a?b HTTP/1.1" 200 1037'
LEEF = "LEEF:1.0|Vendor|Proxy|1|s|src=10.0.0.1\tdst=203.0.113.9"
CEF = "CEF:0|Vendor|Proxy|1|s|n|3|src=10.0.0.1 dst=203.0.113.9"
W3C = ["#Version: 1.0", "#Fields: date time c-ip cs-host", "2025-11-20 12:00:00 10.0.0.1 a.example"]
PAIRS = "SPLV5.1 c-ip=10.0.0.1 cs-host=a.example s-action=TCP_HIT"
HEADER = "<134>Nov 20 12:00:00 host "


@pytest.mark.parametrize(
    ("lines", "source"),
    [
        ([NATIVE], "SQUID_NATIVE"),
        ([NATIVE + ' "http://ref/" "Agent <x>"'], "SQUID_NATIVE"),
        ([f"{HEADER}squid[1]: {NATIVE}"], "SQUID_NATIVE_SYSLOG"),
        ([f"{HEADER}{NATIVE}"], "SQUID_NATIVE_SYSLOG"),
        ([NATIVE.replace("text/html", "text/html DEFAULT_CASE_11-Policy-<IW_srch,5.0,0>")], "CISCO_IRONPORT_PROXY"),
        ([COMMON], "SQUID"),
        ([f"{HEADER}squid[1]: {COMMON}"], "SQUID"),
        ([CEF], "GENERIC_CEF"),
        ([HEADER + CEF], "GENERIC_CEF_SYSLOG"),
        ([CEF.removeprefix("CEF:")], "GENERIC_CEF"),
        ([CEF.replace("Vendor|Proxy", "Zscaler|NSSWeblog")], "ZSCALER_CEF_SYSLOG"),
        ([CEF, *[CEF.replace("Vendor|Proxy", "Check Point|Firewall")] * 2], "CHECKPOINT_CEF_SYSLOG"),
        ([CEF, CEF, CEF.replace("Vendor|Proxy", "Check Point|Firewall")], "GENERIC_CEF"),
        ([LEEF, *[LEEF.replace("Vendor|Proxy", "WatchGuard|XTM")] * 2], "WATCHGUARD_XTM_SYSLOG"),
        ([LEEF, LEEF, LEEF.replace("Vendor|Proxy", "WatchGuard|XTM")], "GENERIC_LEEF"),
        (W3C, "GENERIC_W3C"),
        ([HEADER + line for line in W3C], "GENERIC_W3C_SYSLOG"),
        (["#Software: SGOS 6.7.5", *W3C], "BLUECOAT"),
        ([W3C[1] + " s-action sc-filter-result", W3C[2] + " TCP_HIT OBSERVED"], "BLUECOAT"),
        ([f"{HEADER}bluecoat[0]: {PAIRS}"], "BLUECOAT_SYSLOG"),
        ([HEADER + '- Log [Fields@1.3.6.1.4.1.2620 inzone="DMZ" src="10.0.0.1"]'], "CHECKPOINT"),
        ([HEADER + "%ASA-6-302014: Teardown TCP connection 1 for"], "CISCO_ASA_SYSLOG"),
        (["", " ", NATIVE, "", NATIVE, "noise"], "SQUID_NATIVE"),
        (
            ["2025-11-20 12:00:00 9 10.0.0.1 200 TCP_HIT 9 9 GET http a 80 / - - - - a - - OBSERVED x - 10.9.9.9"],
            "BLUECOAT",
        ),
    ],
)
def test_recognised(lines: list[str], source: str) -> None:
    """Each format is detected by its signature, with or without syslog headers."""
    found = recognise(lines)
    assert found.source == source
    assert 0.25 <= found.confidence <= 1
    assert found.reason


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["nonsense"] * 10,
        [NATIVE, *["nonsense"] * 10],
        [COMMON.replace("http://example.com/a?b", "/a?b"), COMMON.replace("GET http://example.com/a?b", "OPTIONS *")],
        ["#Fields: date time c-ip cs-host", *["another length"] * 10],
    ],
)
def test_not_recognised(lines: list[str]) -> None:
    """A log with few matching lines is not detected, and the error says what to do."""
    with pytest.raises(UnrecognisedLog, match="name its source type"):
        recognise(lines)


@pytest.mark.parametrize(
    ("traffic", "other", "source"),
    [
        (SRX[0], "Nov 20 11:00:01 srx1 mgd[9]: UI_LOGOUT_EVENT: User 'ann' logout", "JUNIPER_SRX_SYSLOG"),
        (SOPHOS_SG[0], "2025:11:20-11:00:01 utm1 dhcpd: DHCPACK on 10.0.0.1 to 00:00:5e:00:53:01", "SOPHOS_SG"),
        (
            WATCHGUARD_NATIVE[0],
            "Nov 20 11:00:01 Firebox 00:01) sessiond[9]: receive wgapi message: cmd=5",
            "WATCHGUARD_XTM_SYSLOG",
        ),
    ],
)
def test_an_appliance_that_logs_more_about_itself(traffic: str, other: str, source: str) -> None:
    """A few traffic lines suffice if a vendor's parser knows the others, too."""
    assert recognise([*[other] * 19, traffic]).source == source
    with pytest.raises(UnrecognisedLog):
        recognise([*["nonsense"] * 19, traffic])
    with pytest.raises(UnrecognisedLog):
        recognise([*["nonsense"] * 19, other])


def test_most_hits_win() -> None:
    """The format with the most matching lines is first, followed by the others."""
    found = candidates([NATIVE, NATIVE, COMMON])
    assert [hit.source for hit in found] == ["SQUID_NATIVE", "SQUID"]
    assert found[0].confidence == pytest.approx(2 / 3)
    assert found[0].reason == "2 of 3 lines are in Squid's native layout"


def test_only_the_beginning_counts() -> None:
    """The first two hundred non-empty lines decide."""
    assert recognise(["", *[NATIVE] * 200, *[COMMON] * 5000]).confidence == 1


def test_long_lines_are_cheap() -> None:
    """Hostile lines of a megabyte are handled quickly."""
    with pytest.raises(UnrecognisedLog):
        recognise(["a " * 500_000, "[" * 1_000_000, '"' * 1_000_000, "c-ip=" * 200_000, "1" * 1_000_000] * 3)


def test_sources() -> None:
    """Every parsed source type is one of the upload API, and has one format."""
    names = source_names()
    assert set(names) <= set(LOG_TYPES)
    assert sum(len(known.sources) for known in formats()) == len(names)
    assert all(name in format_of(name.lower()).sources for name in names)


@pytest.mark.parametrize(("name", "what"), [("SQUIDD", "is not a source type"), ("OTHER", "is not parsed")])
def test_unknown_source(name: str, what: str) -> None:
    """An unknown name is distinguished from a known one without a parser; both errors list the allowed ones."""
    with pytest.raises(UnknownSource, match=rf"source: '{name}' {what}.*allowed: .*SQUID_NATIVE"):
        format_of(name)


def test_each_source_type_has_an_entry_point_of_its_name() -> None:
    """It refers to the file whose formats read it."""
    entries = entry_points(group=GROUP)
    assert {entry.name for entry in entries} == set(source_names())
    for entry in entries:
        assert any(entry.name in known.sources for known in entry.load()), entry.name


def test_a_named_source_type_loads_its_own_file_only() -> None:
    """Loading every vendor's takes longer than parsing a small log."""
    program = (
        "import sys; from opencasb.discovery.recognise import format_of; format_of('squid_native');"
        "print(*sorted(name for name in sys.modules if name.endswith(('.squid', '.w3c', '.zscaler', '.palo_alto'))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["opencasb.discovery.formats.squid"]
