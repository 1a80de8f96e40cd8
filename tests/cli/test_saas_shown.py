"""``opencasb saas``: what is shown where nothing was read yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from opencasb.app import Opener
from opencasb.cli.main import cli
from tests.saas.standin import CLIENT, DIRECTORY


@pytest.mark.parametrize(
    ("command", "said"), [("history", "[]"), ("changes", "[]"), ("usage", '{"total":0,"run":null,"apps":[]}')]
)
def test_before_the_first_run_there_is_nothing(tmp_path: Path, command: str, said: str) -> None:
    """And that is no error."""
    house = ["--data", str(tmp_path)]

    def run(*words: str) -> str:
        done = CliRunner().invoke(cli, ["saas", *words, *house], obj=Opener(), input="value\n")
        assert done.exit_code == 0, done.output
        return done.stdout

    run("add", "graph", "--directory-id", DIRECTORY, "--client-id", CLIENT)
    assert run(command, "graph", "--json").strip() == said
    assert run(command, "graph") == ""
