"""Timing of whole processes: wall seconds and peak memory, medians of several runs."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import BinaryIO, Final


@dataclass(frozen=True, slots=True)
class Measured:
    """The medians of several runs: wall seconds and peak resident MB of the largest process."""

    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Command:
    """A command to run ``runs`` times; if ``told``, the seconds are those that it prints."""

    words: Sequence[str]
    runs: int = 3
    told: bool = False


def in_turns(commands: Sequence[Command]) -> list[Measured]:
    """Return the medians of each command's runs, which alternate because machines can be slow for minutes at a time.

    Commands that run more than once are warmed up first. Raises if a command fails.
    """
    samples: list[list[Measured]] = [[] for _ in commands]
    for number in range(-1, max(command.runs for command in commands)):
        for command, found in zip(commands, samples, strict=True):
            if (number < 0 and command.runs > 1) or 0 <= number < command.runs:
                measured = _once(command.words, told=command.told)
                if number >= 0:
                    found.append(measured)
    return [_medians(found) for found in samples]


def _medians(samples: Sequence[Measured]) -> Measured:
    return Measured(
        statistics.median(sample.seconds for sample in samples),
        statistics.median(sample.megabytes for sample in samples),
    )


def _once(command: Sequence[str], *, told: bool) -> Measured:
    started = time.perf_counter()
    with TemporaryFile() as out, TemporaryFile() as errors:
        child = subprocess.Popen(command, stdout=out, stderr=errors, env=environment())
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            said = _text(errors)[-800:]
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}: {said}")
        return Measured(float(_text(out)) if told else seconds, usage.ru_maxrss * _RSS_UNIT / 1e6)


def _text(file: BinaryIO) -> str:
    file.seek(0)
    return file.read().decode(errors="replace")


_OF_THIS_PROCESS: Final = ("PYTHONDONTWRITEBYTECODE", "_RJEM_MALLOC_CONF")
"""Variables removed from the environment of commands: the ban on writing compiled modules, which take 1 s to make, and
the settings of the Polars allocator, which Polars exports for its own process when it is loaded."""


def environment() -> dict[str, str]:
    """Return the environment for commands."""
    return {name: value for name, value in os.environ.items() if name not in _OF_THIS_PROCESS}


_RSS_UNIT = 1024 if os.uname().sysname == "Linux" else 1
"""``ru_maxrss`` is in KiB on Linux, in bytes elsewhere."""
