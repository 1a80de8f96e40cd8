"""The root command: instant, complete, documented."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from opencasb.app import Opener
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


@pytest.mark.parametrize(
    ("data", "database_url", "told"),
    [
        ("data", "postgresql://casb:pass-word@127.0.0.1:1/casb", "the database does not answer"),
        ("data", "sqlite:////nowhere/casb.sqlite3", "/nowhere/casb.sqlite3: No such file"),
        ("file/data", "", "file/data: Not a directory"),
    ],
)
def test_a_store_that_cannot_be_used_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: str, database_url: str, told: str
) -> None:
    """With what the driver says, for the operator has to mend it; never with the password."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("OPENCASB_DATABASE_URL", database_url)
    outcome = CliRunner().invoke(cli, ["init", "--data", str(tmp_path / data)], obj=Opener())
    assert outcome.exit_code == 1
    assert told in outcome.output
    assert "pass-word" not in outcome.output
    assert outcome.output.count("\n") == 1
