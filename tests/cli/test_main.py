"""The root command: instant, complete, documented."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from opencasb.cli.main import COMMANDS, cli
from opencasb.program import Opener
from tests.cli.commands import Shell
from tests.discovery.logs import squid

ROOT = Path(__file__).parents[2]
HEAVY = (
    *("polars", "deltalake", "sqlalchemy", "alembic", "starlette", "uvicorn", "pydantic", "rich", "cryptography"),
    *("joserfc", "msgspec", "jinja2", "tldextract", "asyncio", "structlog", "apscheduler"),
)


def test_help_imports_nothing_heavy() -> None:
    """``opencasb --help`` is instant because it loads none of the heavy libraries."""
    code = (
        "import sys; sys.argv = ['opencasb', '--help']\n"
        "from opencasb.program import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print('LOADED', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Commands:" in done.stdout
    assert "LOADED []" in done.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_exists_and_explains_itself(name: str) -> None:
    """A listed command can be loaded and has a help text."""
    module = importlib.import_module(f"opencasb.cli.{name.replace('-', '_')}")
    assert isinstance(module.command, click.Command)
    assert module.command.help
    outcome = CliRunner().invoke(cli, [name, "--help"])
    assert outcome.exit_code == 0, outcome.output
    assert re.search(r"[a-z]\.\.\.$", outcome.output, re.MULTILINE) is None  # a summary that is cut


def test_an_unknown_command_is_a_usage_error() -> None:
    """Exit code 2, with the name."""
    outcome = CliRunner().invoke(cli, ["banana"])
    assert outcome.exit_code == 2
    assert "banana" in outcome.output


def test_a_mistyped_command_gets_a_hint() -> None:
    """Like mistyped subcommands and options."""
    outcome = CliRunner().invoke(cli, ["discovr", "access.log"])
    assert outcome.exit_code == 2
    assert "No such command 'discovr'. Did you mean 'discover'?" in outcome.output


def test_the_version_is_that_of_the_package() -> None:
    """Package and project file have the same version."""
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
    """With the driver's message, for the operator, but never the password."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("OPENCASB_DATABASE_URL", database_url)
    outcome = CliRunner().invoke(cli, ["init", "--data", str(tmp_path / data)], obj=Opener())
    assert outcome.exit_code == 1
    assert told in outcome.output
    assert "pass-word" not in outcome.output
    assert outcome.output.count("\n") == 1


