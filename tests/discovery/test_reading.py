"""One log from its bytes to its roll-up: every line is accounted for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.reading import ReadLog, read_log
from opencasb.discovery.rollup import RollUp, Rules
from tests.conftest import NOW
from tests.discovery.logs import squid
from tests.discovery.stub_catalog import stub_catalog

NOISE = b"1763639000.1 5 10.0.0.1 TCP_DENIED/407 1 GET http://a.com/ - HIER_NONE/- -\nbroken\n"


def read(folder: Path, content: bytes, progress: Callable[[int], None] = lambda _: None) -> ReadLog:
    """Read a log with these bytes."""
    path = folder / "a.log"
    path.write_bytes(content)
    rules = Rules(received_at=NOW, oldest=date(2025, 1, 1))
    roll_up = RollUp(stub_catalog(), rules)
    return read_log(path, "SQUID_NATIVE", ParseContext(NOW, want_url=False), roll_up, progress=progress)


def test_every_line_is_used_ignored_or_rejected(tmp_path: Path) -> None:
    """Lines dropped by the roll-up are ignored by its rule, in addition to those ignored by the parser."""
    log = read(tmp_path, squid(20) + squid(3, when=1_000_000_000) + NOISE)
    counts = log.counts()
    assert (counts["linesRead"], counts["linesUsed"], counts["linesIgnored"], counts["linesRejected"]) == (25, 20, 4, 1)
    assert counts["ignoredByRule"]["too old"] == 3
    assert sum(counts["ignoredByRule"].values()) == 4
    assert sum(counts["rejectedByReason"].values()) == 1
    assert [(sample["line"], sample["text"]) for sample in counts["rejectedSamples"]] == [(25, "broken")]
    assert log.rolled_up.usage["transactions"].sum() == 20
    assert (log.mismatch, log.problem, "problem" in counts) == (None, None, False)


def test_progress_is_told_up_to_the_size_of_the_file(tmp_path: Path) -> None:
    """The numbers never decrease."""
    content = squid(20_000)
    told: list[int] = []
    read(tmp_path, content, told.append)
    assert told == sorted(told)
    assert told[-1] == len(content)


def test_whoever_is_interrupted_leaves_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interruption while the threads stop is raised in the program, not printed and lost."""
    ignored: list[object] = []
    monkeypatch.setattr("sys.unraisablehook", ignored.append)
    monkeypatch.setattr(RollUp, "add", _interrupted)
    join = threading.Thread.join

    def joined(thread: threading.Thread, timeout: float | None = None) -> None:
        join(thread, timeout)
        if thread.name == "opencasb-prefetch" and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt("again")

    monkeypatch.setattr(threading.Thread, "join", joined)
    with pytest.raises(KeyboardInterrupt, match="again"):
        read(tmp_path, squid(20))
    assert ignored == []
    assert not any(thread.name == "opencasb-prefetch" for thread in threading.enumerate())


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt
