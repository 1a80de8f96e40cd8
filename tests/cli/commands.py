"""Run commands as a user would, on a data directory of the test."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result

from opencasb.app import Casb
from opencasb.cli.main import cli
from opencasb.program import Opener
from opencasb.settings import load


@contextmanager
def piped(content: bytes) -> Iterator[None]:
    """Replace standard input with a pipe of these bytes while the block runs."""
    kept, (end, start) = os.dup(0), os.pipe()
    os.dup2(end, 0)
    os.close(end)

    def write() -> None:
        with os.fdopen(start, "wb") as pipe:
            pipe.write(content)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        writer.join()


class Commands:
    """Runs the commands of one group on a test installation, appending ``more`` to each.

    ``opener`` provides the installation.
    """

    def __init__(self, group: click.Command, opener: object = None, *more: str) -> None:
        self._group = group
        self._opener = opener
        self._more = more

    def run(self, *words: str, typed: str | None = None) -> Result:
        """Run a command and return its result; ``typed`` is its standard input."""
        return CliRunner().invoke(self._group, [*words, *self._more], obj=self._opener, input=typed)

    def text(self, *words: str, typed: str | None = None) -> str:
        """Run a command that must succeed and return its output."""
        done = self.run(*words, typed=typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str, typed: str | None = None) -> Any:  # any JSON
        """Run a command with ``--json`` and return its parsed output."""
        return json.loads(self.text(*words, "--json", typed=typed))

    def refused(self, *words: str, code: int = 1, typed: str | None = None) -> str:
        """Run a command that must fail with an exit code and print nothing; return its stderr."""
        done = self.run(*words, typed=typed)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        return done.stderr


class Shell(Commands):
    """Runs ``opencasb … --data DIR``, by default in an existing installation."""

    def __init__(self, data: Path, *, new: bool = False) -> None:
        if not new:
            Casb.open(load(data)).close()
        super().__init__(cli, Opener(), "--data", str(data))
        self.data = data
