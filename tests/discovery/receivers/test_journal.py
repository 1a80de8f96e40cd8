"""The journal preserves lines when the process ends."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from opencasb.discovery.receivers import journal as module
from opencasb.discovery.receivers.journal import Journal


def test_detaching_makes_a_segment_ready_under_an_upload_id(tmp_path: Path) -> None:
    """Appended lines are in one ready segment whose name is an object id."""
    journal = Journal(tmp_path)
    journal.append(b"one\n")
    journal.append(b"two\n")
    assert journal.ready() == []
    journal.detach()
    (segment,) = journal.ready()
    assert segment.read_bytes() == b"one\ntwo\n"
    assert len(segment.stem) == 24
    journal.detach()
    assert journal.ready() == [segment]


def test_a_large_segment_is_detached_by_itself(tmp_path: Path, monkeypatch: object) -> None:
    """No segment grows indefinitely."""
    journal = Journal(tmp_path)
    original = module.MAX_SEGMENT_BYTES
    try:
        module.MAX_SEGMENT_BYTES = 8  # type: ignore[misc]
        for _ in range(3):
            journal.append(b"12345678\n")
    finally:
        module.MAX_SEGMENT_BYTES = original  # type: ignore[misc]
    assert len(journal.ready()) == 3


def test_a_killed_process_loses_no_appended_line(tmp_path: Path) -> None:
    """Lines are in the file when append returns: an immediate SIGKILL loses none."""
    code = (
        "import os, signal, sys; from pathlib import Path; from opencasb.discovery.receivers.journal import Journal;"
        "j = Journal(Path(sys.argv[1])); [j.append(b'%d\\n' % n) for n in range(1000)];"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    segments = Journal(tmp_path).ready()
    assert b"".join(segment.read_bytes() for segment in segments).split() == [b"%d" % n for n in range(1000)]


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Partially written lines are removed, so that the next line starts cleanly."""
    journal = Journal(tmp_path)
    journal.append(b"one\n")
    write = os.write
    sizes = iter([5])

    def full(descriptor: int, data: memoryview) -> int:
        for size in sizes:
            return write(descriptor, data[:size])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            journal.append(b"two and more\n")
    journal.append(b"three\n")
    journal.detach()
    (segment,) = journal.ready()
    assert segment.read_bytes() == b"one\nthree\n"


def test_a_segment_that_somebody_removed_holds_up_no_other(tmp_path: Path) -> None:
    """Its lines are gone; those of the next segment are not."""
    journal = Journal(tmp_path)
    journal.append(b"one\n")
    next(tmp_path.iterdir()).unlink()
    journal.detach()
    journal.append(b"two\n")
    journal.detach()
    assert [segment.read_bytes() for segment in journal.ready()] == [b"two\n"]
