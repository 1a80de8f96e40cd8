"""The root command: instant, complete, documented."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from opencasb.cli.main import COMMANDS, cli

ROOT = Path(__file__).parents[2]
HEAVY = (
    *("polars", "deltalake", "sqlalchemy", "alembic", "starlette", "uvicorn", "pydantic", "rich", "cryptography"),
    *("joserfc", "msgspec", "jinja2", "tldextract", "asyncio", "structlog", "apscheduler"),
)


def test_help_imports_nothing_heavy() -> None:
    """``opencasb --help`` stays instant because it loads none of the libraries that do the work."""
    code = (
        "import sys; sys.argv = ['opencasb', '--help']\n"
        "from opencasb.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('LOADED', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Commands:" in done.stdout
    assert "LOADED []" in done.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_exists_and_explains_itself(name: str) -> None:
    """A command in the list can be loaded and has a help text."""
    module = importlib.import_module(f"opencasb.cli.{name.replace('-', '_')}")
    assert isinstance(module.command, click.Command)
    assert module.command.help
    outcome = CliRunner().invoke(cli, [name, "--help"])
    assert outcome.exit_code == 0, outcome.output


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2 and the name."""
    outcome = CliRunner().invoke(cli, ["banana"])
    assert outcome.exit_code == 2
    assert "banana" in outcome.output


def test_the_version_is_that_of_the_package() -> None:
    """One version, in the package and in the project file."""
    outcome = CliRunner().invoke(cli, ["--version"])
    assert outcome.output.split()[-1] in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
