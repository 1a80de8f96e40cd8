"""The commands printed by ``opencasb demo`` can be pasted into a shell unchanged."""

from __future__ import annotations

import shlex
from collections import defaultdict
from pathlib import Path

from opencasb.cli.demo_text import demo_text
from opencasb.settings import Settings


def test_calls_work_from_a_folder_with_blanks_in_its_name() -> None:
    """The path of the CA is quoted for the shell."""
    path = str(Path("/home/ann/my $logs/ca.pem"))
    said = demo_text(defaultdict(str, authority=path), Settings())
    assert f"Trust this CA  {path}\n" in said
    calls = [line for line in said.splitlines() if "--cacert" in line]
    assert len(calls) == 5
    for call in calls:
        given = shlex.split(call.replace("TOKEN=$(", "").rstrip("\\"), posix=True)
        assert given[given.index("--cacert") + 1] == path


def test_a_command_looks_at_the_data_of_the_demo() -> None:
    """The command names the demo's directory; otherwise it would look into another one."""
    said = demo_text(defaultdict(str, data="my logs/demo"), Settings(), ".venv/bin/opencasb")
    assert "Commands       .venv/bin/opencasb report apps --data 'my logs/demo'\n" in said