def _leaves(command: click.Command, name: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(name), command
        return
    context = click.Context(command)
    for each in command.list_commands(context):
        found = command.get_command(context, each)
        assert found is not None
        yield from _leaves(found, (*name, each))


@pytest.mark.parametrize("words", [("app", "delete", "\udcffx"), ("user", "list", "--tenant", "\udcffx")])
def test_bytes_that_are_no_text_are_wrong_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    """No store accepts such bytes, which terminals in other encodings send; file names may contain them."""
    shell = Shell(tmp_path / "data")
    told = shell.refused(*words, code=2)
    assert told.endswith("Error: '\\udcffx' contains bytes that are not UTF-8; only file names may contain them\n")
    log = tmp_path / "\udcff.log"
    log.write_text("1763640000.123 57 10.0.0.2 TCP_MISS/200 617 GET http://www.box.com/ joe DIRECT/- text/html\n")
    assert shell.json("discover", str(log))["lines"]["used"] == 1


def test_a_database_of_a_newer_version_is_told_in_a_line(tmp_path: Path) -> None:
    """After a downgrade of the program; nothing is changed."""
    casb = Opener().open(tmp_path, new=True)
    with casb.database.write() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    casb.close()
    done = CliRunner().invoke(cli, ["tenant", "list", "--data", str(tmp_path)], obj=Opener())
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: the database has the schema 9999 of a newer version of OpenCASB")
    assert done.stderr.count("\n") == 1


def test_every_command_knows_json() -> None:
    """Scripts can pass the option to every command."""
    silent = [name for name, each in _leaves(cli) if "--json" not in {text for own in each.params for text in own.opts}]
    assert silent == []


def test_every_command_says_what_json_it_writes() -> None:
    """Neither scripts nor people have to try it out."""
    silent = [name for name, each in _leaves(cli) if "JSON" not in str(each.help) and _writes_json(each)]
    assert silent == []


def test_examples_in_help_are_of_the_command_and_its_options() -> None:
    """Each can be copied as it stands."""
    lines = [(name, each, line) for name, each in _leaves(cli) for line in str(each.epilog or "").splitlines()[2:]]
    assert len(lines) > 10
    for name, each, line in lines:
        program, *words = shlex.split(line)
        assert [program, *words[: len(name.split())]] == ["opencasb", *name.split()]
        known = {text for option in each.params for text in option.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def _writes_json(command: click.Command) -> bool:
    return any(option.name == "as_json" for option in command.params)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_or_its_group_states_the_exit_codes(name: str) -> None:
    """Scripts rely on them."""
    command = importlib.import_module(f"opencasb.cli.{name.replace('-', '_')}").command
    assert "xit code" in command.help


def test_machines_are_told_what_was_done(tmp_path: Path) -> None:
    """Commands that print nothing as text still print one JSON value."""
    shell = Shell(tmp_path / "data")
    assert shell.json("exclusion", "add", "user", "Boss")["value"] == "Boss"
    assert shell.json("exclusion", "remove", "user", "Boss") == {"removed": "Boss"}
    assert shell.json("tenant", "domain", "add", "Contoso.example") == ["contoso.example"]
    assert shell.json("tenant", "domain", "remove", "contoso.example") == []
    assert shell.json("tenant", "set", "--no-api-tokens")["api_tokens"] is False
    assert shell.json("catalog", "weights", "reset") == shell.json("catalog", "weights", "list")
    shell.text("catalog", "override", "set", "11627", "3")
    assert shell.json("catalog", "override", "remove", "11627") == {"removed": 11627}
    own = shell.json("custom-app", "create", "--name", "Ours", "--domain", "ours.example")["app_id"]
    assert shell.json("custom-app", "delete", "Ours") == {"deleted": own}
    range_id = shell.json("ip-range", "add", "Lab", "192.0.2.0/24")["_id"]
    assert shell.json("ip-range", "delete", "Lab") == {"deleted": range_id}
    shell.text("tag", "add", "11627", "ours")
    shell.text("tag", "remove", "11627", "ours")
    assert shell.json("tag", "delete", "ours") == {"deleted": "ours"}
    shell.text("source", "create", "--name", "edge", "--source", "SQUID")
    assert shell.json("source", "delete", "edge", "--yes") == {"deleted": "edge"}
    shell.text("user", "create", "ann", "--role", "security-reader")
    assert shell.json("user", "set-role", "ann", "global-reader")["role"] == "Global reader"
    assert shell.json("user", "expire-password", "ann")["password_expired"] is True
    assert shell.json("user", "disable", "ann")["active"] is False


def test_documents_go_to_stdout_as_they_are_and_files_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--json`` leaves them unchanged; with ``--out`` it reports the file; ``-`` is stdout itself."""
    monkeypatch.chdir(tmp_path)
    shell, out = Shell(tmp_path / "data"), tmp_path / "out"
    assert shell.text("export", "files", "--json") == ""
    assert shell.json("export", "files", "--out", str(out)) == {"written": str(out), "records": 0}
    told = shell.json("audit-log", "export", "--out", str(out))
    assert told == {"written": str(out), "entries": len(out.read_text("utf-8").splitlines())}
    for words in (("catalog", "overlay", "export"), ("reports", "pbids"), ("reports", "html")):
        assert shell.json(*words, "--out", str(out)) == {"written": str(out)}
        assert shell.text(*words, "--json")[0] in "{<"
        assert shell.text(*words, "--out", "-") == shell.text(*words)
    assert shell.text("export", "files", "--format", "csv", "--out", "-")
    assert shell.text("block-script", "--format", "104", "--out", "-") == shell.text("block-script", "--format", "104")
    assert not Path("-").exists()


PROGRAM = "import sys; sys.argv[0] = 'opencasb'; from opencasb.program import main; main()"


@pytest.mark.parametrize(
    "words", [("format", "list"), ("format", "list", "--help"), ("format", "parse", "a.log"), ("reports", "html")]
)
def test_a_full_disk_is_that_of_standard_output(tmp_path: Path, words: tuple[str, ...]) -> None:
    """It is not reported as a problem of the data or of the input."""
    (tmp_path / "a.log").write_bytes(squid())
    Shell(tmp_path / "data").text("report", "list")  # creates the first tenant
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"Error: standard output: No space left on device\n")


def test_a_reader_may_leave_before_anything_is_written(tmp_path: Path) -> None:
    """As ``true`` or ``grep -q`` do: no message, even if the output is only written at the end."""
    Shell(tmp_path / "data").text("report", "list")  # creates the first tenant
    end, start = os.pipe()
    os.close(end)
    command = [sys.executable, "-c", PROGRAM, "reports", "html"]
    done = subprocess.run(command, cwd=tmp_path, stdout=start, stderr=subprocess.PIPE, check=False)
    os.close(start)
    assert (done.returncode, done.stderr) == (1, b"")


def test_what_the_terminal_cannot_show_is_escaped(tmp_path: Path) -> None:
    """In text, and in JSON with the same meaning; the command still reports what it did."""
    Shell(tmp_path / "data").text("tenant", "create", "--name", "Contoso")
    told = []
    for words in (["create", "--name", "東京😀", "--domain", "tokyo-apps.jp", "--json"], ["list"]):
        command = [sys.executable, "-c", PROGRAM, "custom-app", *words, "--data", str(tmp_path / "data")]
        environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
        told.append(subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout)
    assert json.loads(told[0])["name"] == "東京😀"
    assert rb"\u6771\u4eac\U0001f600" in told[1]


STOPPED_AT = """
import signal, sys
class Press:
    def find_spec(self, name, *_):
        if name == {module!r}:
            sys.meta_path.remove(self)
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Press())
from opencasb.__main__ import main
main()
"""


@pytest.mark.parametrize(
    ("module", "said"),
    [("opencasb.app", ""), ("opencasb.cli.main", "\nAborted!\n"), ("opencasb.cli.format", "\nAborted!\n")],
)
def test_control_c_ends_a_command_without_a_traceback(module: str, said: str) -> None:
    """Even while the program is loading; with the exit code used by shells."""
    command = [sys.executable, "-c", STOPPED_AT.format(module=module), "format", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", said)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_standard_output_and_error_may_be_closed(tmp_path: Path, closed: str) -> None:
    """Some services start programs this way."""
    (tmp_path / "a.log").write_bytes(squid())
    script = f'"$0" -c "$1" discover a.log --html out.html {closed}'
    done = subprocess.run(["sh", "-c", script, sys.executable, PROGRAM], cwd=tmp_path, check=False)
    assert (done.returncode, (tmp_path / "out.html").exists()) == (0, True)


def test_a_reader_may_leave(tmp_path: Path) -> None:
    """A closed pipe ends the command without a message, as with ``head``."""
    (tmp_path / "a.log").write_bytes(squid(20_000))
    command = [sys.executable, "-c", PROGRAM, "format", "parse", "a.log"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith(b"{")
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait() == 1


EXISTING = (
    *(("report", "list"), ("report", "apps"), ("source", "list"), ("tenant", "list"), ("keys", "list")),
    *(("token", "create", "--user", "ann@contoso.example", "--name", "n"), ("tag", "add", "Dropbox", "Sanctioned")),
    *(("source", "create", "--name", "edge", "--source", "SQUID_NATIVE"), ("exclusion", "add", "user", "ann")),
    *(("export", "activities"), ("audit-log", "list"), ("keys", "rotate"), ("tenant", "delete", "Contoso", "--yes")),
    *(("upload", "--source", "SQUID_NATIVE", "a.log"), ("reports", "dump", "out"), ("user", "list")),
)


@pytest.mark.parametrize("words", EXISTING, ids=" ".join)
@pytest.mark.parametrize("is_there", [True, False])
def test_a_directory_without_an_installation_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], is_there: bool
) -> None:
    """Nothing is created in a mistyped directory, whether it exists or not."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.log").write_bytes(squid())
    data = tmp_path / "dta"
    if is_there:
        data.mkdir()
    told = Shell(data, new=True).refused(*words, code=2)
    install = f"to install, run: opencasb init --data {data}"
    assert told == f"setting data: nothing is installed in '{data}'; {install}\n"
    assert sorted(tmp_path.rglob("*")) == sorted([tmp_path / "a.log", *([data] if is_there else [])])


FIRST = (
    *(("tenant", "create", "Contoso"), ("user", "create", "ann@contoso.example", "--role", "security-reader")),
    *(("app", "create", "--name", "script"), ("ingest", "activities", "none.jsonl")),
)


@pytest.mark.parametrize("words", FIRST, ids=" ".join)
def test_a_command_that_may_be_the_first_one_says_what_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Those of the first-run contract; later commands print no such message."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none.jsonl").touch()
    commands = Shell(Path("new"), new=True)
    done = commands.run(*words)
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("Created the data directory new.\n")
    assert "data directory" not in commands.run(*words).stderr
    assert commands.text("tenant", "list")


def test_a_directory_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not reported as empty."""
    shell = Shell(tmp_path / "data")

    def refused(self: Path, **_: object) -> bool:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as closed:
        closed.setattr(Path, "exists", refused)
        told = shell.refused("report", "list")
    assert told == f"Error: {tmp_path / 'data' / 'opencasb.sqlite3'}: Permission denied\n"
