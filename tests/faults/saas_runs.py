"""Runs of a SaaS integration in separate processes, interrupted at random moments.

``FAULT_KILLS`` is the number of kills per test, ``FAULT_SEED`` changes the moments.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

KILLS = int(os.environ.get("FAULT_KILLS", "3"))
SEED = int(os.environ.get("FAULT_SEED", "1"))

TOLD = """
import sys
from opencasb.program import main
from opencasb.saas.usage_task import UsageTask

execute = UsageTask.execute

def told(*arguments):
    print("running", file=sys.stderr, flush=True)
    execute(*arguments)

UsageTask.execute = told
main()
"""
"""The program, which also reports when a run begins or resumes."""

SHORT_WAITS = f"from opencasb.saas import retry; retry.LONGEST_WAIT = 1.0\n{TOLD}"
"""The same program, which never waits longer than a second before a retry."""


def begun(data: Path, program: str = TOLD) -> subprocess.Popen[str]:
    """Start the command that runs an installation's integration."""
    words = ["saas", "run", "graph", "--json", "--data", str(data)]
    return subprocess.Popen(
        [sys.executable, "-c", program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finished(data: Path) -> dict[str, Any]:  # JSON
    """Run the integration to its end, and return the command's output."""
    answer, complaint = begun(data).communicate()
    assert answer, complaint
    found: dict[str, Any] = json.loads(answer)
    assert found["outcome"] == "completed", found
    return found


class Moments:
    """Draws random moments of runs, and counts the state of the runs: ``starting``, ``running`` or ``done``."""

    def __init__(self) -> None:
        self.chance = random.Random(SEED)  # noqa: S311 -- which moments, not which secrets
        self.at: Counter[str] = Counter()
        self._seconds = 0.5

    def strike(self, run: subprocess.Popen[str], kill: Callable[[], object]) -> str:
        """Call ``kill`` at a random moment of a run; returns the run's output, empty if it was killed."""
        assert run.stderr is not None
        at = "starting" if self.chance.random() < 0.1 else "running"
        if at == "running":
            assert run.stderr.readline() == "running\n", run.stderr.read()
        time.sleep(self.chance.uniform(0, self._seconds))
        if run.poll() is not None:
            at = "done"
        self._seconds *= 0.5 if at == "done" else 1.1  # keeps most kills within runs, on any machine
        kill()
        answer, _ = run.communicate()
        self.at[at] += 1
        return answer

    def tell(self, whose: str) -> None:
        """Print the counts."""
        print(f"\n{self.at.total()} kills of {whose}, seed {SEED}: {dict(sorted(self.at.items()))}")  # noqa: T201
