"""Parsing logs and counting their lines."""

from __future__ import annotations

import gzip
import io
import os
from pathlib import Path

import polars as pl
import pytest

from opencasb.discovery.compression import LogError
from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.line_counts import Sample
from opencasb.discovery.logfile import LONGEST_LINE, UnsupportedFileType
from opencasb.discovery.parsing import LineParser, check_zone, parse_log
from opencasb.discovery.recognise import UnknownSource, UnrecognisedLog, format_of
from opencasb.model.transaction import COLUMNS
from tests.discovery.formats.parsed import RECEIVED
from tests.discovery.logs import parsed

CONTEXT = ParseContext(RECEIVED)
NATIVE = "1763640000.642    161 10.0.0.1 TCP_MISS/200 1037 GET http://example.com/ - HIER_DIRECT/203.0.113.9 text/html"
IGNORED = NATIVE.replace("TCP_MISS/200", "TCP_DENIED/407")
MISFIT = "do not fit SQUID_NATIVE (mostly: not a line of Squid's native log)"
COMMON = '10.0.0.1 - joe [20/Nov/2025:13:00:00 +0100] "GET http://example.com/a?b HTTP/1.1" 200 1037'


def test_counts() -> None:
    """Every line is read, and then used, ignored by a rule, or rejected for a reason."""
    frame, log = parsed(NATIVE, "", IGNORED, "torn", NATIVE)
    assert tuple(frame.columns) == COLUMNS
    assert frame.filter(pl.col("ignored").is_null() & pl.col("rejected").is_null())["line"].to_list() == [1, 5]
    counts = log.counts
    assert (counts.read, counts.used) == (5, 2)
    assert counts.ignored == {"authentication challenge": 1, "empty line": 1}
    assert counts.rejected == {"not a line of Squid's native log": 1}
    assert counts.samples == [Sample(4, "not a line of Squid's native log", "torn")]
    assert (log.source, log.recognition, log.problem, log.mismatch()) == ("SQUID_NATIVE", None, None, None)


def test_lines_with_nothing_in_them() -> None:
    """Blanks, and the brackets of an array around records, are not lines in another format."""
    _, log = parsed("[", NATIVE, "  ", "\t", "]")
    assert (log.counts.used, log.counts.ignored, log.counts.rejected) == (1, {"empty line": 4}, {})
    assert log.mismatch() is None


def test_samples_are_few_and_short() -> None:
    """The first five samples per reason are kept, truncated to 500 characters."""
    _, log = parsed(NATIVE, *[f"torn {number} " + "x" * 1000 for number in range(20)], NATIVE.replace("10.0.0.1", "-"))
    torn = [sample for sample in log.counts.samples if sample.reason.startswith("not a line")]
    assert [sample.line for sample in torn] == [2, 3, 4, 5, 6]
    assert {len(sample.text) for sample in torn} == {500}
    assert [sample.line for sample in log.counts.samples if sample.reason == "no source address"] == [22]


def test_long_lines() -> None:
    """It is rejected, with its number and beginning."""
    frame, log = parsed(NATIVE, "x" * (LONGEST_LINE + 1), NATIVE)
    assert frame["line"].to_list() == [1, 3]
    assert log.counts.rejected == {"line too long": 1}
    assert log.counts.samples == [Sample(2, "line too long", "x" * 500)]
    assert log.counts.read == 3


def test_recognised() -> None:
    """If no source is given it is detected, with the reason."""
    _, log = parsed(NATIVE, source=None)
    assert log.source == "SQUID_NATIVE"
    assert log.recognition is not None
    assert log.recognition.reason == "1 of 1 lines are in Squid's native layout"


def test_names_in_any_case() -> None:
    """The source type is case-insensitive."""
    assert parsed(NATIVE, source="squid_native ")[1].source == "SQUID_NATIVE"


@pytest.mark.parametrize(
    ("lines", "mismatch"),
    [
        ([NATIVE, "torn"], None),
        ([NATIVE, IGNORED, "torn", "torn"], None),
        ([IGNORED], None),
        (
            [NATIVE, "torn", "torn"],
            f"2 of 3 lines {MISFIT}",
        ),
        (
            [COMMON, COMMON, COMMON],
            f"3 of 3 lines {MISFIT}; this looks like SQUID: 3 of 3 lines are in Squid's common layout",
        ),
        (["", ""], "the file has no log lines, only comments and empty ones"),
        ([], "the file is empty"),
    ],
)
def test_mismatch(lines: list[str], mismatch: str | None) -> None:
    """A log that fits its source by less than half is in another format, which is named if detected."""
    content = "".join(f"{line}\n" for line in lines).encode()
    log = parse_log(io.BytesIO(content), "SQUID_NATIVE", CONTEXT)
    list(log.frames())
    assert log.mismatch() == mismatch


