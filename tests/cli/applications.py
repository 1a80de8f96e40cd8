"""Runs ``opencasb app`` on a stand-in with the tenants Contoso (the default) and Fabrikam."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from opencasb.cli.app import command
from opencasb.model.tenant import Tenant
from tests.identity.standin import HandClock, StandIn, open_standin


class Desk:
    """Where somebody types ``opencasb app …``."""

    def __init__(self, casb: StandIn) -> None:
        self.casb = casb
        self.contoso: Tenant = casb.tenants.create("Contoso")
        casb.clock.now += 1  # type: ignore[attr-defined]  # so that Contoso is the oldest
        self.fabrikam: Tenant = casb.tenants.create("Fabrikam")

    def run(self, *words: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(command, words, obj=self.casb)

    def text(self, *words: str) -> str:
        """Return what a command prints that must succeed."""
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str) -> Any:  # any JSON
        """Return what a command with ``--json`` says."""
        return json.loads(self.text(*words, "--json"))

    def refused(self, *words: str, code: int = 1) -> str:
        """Return what a command says on stderr that must fail and print nothing."""
        done = self.run(*words)
        assert (done.exit_code, done.stdout) == (code, ""), done.output
        return done.stderr

    def created(self, *options: str) -> str:
        """Register an application and return its client id."""
        return str(self.json("create", "--name", "script", *options)["client_id"])


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """Open a desk over a new installation in ``folder``."""
    with open_standin(folder, HandClock()) as casb:
        yield Desk(casb)
