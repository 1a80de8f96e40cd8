"""Timing whole processes: wall seconds and peak memory, medians of several runs."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Measured:
    """The median of the runs: wall seconds and peak resident MB of the largest process."""

    seconds: float
    megabytes: float


def process(command: Sequence[str], runs: int = 3) -> Measured:
    """Run a command ``runs`` times, after a warm-up if more than once, and return the medians. Raises when it fails."""
    if runs > 1:
        _once(command)
    samples = [_once(command) for _ in range(runs)]
    return Measured(
        statistics.median(sample.seconds for sample in samples),
        statistics.median(sample.megabytes for sample in samples),
    )


def _once(command: Sequence[str]) -> Measured:
    started = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment())
    assert child.stderr is not None
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    child.stderr.close()
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {said.decode(errors='replace')[-800:]}")
    return Measured(seconds, usage.ru_maxrss * _RSS_UNIT / 1e6)


_OF_THIS_PROCESS: Final = ("PYTHONDONTWRITEBYTECODE", "_RJEM_MALLOC_CONF")
"""Variables that a command is started without, as an installation is: a ban on compiled modules, which take 1 s to
make, and how the allocator of Polars is set, which Polars writes down for its own process when it is loaded."""


def environment() -> dict[str, str]:
    """Return the environment that a command is started with."""
    return {name: value for name, value in os.environ.items() if name not in _OF_THIS_PROCESS}


_RSS_UNIT = 1024 if os.uname().sysname == "Linux" else 1
"""``ru_maxrss`` is in KiB on Linux, in bytes elsewhere."""
