"""Headers added by collectors, exports and searches are removed, and their time is used for lines without one."""

from __future__ import annotations

import pytest

from opencasb.discovery.recognise import recognise
from tests.discovery.formats.appliance_lines import BARRACUDA_WEBLOG, MERAKI, SRX
from tests.discovery.formats.parsed import rows
from tests.discovery.formats.reading import ms
from tests.discovery.formats.vendor_lines import CHECKPOINT_PIPES, TRACKER, WATCHGUARD

PREFIXES = (
    "2025-11-20 11:00:02 fw1 ",
    "2025-11-20 11:00:02,000 10.9.9.9 ",
    "2025-11-20 12:00:02+01:00 fw1 local7.info ",
    "[2025-11-20 11:00:02] ",
    "Thu Nov 20 11:00:02 2025 fw1 ",
    "fw/2025-11-20.log:Nov 20 11:00:02 fw1 ",
    "417:<134>Nov 20 11:00:02 fw1 ",
    "fw.log-20251120:417:2025-11-20T11:00:02Z fw1 ",
    "Thu 2025-11-20 11:00:02 UTC relay fw1[17]: ",
    "10.9.9.9 <134>Nov 20 11:00:02 fw1 ",
    "10.9.9.9: <134>Nov 20 11:00:02 2025 fw1 : ",
    "[2001:db8::9]\t<134>1 2025-11-20T11:00:02Z fw1 - - - - ",
    "host=fw1 sourcetype=fw:traffic source=udp:514 <134>Nov 20 11:00:02 fw1 ",
    "2025-11-20 11:00:03,10.9.9.9,<134>Nov 20 11:00:02 fw1 ",
)
SQUID = [
    f"1763640000.64{n}    161 10.0.0.{n} TCP_MISS/200 1037 GET http://example.com/{n} joe HIER_DIRECT/203.0.113.9 -"
    for n in range(5)
]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("lines", [MERAKI, BARRACUDA_WEBLOG, SRX, WATCHGUARD, CHECKPOINT_PIPES, TRACKER])
def test_any_format(lines: list[str], prefix: str) -> None:
    """A log is detected after such a header, and its lines are unchanged, with their own times."""
    source = recognise([prefix + line for line in lines]).source
    assert source.removesuffix("_SYSLOG") == recognise(lines).source.removesuffix("_SYSLOG")
    bare, headed = rows(source, lines), rows(source, [prefix + line for line in lines])
    time = ms("2025-11-20T11:00:02Z")
    assert headed == [{"timestamp": time, **row} if "action" in row else row for row in bare]


@pytest.mark.parametrize("prefix", ["fw.log:", "logs/fw.log-20251120:417:"])
@pytest.mark.parametrize("lines", [MERAKI, BARRACUDA_WEBLOG, WATCHGUARD, SQUID])
def test_places_before_lines_without_a_header(lines: list[str], prefix: str) -> None:
    """What ``grep`` writes before the lines of a file."""
    source = recognise(lines).source
    assert recognise([prefix + line for line in lines]).source.removesuffix("_SYSLOG") == source.removesuffix("_SYSLOG")
    assert rows(source, [prefix + line for line in lines]) == rows(source, lines)


def test_columns_that_look_alike() -> None:
    """A record that begins with its date and has other content before its signature keeps its beginning."""
    line = '2025-11-20 11:00:02 Deny 10.0.0.1 203.0.113.9 https/tcp 5000 443 in out Denied 44 48 (R) msg_id="3000-0148"'
    (row,) = rows("WATCHGUARD_XTM_SYSLOG", [line])
    assert (row["source_ip"], row["action"], row["timestamp"]) == ("10.0.0.1", "block", ms("2025-11-20T11:00:02Z"))
