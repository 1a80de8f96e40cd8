"""Entries of systemd's journal become lines."""

from __future__ import annotations

import io
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.journal_export import LARGEST_VALUE, as_messages
from opencasb.discovery.logfile import LogFile
from opencasb.discovery.parsing import parse_log
from opencasb.discovery.recognise import format_of
from tests.conftest import NOW
from tests.discovery.formats.vendor_lines import LINES

SECONDS = 1763633472
HEADER = "2025-11-20T10:11:12.000042+00:00 gw1 fw[7]: "


def entry(message: bytes | None, *, is_binary: bool = False, second: int = 0, more: bytes = b"") -> bytes:
    """Return an entry as ``journalctl -o export`` writes it."""
    fields = [b"__CURSOR=s=1;i=2", b"__REALTIME_TIMESTAMP=%d" % ((SECONDS + second) * 1_000_000 + 42), b"_BOOT_ID=00"]
    fields += [b"_HOSTNAME=gw1", b"SYSLOG_IDENTIFIER=fw"]
    if message is not None:
        written = b"MESSAGE\n" + len(message).to_bytes(8, "little") + message
        fields.append(written if is_binary else b"MESSAGE=" + message)
    return b"\n".join([*fields, b"_PID=7"]) + b"\n" + more + b"\n"


def lines_of(content: bytes, sizes: Sequence[int] = ()) -> list[str]:
    """Return the lines of an export that arrives in pieces of these sizes, and then whole."""
    stream = io.BytesIO(content)
    pieces = [*(stream.read(size) for size in sizes), stream.read()]
    return b"".join(as_messages(iter(pieces))).decode("cp1252", "replace").split("\n")[:-1]


def test_an_entry_is_a_line_with_its_time_host_and_process() -> None:
    assert lines_of(entry(b"a=b c")) == [f"{HEADER}a=b c"]
    assert lines_of(entry(b"a\r\nb\tc", is_binary=True)) == [f"{HEADER}a  b\tc"]
    assert lines_of(entry(b"a\n\nMESSAGE=b\n", is_binary=True) + entry(b"c")) == [f"{HEADER}a  MESSAGE=b", f"{HEADER}c"]
    assert lines_of(entry(b"a").replace(b"SYSLOG_IDENTIFIER=fw\n", b"")) == [HEADER.replace("fw[7]: ", "") + "a"]


def test_every_entry_counts() -> None:
    """Line numbers are those of entries; one without a message is empty, and a damaged line is not dropped."""
    content = entry(b"a") + entry(None) + b"\n" + entry(b"b", more=b"no field\n") + entry(b"c").rstrip(b"\n")
    assert lines_of(content) == [f"{HEADER}a", "", "no field", f"{HEADER}b", f"{HEADER}c"]


def test_long_values() -> None:
    """A core dump is skipped, a long message is one long line, and a length that is too large swallows no more."""
    dump = b"COREDUMP\n" + (4 * LARGEST_VALUE).to_bytes(8, "little") + b"\n" * (4 * LARGEST_VALUE) + b"\n"
    long = b"x" * (LARGEST_VALUE + 5)
    content = entry(b"a", more=dump) + entry(long, is_binary=True) + entry(long) + entry(b"b")
    file = LogFile(io.BytesIO(content))
    (frame,) = file.batches()
    assert frame["text"].to_list() == [f"{HEADER}a", f"{HEADER}b"]
    assert [line for line, _ in file.too_long] == [2, 3]
    endless = entry(b"a") + b"MESSAGE=" + b"x" * (3 * LARGEST_VALUE)
    assert [line for line, _ in _too_long(endless)] == [2]


def _too_long(content: bytes) -> list[tuple[int, str]]:
    file = LogFile(io.BytesIO(content))
    assert sum(frame.height for frame in file.batches()) == 1
    return file.too_long


@given(st.lists(st.integers(1, 90), max_size=12))
def test_pieces(sizes: list[int]) -> None:
    """However an export arrives, its lines are the same."""
    content = entry(b"a") + entry(b"b\n\n\0c", is_binary=True) + entry(None) + entry(b"d")
    assert lines_of(content, [40, *sizes]) == [f"{HEADER}a", f"{HEADER}b  \0c", "", f"{HEADER}d"]


@given(st.binary(max_size=200))
def test_anything_is_read(damage: bytes) -> None:
    """No damage raises an error, and what follows a damaged line is still read."""
    list(as_messages(iter([entry(b"a") + damage])))
    assert lines_of(entry(b"a") + b"?" + damage.replace(b"\n", b"") + b"\n" + entry(b"b"))[-1] == f"{HEADER}b"


@pytest.mark.parametrize("source", [name for name in LINES if name != "CHECKPOINT_XML"])
def test_every_vendor(source: str) -> None:
    """The lines of an exported journal yield what they yield by themselves."""
    lines = LINES[source]
    collected = b"".join(entry(line.encode(), is_binary="\t" in line) for line in lines)
    found = _parsed(collected)
    assert found[0] in format_of(source).sources
    assert found[1].equals(_parsed("".join(f"{line}\n" for line in lines).encode())[1])


def _parsed(content: bytes) -> tuple[str, pl.DataFrame]:
    log = parse_log(io.BytesIO(content), None, ParseContext(NOW))
    return log.source, pl.concat(log.frames()).drop("timestamp").sort("line")
