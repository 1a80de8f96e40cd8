"""``opencasb saas``: output before anything was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import Shell
from tests.saas.standin import CLIENT, DIRECTORY


@pytest.mark.parametrize(
    ("command", "said"), [("history", "[]"), ("changes", "[]"), ("usage", '{"total":0,"run":null,"apps":[]}')]
)
def test_before_the_first_run_there_is_nothing(tmp_path: Path, command: str, said: str) -> None:
    """This is not an error."""
    shell = Shell(tmp_path)
    shell.text("saas", "add", "graph", "--directory-id", DIRECTORY, "--client-id", CLIENT, typed="value\n")
    assert shell.text("saas", command, "graph", "--json").strip() == said
    assert shell.text("saas", command, "graph") == ""
