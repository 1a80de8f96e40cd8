"""What journalctl prints with all fields is read like its export."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.journal_export import as_messages
from tests.discovery.test_journal_export import HEADER, SECONDS, lines_of

MICROSECONDS = SECONDS * 1_000_000 + 42


def entry(message: str | None, *, zone: str = "UTC") -> bytes:
    """Return an entry as ``journalctl -o verbose`` prints it; further lines of a message are indented."""
    told = "" if message is None else "    MESSAGE=" + message.replace("\n", "\n            ") + "\n"
    cursor = f"s=0a1b;i=2c;b=3d4e;m=5f;t={MICROSECONDS:x};x=6a"
    return (
        f"Thu 2025-11-20 10:11:12.000042 {zone} [{cursor}]\n    _BOOT_ID=3d4e\n    _HOSTNAME=gw1\n{told}"
        "    SYSLOG_IDENTIFIER=fw\n    _PID=7\n"
    ).encode()


NOTES = b"-- Logs begin at Thu 2025-11-20 08:00:00 UTC, end at Thu 2025-11-20 11:00:00 UTC. --\n"


@pytest.mark.parametrize("before", [b"", NOTES, NOTES + b"-- Reboot --\n"])
def test_an_entry_is_a_line_with_its_time_host_and_process(before: bytes) -> None:
    """The time is that of the cursor, whatever zone is printed."""
    content = before + entry("a=b  c\n\nd [s=1]", zone="EST") + entry(None) + b"-- Reboot --\n" + entry("e")
    assert lines_of(content) == [f"{HEADER}a=b  c  d [s=1]", "", f"{HEADER}e"]


def test_an_indented_log_is_left_as_it_is() -> None:
    content = b"Thu 2025-11-20 10:11:12 UTC [s=1]\n    a\n"
    assert b"".join(as_messages(iter([content]))) == content


@given(st.lists(st.integers(1, 90), max_size=12))
def test_pieces(sizes: list[int]) -> None:
    """However the file arrives, its lines are the same."""
    content = entry("a") + entry("b\nc") + entry(None) + entry("d")
    assert lines_of(content, [len(entry("a")), *sizes]) == [f"{HEADER}a", f"{HEADER}b c", "", f"{HEADER}d"]


def test_a_file_without_further_entries_is_not_kept_in_memory() -> None:
    pieces = [entry("a"), *[b"    x" * 100_000] * 20]
    first, *others = as_messages(iter(pieces))
    assert others
    assert max(map(len, [first, *others])) < 9_000_000