def test_comments_do_not_count() -> None:
    """Comments count neither for nor against a format."""
    _, log = parsed("#Fields: date time c-ip cs-host", *["#Remark: x"] * 20, "torn", source="GENERIC_W3C")
    assert (
        log.mismatch() == "1 of 1 lines do not fit GENERIC_W3C (mostly: not as many fields as the #Fields line names)"
    )


@pytest.mark.parametrize(
    ("content", "source", "error", "what"),
    [
        (b"x\n", "NONSENSE", UnknownSource, "'NONSENSE' is not a source type"),
        (b"x\n", None, UnrecognisedLog, "in none of the known formats"),
        (b"", None, LogError, "^the file is empty$"),
        (gzip.compress(b"", mtime=0), None, LogError, "^the file is empty$"),
        (b"\n\n", None, LogError, "^the file has no lines$"),
        (b"x" * (LONGEST_LINE + 1), None, LogError, "no lines below 1,048,576 bytes"),
        (gzip.compress(b"a line", mtime=0)[:12], None, LogError, "no lines; the gzip file is cut off"),
        (b"\0" * 99, "SQUID", UnsupportedFileType, "binary"),
    ],
)
def test_unreadable(content: bytes, source: str | None, error: type[LogError], what: str) -> None:
    """A log that cannot be read at all gives one specific error at once."""
    with pytest.raises(error, match=what):
        parse_log(io.BytesIO(content), source, CONTEXT)


@pytest.mark.parametrize(
    ("encoding", "source"), [("cp932", "i_filter_syslog"), ("utf-8", "I_FILTER"), ("cp932", None), ("utf-8", None)]
)
def test_lines_of_japanese_appliances(encoding: str, source: str | None) -> None:
    """They are UTF-8 or Shift JIS."""
    line = "4711 10.0.0.1 花子 staff Games [20/Nov/2025:20:00:01 +0900] http://play.example.com/ block 43 3 99"
    log = parse_log(io.BytesIO(line.encode(encoding)), source, CONTEXT)
    assert pl.concat(log.frames())["user"].to_list() == ["花子"]


def test_unknown_zone() -> None:
    """An unknown time zone is named, even if it is a path."""
    assert check_zone("Europe/Berlin") == "Europe/Berlin"
    for zone in ("Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "x" * 5000):
        with pytest.raises(LogError, match=r"timezone: .*allowed:"):
            parse_log(io.BytesIO(b"x\n"), "SQUID", ParseContext(RECEIVED, zone))


def test_missing_file(tmp_path: Path) -> None:
    """A missing file gives the system's error."""
    with pytest.raises(FileNotFoundError):
        parse_log(tmp_path / "none.log", "SQUID", CONTEXT)


def test_damage() -> None:
    """Lines before the damage are used, and the damage is reported with any verdict."""
    lines = "".join(f"{NATIVE} {os.urandom(20).hex()}\n" for _ in range(3000))
    packed = gzip.compress(lines.encode())
    log = parse_log(io.BytesIO(packed[: len(packed) // 2]), None, CONTEXT)
    used = sum(frame.height for frame in log.frames())
    assert used == log.counts.used > 1000
    assert log.problem == "the gzip file is cut off"
    assert log.mismatch() is None


def test_live_lines() -> None:
    """Lines may be fed as they arrive, and are numbered consecutively."""
    live = LineParser(format_of("SQUID_NATIVE"), CONTEXT)
    assert live.feed([NATIVE, "", NATIVE])["line"].to_list() == [1, 3]
    assert live.feed([])["line"].to_list() == []
    assert live.feed(["torn"])["line"].to_list() == [4]
    assert live.finish().is_empty()
    assert (live.counts.read, live.counts.used, live.counts.rejected.total()) == (4, 2, 1)


def test_many_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are parsed sequentially with shared state."""
    monkeypatch.setattr("opencasb.discovery.logfile.BATCH", 200)
    lines = ["#Fields: date time c-ip cs-host", *["2025-11-20 12:00:00 10.0.0.1 a.example"] * 50]
    frame, log = parsed(*lines, source=None)
    assert frame.height == 51
    assert log.counts.used == 50


def test_leaving_early() -> None:
    """A consumer that stops early leaves nothing running."""
    log = parse_log(io.BytesIO(f"{NATIVE}\n".encode() * 10), None, CONTEXT)
    frames = log.frames()
    next(frames)
    del frames
    assert log.counts.used == 10
