"""Wrappers are removed without changing the payload."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.formats.wrappers import header_time, unwrap
from tests.discovery.formats.parsed import RECEIVED

SQUID = "1763640000.642    161 10.0.0.1 TCP_MISS/200 1037 GET http://example.com/ - HIER_DIRECT/203.0.113.9 text/html"
STRUCTURED = '[timeQuality tzKnown="1"][meta n="2"]'
NXLOG = '[NXLOG@14506 EventReceivedTime="2025-11-20 09:00:00" SourceModuleName="in"]'
OTHER = '[exampleSDID@32473 iut="3" eventSource="a b"]'
RECORD = '[fw@32473 src="10.0.0.1" dst="203.0.113.9" user="ann" action="allow" url="http://example.com/"]'
JUNOS = 'RT_FLOW - CLOSE [junos@2636 a="b"]'
W3C = "2025-11-20 08:52:34 1 10.0.0.1 200"
ASA = "%ASA-6-302014: Teardown TCP connection"


def unwrapped(lines: list[str], start: str = "", timezone: str = "UTC") -> list[tuple[str | None, str | None]]:
    """Return the header time (ISO) and payload of each line."""
    frame = pl.DataFrame({"line": range(len(lines)), "text": lines}, schema={"line": pl.Int64, "text": pl.String})
    found = unwrap(frame, start).with_columns(header_time(ParseContext(RECEIVED, timezone)).alias("time"))
    assert found["line"].to_list() == list(range(len(lines)))
    return [
        (None if time is None else datetime.fromtimestamp(time / 1000, UTC).isoformat()[:19], text)
        for time, text in found.select("time", "text").iter_rows()
    ]


@pytest.mark.parametrize(
    ("line", "time", "payload"),
    [
        ("2017-10-31 23:59:20\tUser.Info\t10.0.0.9\tOct 31 23:56:00 fw x=1", "2017-10-31T23:56:00", "x=1"),
        ("<134>1 2024-01-01T00:00:20Z relay app - - - Dec 31 23:59:30 fw x=1", "2023-12-31T23:59:30", "x=1"),
        ("2024 Jan  1 00:00:01 fw->10.0.0.9 Dec 31 23:59:59 fw x=1", "2023-12-31T23:59:59", "x=1"),
        ("Mon Mar 04 10:20:36 2024: <14>Mar  4 10:20:30 BAR-1 x=1", "2024-03-04T10:20:30", "x=1"),
        ("Mar 05 2024 10:20:36 relay Mar  5 10:20:30 fw x=1", "2024-03-05T10:20:30", "x=1"),
        ("2024-03-05T10:20:30Z relay Mar  5 10:20:29 fw x=1", "2024-03-05T10:20:29", "x=1"),
        ("<134>Mar  5 10:20:29 relay 2024-03-05T10:20:28Z fw x=1", "2024-03-05T10:20:28", "x=1"),
        (f"<134>Nov 20 08:52:35 proxy squid[123]: {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>Nov 20 08:52:35 proxy (squid-1): {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"Nov  5 08:52:35 proxy squid: {SQUID}", "2025-11-05T08:52:35", SQUID),
        (f"<134>Nov 20 08:52:35 {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>{SQUID}", None, SQUID),
        (f" {SQUID}", None, SQUID),
        (f" <134>Nov 20 08:52:35 proxy squid[123]: {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>1 2025-11-20T08:52:35.123Z proxy squid 12 - - {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>1 2025-11-20T08:52:35Z proxy squid - - {STRUCTURED} \ufeff{SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>1 2025-11-20T08:52:35Z proxy - - - {NXLOG} {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>1 2025-11-20T08:52:35Z proxy - - id {OTHER} \ufeff{SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>1 2025-11-20T08:52:35Z proxy - - id {OTHER}{STRUCTURED} {W3C}", "2025-11-20T08:52:35", W3C),
        (f"<134>1 2025-11-20T08:52:35Z fw - - id {RECORD} more", "2025-11-20T08:52:35", f"- - id {RECORD} more"),
        (f"<134>1 - proxy squid 12 - - {SQUID}", None, SQUID),
        (f"1 2025-11-20T08:52:35.123+02:00 proxy squid 12 - - {SQUID}", "2025-11-20T06:52:35", SQUID),
        (f"<134> 2025-11-20T08:52:35+02:00 proxy squid[0]: {SQUID}", "2025-11-20T06:52:35", SQUID),
        (f"2025-11-20T08:52:35.123456+00:00 proxy squid[0]: {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"2025-11-20T08:52:35.123456789Z stdout F {W3C}", "2025-11-20T08:52:35", W3C),
        (f"212 <134>Nov 20 08:52:35 proxy squid[123]: {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"<134>Nov 20 08:52:36 relay <134>Nov 20 08:52:35 proxy squid[123]: {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"Nov 20 08:52:36 relay Nov 20 08:52:35 proxy {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"Nov 20 08:52:36 2025-11-20T08:52:35Z proxy {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"2025-11-20 08:52:35\tLocal4.Info\t10.0.100.2\t{SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"2025-11-20 08:52:35 Local4.Info 10.0.100.2 {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"2025-11-20 08:52:35 proxy squid[123]: {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"2025-11-20 08:52:35.250 10.0.0.9 squid: {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"20-11-2025\t08:52:35\tLocal4.Info\t10.0.100.2\t{SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"11-20-2025\t08:52:35\tSyslog.Notice\tproxy\t{SQUID}", "2025-11-20T08:52:35", SQUID),
        ("2025-11-20\t08:52:35\tann.lee\t10.0.0.1\tx", None, "2025-11-20\t08:52:35\tann.lee\t10.0.0.1\tx"),
        (f"11 20 2025 08:52:36 10.0.0.9 <LOC4:INFO> Nov 20 08:52:35 proxy {SQUID}", "2025-11-20T08:52:35", SQUID),
        (f"2024 Nov 20 08:52:35 proxy squid[1]: {SQUID}", "2024-11-20T08:52:35", SQUID),
        ("2025-11-20 08:52:35 www.example.info 10.0.0.1 x", None, "2025-11-20 08:52:35 www.example.info 10.0.0.1 x"),
        (f"<13>Nov 20 08:52:36 relay1  10.0.0.9 2025-11-20T08:52:35Z proxy {W3C}", "2025-11-20T08:52:35", W3C),
        (f"<13>Nov 20 08:52:36 relay1  relay2 Nov 20 08:52:35 proxy {W3C}", "2025-11-20T08:52:35", W3C),
        ("<13>Nov 20 08:52:36 relay1 10.0.0.1 2025-11-20T08:52:35Z x", "2025-11-20T08:52:36",
         "10.0.0.1 2025-11-20T08:52:35Z x"),
        (f"<166>Nov 20 2024 08:52:35 fw01 : {ASA}", "2024-11-20T08:52:35", ASA),
        (f"Nov 20 2024 08:52:35: {ASA}", "2024-11-20T08:52:35", ASA),
        (f"<166>Nov 20 08:52:35 fe80::1 {ASA}", "2025-11-20T08:52:35", ASA),
        (f"<166>Nov 20 08:52:35 2001:db8::1 {ASA}", "2025-11-20T08:52:35", ASA),
        (f"<166>Nov 20 08:52:35 2024 fw01 {ASA}", "2024-11-20T08:52:35", ASA),
        ("2025-11-20T08:52:35.356-0400 CEF:0|V|P|1|s|n|3|", "2025-11-20T12:52:35", "CEF:0|V|P|1|s|n|3|"),
        ("<134>1 2025-11-20T08:52:35--5:00 fw CheckPoint 1 - - x=1", "2025-11-20T13:52:35", "x=1"),
        ("<14>Nov 20 08:52:35 proxy CEF: 0|V|P|1|s|n|3|", "2025-11-20T08:52:35", "CEF: 0|V|P|1|s|n|3|"),
        ("<14>1 2025-11-20T08:52:35 host LEEF:1.0|A B|C D|1|", "2025-11-20T08:52:35", "LEEF:1.0|A B|C D|1|"),
        ("<14>Nov 20 08:52:35 fw date=2025-11-20 a=b", "2025-11-20T08:52:35", "date=2025-11-20 a=b"),
        ("<14>date=2025-11-20 a=b", None, "date=2025-11-20 a=b"),
        (f"<134>1 2025-11-20T08:52:35Z srx {JUNOS}", "2025-11-20T08:52:35", JUNOS),
        (f"<134>Nov 20 08:52:35 proxy {W3C}", "2025-11-20T08:52:35", W3C),
        (W3C, None, W3C),
        ("December sales", None, "December sales"),
        ("", None, ""),
    ],
)  # fmt: skip
def test_wrappers(line: str, time: str | None, payload: str) -> None:
    """Each wrapper in the log-formats reference is removed, and its time is read."""
    assert unwrapped([line]) == [(time, payload)]


def test_start() -> None:
    """A known beginning of the payload is found after any header, even one without a host."""
    start = r"\d{9,10}\.\d{3} "
    lines = [
        f"<134>Nov 20 08:52:35 {SQUID}",
        f"<134>Nov 20 08:52:35 very odd ** header: {SQUID}",
        f"<134>Nov 20 08:52:35 pröxy squid: {SQUID}",
        SQUID,
        "<134>Nov 20 08:52:35 proxy squid[1]: another message",
    ]
    texts = [text for _, text in unwrapped(lines, start)]
    assert texts == [SQUID, SQUID, SQUID, SQUID, "another message"]


@pytest.mark.parametrize("element", [STRUCTURED, NXLOG])
def test_no_start_in_structured_data(element: str) -> None:
    """A relay's own pairs are not taken for the beginning of the payload."""
    line = f'<134>1 2025-11-20T08:52:35Z proxy app 1 - {element} action="allow" src=10.0.0.1'
    assert unwrapped([line], r'\w+=|"') == [("2025-11-20T08:52:35", 'action="allow" src=10.0.0.1')]


def test_local_header_times() -> None:
    """A header's time is the data source's local time."""
    assert unwrapped(["<134>Nov 20 08:52:35 h x"], timezone="Europe/Berlin")[0][0] == "2025-11-20T07:52:35"


def test_mixed_lines_keep_their_order() -> None:
    """Lines with and without wrappers can be mixed."""
    lines = [SQUID, f"<134>Nov 20 08:52:35 proxy squid[123]: {SQUID}"] * 3
    assert [text for _, text in unwrapped(lines)] == [SQUID] * 6


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60), max_size=5),
    st.sampled_from(["", "CEF:"]),
)
def test_any_text(lines: list[str], start: str) -> None:
    """Any text is returned with at most its beginning removed."""
    for (_, text), line in zip(unwrapped(lines, start), lines, strict=True):
        assert "#01" in line or line.endswith(text or "")
