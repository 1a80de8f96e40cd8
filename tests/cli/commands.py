"""Runs commands as a user types them, on a data directory of the test."""

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
    """Have standard input be a pipe with these bytes while the block runs."""
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
    """Types the commands of one group on an installation of the test, each with ``more`` behind it.

    ``opener`` is what gives commands the installation.
    """

    def __init__(self, group: click.Command, opener: object = None, *more: str) -> None:
        self._group = group
        self._opener = opener
        self._more = more

    def run(self, *words: str, typed: str | None = None) -> Result:
        """Run a command and return what came of it; ``typed`` is its standard input."""
        return CliRunner().invoke(self._group, [*words, *self._more], obj=self._opener, input=typed)

    def text(self, *words: str, typed: str | None = None) -> str:
        """Run a command that must succeed and return what it prints."""
        done = self.run(*words, typed=typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str, typed: str | None = None) -> Any:  # any JSON
        """Run a command with ``--json`` and return what it says."""
        return json.loads(self.text(*words, "--json", typed=typed))

    def refused(self, *words: str, code: int = 1, typed: str | None = None) -> str:
        """Run a command that must fail with an exit code and print nothing; return what it says on stderr."""
        done = self.run(*words, typed=typed)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        return done.stderr


class Shell(Commands):
    """Types ``opencasb … --data DIR``, by default in an installation that is there."""

    def __init__(self, data: Path, *, new: bool = False) -> None:
        if not new:
            Casb.open(load(data)).close()
        super().__init__(cli, Opener(), "--data", str(data))
        self.data = data
