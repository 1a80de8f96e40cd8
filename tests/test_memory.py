"""Settings of the memory allocators and the garbage collector."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
from opencasb.cli import main

main.cli = lambda obj: print(os.environ["_RJEM_MALLOC_CONF"], "polars" in sys.modules)
from opencasb.program import main

main()
"""


@pytest.mark.parametrize(("given", "told"), [(None, "narenas:"), ("narenas:7", "narenas:7 ")])
def test_polars_is_told_before_it_is_loaded(given: str | None, told: str) -> None:
    """An operator's own setting takes precedence."""
    environment = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}
    environment |= {} if given is None else {"_RJEM_MALLOC_CONF": given}
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.startswith(told)
    assert answer.stdout.endswith(" False\n")


def test_garbage_is_looked_for_seldom() -> None:
    """The threshold is high from the start, because loading libraries creates many objects that are no garbage."""
    program = PROGRAM.replace('os.environ["_RJEM_MALLOC_CONF"], "polars" in sys.modules', "gc.get_threshold()[0]")
    answer = subprocess.run([sys.executable, "-c", f"import gc{program}"], capture_output=True, text=True, check=True)
    assert answer.stdout == "200000\n"


def test_no_garbage_is_looked_for_at_the_end() -> None:
    """Objects in reference cycles are not collected at exit."""
    program = PROGRAM.replace('print(os.environ["_RJEM_MALLOC_CONF"], "polars" in sys.modules)', "leave()")
    cycle = """
class Last:
    def __del__(self) -> None:
        print("found")

def leave() -> None:
    last = Last()
    last.itself = last
"""
    answer = subprocess.run([sys.executable, "-c", cycle + program], capture_output=True, text=True, check=True)
    assert answer.stdout == ""
