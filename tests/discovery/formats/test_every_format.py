"""Properties that hold for every installed format."""

from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.compression import LogError
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import LineParser, parse_log
from opencasb.discovery.recognise import format_of, source_names
from opencasb.model.transaction import COLUMNS, INTEGER_COLUMNS
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.formats.vendor_lines import ALL

CONTEXT = ParseContext(RECEIVED, "Europe/Berlin")

FRAGMENTS = (
    "<134>Nov 20 10:20:30 host ", "<134>1 2025-11-20T10:20:30Z host app 1 - - ", "CEF:0|V|P|1|s|name|3|",
    " src=10.0.0.1", " dst=203.0.113.9", " request=https://example.com/?a=b", "\\=", "\\", '"', " ", "\t",
    "#Fields: date time c-ip cs-host", "#Fields:", "SPLV5.1 c-ip=10.0.0.1 cs-host=example.com s-action=TCP_HIT",
    "1763640000.123    16 10.0.0.1 TCP_MISS/200 512 GET http://example.com/ - HIER_DIRECT/203.0.113.9 text/html",
    '10.0.0.1 - - [20/Nov/2025:10:20:30 +0000] "GET http://example.com/ HTTP/1.1" 200 512', "2025-11-20 10:20:30",
    "%ASA-6-302014: ", "Teardown TCP connection 1 for outside:203.0.113.9/443 to inside:10.0.0.1/50000 duration ",
    "0:00:01 bytes 99999999999999999999", "date=2025-11-20 time=10:20:30 ", 'type="traffic" subtype="forward" ',
    "logid=1 ", ",TRAFFIC,end,", "1,2025/11/20 10:20:30,007,TRAFFIC,end,1,2025/11/20 10:20:30,10.0.0.1,203.0.113.9",
    "reason=Allowed\t", "[::1]", "xn--", "\x00", "é", "\ufeff", "#011", "-", "|", "=", ",", "%", "99", "9" * 30,
)  # fmt: skip
TEXT = st.text(max_size=8)
LINES = st.lists(st.lists(st.sampled_from(FRAGMENTS) | TEXT, max_size=8).map("".join), max_size=12)


def own_lines(source: str) -> st.SearchStrategy[list[str]]:
    """Draw lines composed of whole lines of a source, halves of them, and fragments of any source."""
    own = [lines for vendor, lines in ALL if vendor == source] or [lines for _, lines in ALL]
    known = [line for lines in own for line in lines]
    halves = [half for line in known for half in (line[: len(line) // 2], line[len(line) // 2 :])]
    piece = st.sampled_from([*known, *halves]) | st.sampled_from(FRAGMENTS) | TEXT
    return st.lists(st.lists(piece, max_size=6).map("".join), max_size=8)


def one_line(text: str) -> str:
    """Return the text without line ends."""
    return text.replace("\n", " ").replace("\r", " ")


@pytest.mark.parametrize("source", source_names())
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_lines_never_raise(source: str, data: st.DataObject) -> None:
    """Every line is returned once, in the columns of a transaction, complete if it is one."""
    lines = data.draw(own_lines(source) | LINES)
    parser = LineParser(format_of(source), CONTEXT)
    frame = pl.concat([parser.feed([one_line(line) for line in lines]), parser.finish()])
    assert tuple(frame.columns) == COLUMNS
    assert all(frame.schema[name] == pl.Int64 for name in ("line", *INTEGER_COLUMNS))
    found = set(frame["line"])
    blank = [n for n, line in enumerate(lines, 1) if n not in found and one_line(line).strip() in ("", "[", "]", ",")]
    assert sorted([*frame["line"], *blank]) == list(range(1, len(lines) + 1))
    assert frame.filter(pl.col("ignored").is_not_null() & pl.col("rejected").is_not_null()).is_empty()
    used = frame.filter(pl.col("ignored").is_null() & pl.col("rejected").is_null())
    assert used.filter(pl.col("source_ip").is_null() & pl.col("source_device").is_null()).is_empty()
    assert used.filter(pl.col("destination_host").is_null() & pl.col("destination_ip").is_null()).is_empty()
    assert set(used["action"]) <= {"allow", "block"}
    assert used.filter(pl.col("transactions") < 1).is_empty()
    assert used.filter(pl.min_horizontal("uploaded_bytes", "downloaded_bytes", "total_bytes") < 0).is_empty()


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400) | LINES.map(lambda lines: "\n".join(lines).encode()))
def test_files_never_raise(content: bytes) -> None:
    """Any bytes as a file give frames or one specific error."""
    try:
        log = parse_log(io.BytesIO(content), None, CONTEXT)
    except LogError:
        return
    frames = list(log.frames())
    assert log.counts.read >= sum(frame.height for frame in frames)
    log.mismatch()


@pytest.mark.parametrize("source", source_names())
def test_nothing(source: str) -> None:
    """A parser given nothing returns an empty frame with the right columns."""
    parser = LineParser(format_of(source), CONTEXT)
    assert tuple(parser.feed([]).columns) == COLUMNS
    assert tuple(parser.finish().columns) == COLUMNS


def test_generic_formats_come_last() -> None:
    """A vendor's own CEF or W3C type is tried before the generic one."""
    assert format_of("ZSCALER_CEF_SYSLOG").rank < format_of("GENERIC_CEF").rank
    assert format_of("BLUECOAT").rank < format_of("GENERIC_W3C").rank
