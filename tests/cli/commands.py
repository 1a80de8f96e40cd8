"""Runs commands as a user types them, on a data directory of the test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from opencasb.app import Opener
from opencasb.cli.main import cli


class Shell:
    """Types ``opencasb … --data DIR``."""

    def __init__(self, data: Path) -> None:
        self.data = data

    def run(self, *words: str) -> Result:
        """Run a command and return what came of it."""
        return CliRunner().invoke(cli, [*words, "--data", str(self.data)], obj=Opener())

    def text(self, *words: str) -> str:
        """Run a command that must succeed and return what it prints."""
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str) -> Any:  # any JSON
        """Run a command with ``--json`` and return what it says."""
        return json.loads(self.text(*words, "--json"))

    def refused(self, *words: str, code: int = 1) -> str:
        """Run a command that must fail with an exit code and return what it says on stderr."""
        done = self.run(*words)
        assert done.exit_code == code, done.output
        return done.stderr
