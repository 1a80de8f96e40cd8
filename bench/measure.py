"""Timing whole processes: wall seconds and peak memory, medians of several runs.

The peak has the pages of mapped files, too: of the 310 MB of the libraries of Polars and Delta Lake the kernel maps
from 130 MB to all, as it sees fit, and others use the same pages. So the memory of the process's own is told apart.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

EVERY: Final = 0.02
"""Seconds between looks at a process's own memory."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The median of the runs: wall seconds, peak resident MB of the largest process, and of those its own.

    ``own`` is 0 where the system does not tell (elsewhere than on Linux), and counts only the process that was started.
    """

    seconds: float
    megabytes: float
    own: float


def process(command: Sequence[str], runs: int = 3) -> Measured:
    """Run a command ``runs`` times, after a warm-up if more than once, and return the medians. Raises when it fails."""
    if runs > 1:
        _once(command)
    samples = [_once(command) for _ in range(runs)]
    return Measured(
        statistics.median(sample.seconds for sample in samples),
        statistics.median(sample.megabytes for sample in samples),
        statistics.median(sample.own for sample in samples),
    )


def _once(command: Sequence[str]) -> Measured:
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment())
    assert child.stderr is not None
    watch = _Watch(child.pid)
    watch.start()
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    child.stderr.close()
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {said.decode(errors='replace')[-800:]}")
    watch.ended.set()
    watch.join()
    return Measured(seconds, usage.ru_maxrss * _RSS_UNIT / 1e6, watch.peak / 1e6)


class _Watch(threading.Thread):
    """Looks at the memory of a process that is not backed by files."""

    def __init__(self, pid: int) -> None:
        super().__init__(name="bench-watch", daemon=True)
        self._status = Path(f"/proc/{pid}/status")
        self.ended = threading.Event()
        self.peak = 0
        """Bytes, 0 where the system does not tell."""

    def run(self) -> None:
        """Look until ``ended`` is set."""
        while not self.ended.wait(EVERY):
            self.peak = max(self.peak, self._anonymous())

    def _anonymous(self) -> int:
        try:
            found = re.search(r"RssAnon:\s+(\d+) kB", self._status.read_text())
        except OSError:
            return 0
        return int(found[1]) * 1024 if found else 0


def _environment() -> dict[str, str]:
    """Return the environment without a ban on compiled modules: an installation has them, and making them takes 1 s."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


_RSS_UNIT = 1024 if os.uname().sysname == "Linux" else 1
"""``ru_maxrss`` is in KiB on Linux, in bytes elsewhere."""
