"""``opencasb discover``: the command on top of the pipeline."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from opencasb.cli.discover import command, nothing_usable
from opencasb.discovery.compression import LogError
from opencasb.model.report import DiscoveryReport, LineCounts
from tests.cli.commands import piped
from tests.discovery.logs import squid
from tests.discovery.reported import EMPTY, REPORT

SHAREALIKE_APP = 47942
WRONG_FORMAT = (
    "9 of 10 lines cannot be read as SQUID, most often: too few fields (7 lines); name the right format with --source "
    "(opencasb format list shows them, opencasb format detect tries them)"
)


class Pipeline:
    """A stand-in for the pipeline: records its arguments, and returns a report or raises an error."""

    def __init__(self) -> None:
        self.answer: DiscoveryReport | Exception = REPORT
        self.asked: dict[str, Any] = {}

    def discover(self, paths: Sequence[Path], source: str | None = None, **options: Any) -> DiscoveryReport:
        """Return the report or raise the error."""
        options.pop("progress")(50, 100)
        self.asked = {"paths": list(paths), "source": source, **options}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """Replace the pipeline that the command uses."""
    made, module = Pipeline(), ModuleType("opencasb.discovery.discover")
    module.__dict__["discover"] = made.discover
    monkeypatch.setitem(sys.modules, "opencasb.discovery.discover", module)
    return made


@pytest.fixture
def log(tmp_path: Path) -> str:
    """Return the name of an existing file."""
    path = tmp_path / "access.log"
    path.write_text("anything\n")
    return str(path)


def run(*words: str) -> Result:
    """Run ``opencasb discover`` with these arguments."""
    return CliRunner().invoke(command, words)


def test_people_get_a_table(pipeline: Pipeline, log: str) -> None:
    """The report goes to stdout, nothing to stderr, and the source is detected."""
    result = run(log)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("SQUID: 1,600 lines")
    assert "Dropbox" in result.stdout
    assert pipeline.asked["paths"] == [Path(log)]
    assert pipeline.asked["source"] is None
    assert pipeline.asked["context"].timezone == "UTC"


def test_machines_get_the_documented_object(pipeline: Pipeline, log: str) -> None:
    """Exactly the keys of the contract, in its order; a null score means unscored."""
    result = run(log, log, "--json", "--source", "squid_native", "--timezone", "Europe/Stockholm")
    assert (result.exit_code, result.stderr) == (0, "")
    made = json.loads(result.stdout)
    assert list(made) == [
        "source",
        "lines",
        "first_seen",
        "last_seen",
        "apps",
        "rejected_samples",
        "unlisted",
        "named_source",
    ]
    assert made["lines"] == {"read": 1_600, "used": 1_500, "ignored": 60, "rejected": 40}
    assert made["apps"][1] == {
        "id": 1_000_000_000,
        "name": "odd.example",
        "category": "SAASDB_CATEGORY_CLOUD_STORAGE",
        "score": None,
        "listed": False,
        "domains": ["odd.example"],
        "users": 12,
        "ip_addresses": 14,
        "devices": 0,
        "transactions": 1_400,
        "blocked_transactions": 7,
        "uploaded_bytes": 2_000_000_000,
        "downloaded_bytes": 1_500_000,
        "total_bytes": 6_001_500_000,
        "first_seen": made["first_seen"],
        "last_seen": made["last_seen"],
        "flags": [],
    }
    assert (pipeline.asked["source"], len(pipeline.asked["paths"])) == ("SQUID_NATIVE", 2)
    assert pipeline.asked["context"].timezone == "Europe/Stockholm"


def test_apps_are_of_the_layers_that_the_settings_name(
    pipeline: Pipeline, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting comes from the environment or from the file in a data directory; by default both layers are used."""
    data = tmp_path / "data"
    assert run(log, "--data", str(data)).exit_code == 0
    assert pipeline.asked["catalog"].app(SHAREALIKE_APP).name == "Course Hero"
    assert not data.exists()
    data.mkdir()
    (data / "opencasb.toml").write_text('catalog_layers = ["core"]\n', "utf-8")
    assert run(log, "--data", str(data)).exit_code == 0
    assert pipeline.asked["catalog"].app(SHAREALIKE_APP) is None
    monkeypatch.setenv("OPENCASB_CATALOG_LAYERS", '["core", "sharealike"]')
    assert run(log, "--data", str(data)).exit_code == 0
    assert pipeline.asked["catalog"].app(SHAREALIKE_APP) is not None


def test_trackers_can_be_hidden(pipeline: Pipeline, log: str) -> None:
    """In text and JSON; a log with nothing else still counts as usable."""
    flagged = [msgspec.structs.replace(app, flags=("tracker",)) for app in REPORT.apps]
    pipeline.answer = msgspec.structs.replace(REPORT, apps=flagged)
    assert len(json.loads(run(log, "--json").stdout)["apps"]) == len(flagged)
    hidden = run(log, "--hide-trackers", "--json")
    assert (hidden.exit_code, json.loads(hidden.stdout)["apps"]) == (0, [])
    assert flagged[0].name not in run(log, "--hide-trackers").stdout


def test_a_page_is_written_beside_it(pipeline: Pipeline, log: str, tmp_path: Path) -> None:
    """``--html`` works with either output; stderr names the file."""
    page = tmp_path / "report.html"
    result = run(log, "--json", "--html", str(page))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["source"] == "SQUID"
    assert result.stderr == f"report: {page}\n"
    assert page.read_text("utf-8").startswith("<!doctype html>")
    pipeline.asked = {}
    failed = run(log, "--html", str(tmp_path / "missing" / "report.html"))
    assert pipeline.asked == {}, "told before anything is read"
    assert failed.exit_code == 1
    assert "--html: " in failed.stderr
    assert "No such file or directory" in failed.stderr


def test_a_log_that_cannot_be_read_is_exit_code_one(pipeline: Pipeline, log: str) -> None:
    """The message of the pipeline or the operating system goes to stderr, without a traceback."""
    pipeline.answer = LogError("access.log: a PDF document; allowed: text, gzip, zstd and zip")
    result = run(log)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "Error: access.log: a PDF document; allowed: text, gzip, zstd and zip\n"
    pipeline.answer = PermissionError(13, "Permission denied", log)
    assert run(log).stderr == f"Error: {log}: Permission denied\n"


def test_nothing_usable_is_exit_code_one_with_the_report(pipeline: Pipeline, log: str) -> None:
    """JSON output still has the counts and samples; stderr says what to do."""
    pipeline.answer = EMPTY
    result = run(log, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["apps"] == []
    assert result.stderr == "Error: the files are empty\n"


@pytest.mark.parametrize(
    ("read", "ignored", "rejected", "verdict"),
    [
        (0, 0, 0, "the files are empty"),
        (10, 1, 9, WRONG_FORMAT),
        (10, 9, 1, "no line is traffic to a public host or address, most often: internal host (1 line)"),
        (10, 0, 0, "no line is traffic to a public host or address, most often: internal host (1 line)"),
    ],
)
def test_the_verdict_on_a_log_without_apps(read: int, ignored: int, rejected: int, verdict: str) -> None:
    """Empty, wrong format, or no traffic to the internet, each with the most frequent reason."""
    report = msgspec.structs.replace(
        EMPTY,
        lines=LineCounts(read=read, used=read - ignored - rejected, ignored=ignored, rejected=rejected),
        ignored_by_rule={"internal host": 1},
        rejected_by_reason={"no source address": 2, "too few fields": 7},
    )
    assert nothing_usable(report) == verdict
    assert nothing_usable(REPORT) is None


def test_a_page_may_go_to_standard_output(
    pipeline: Pipeline, log: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of the table; it cannot be combined with ``--json``."""
    monkeypatch.chdir(tmp_path)
    result = run(log, "--html", "-")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("<!doctype html>")
    assert result.stdout.rstrip().endswith("</html>")
    both = run(log, "--html", "-", "--json")
    assert (both.exit_code, both.stdout) == (2, "")
    assert "--html - and --json exclude each other" in both.stderr
    assert not Path("-").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Missing argument 'FILE...'"),
        (("/no/such/file",), "'/no/such/file' does not exist"),
        (("LOG", "--source", "SQIUD"), "'SQIUD' is not a source type; allowed:"),
        (("LOG", "--source", "OTHER"), "'OTHER' is not parsed by any installed format; allowed: BARRACUDA,"),
        (("LOG", "--html", "LOG"), "access.log is read, and would be overwritten"),
        (("LOG", "--timezone", "Mars/Olympus"), "'Mars/Olympus' is not a time zone"),
        (("LOG", "--timezone", "../etc/passwd"), "'../etc/passwd' is not a time zone"),
        (("LOG", "--limit", "0"), "0 is not in the range"),
    ],
)
def test_wrong_usage_is_exit_code_two(pipeline: Pipeline, log: str, words: tuple[str, ...], message: str) -> None:
    """The pipeline is not called; stderr names the option, the value and what is allowed."""
    result = run(*(log if word == "LOG" else word for word in words))
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in " ".join(result.stderr.split())
    assert pipeline.asked == {}


def test_a_number_is_a_source_type(pipeline: Pipeline, log: str) -> None:
    """Upstream's numbers of source types are accepted."""
    assert run(log, "--source", "155").exit_code == 0
    assert pipeline.asked["source"] == "SQUID_NATIVE"


def test_a_log_under_a_wrong_name_is_headed_by_what_it_is(pipeline: Pipeline, log: str) -> None:
    """The heading has the detected format and the given name."""
    pipeline.answer = msgspec.structs.replace(REPORT, named_source="BLUECOAT")
    assert run(log).stdout.startswith("SQUID (named BLUECOAT): 1,600 lines")
    assert json.loads(run(log, "--json").stdout)["named_source"] == "BLUECOAT"


def test_standard_input_is_read() -> None:
    """As ``-`` and by its path, with the real pipeline."""
    for name in ("-", "/dev/stdin"):
        with piped(squid(20)):
            made = run(name, "--json")
        assert (made.exit_code, json.loads(made.stdout)["lines"]["used"]) == (0, 20), made.stderr


def test_progress_is_shown_on_a_terminal(
    pipeline: Pipeline, log: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It shows bytes done of the total; stdout has only the report."""
    del pipeline
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    command.main([log, "--json"], standalone_mode=False)
    written = capsys.readouterr()
    json.loads(written.out)
    assert "50/100 bytes" in written.err


def test_the_module_is_light() -> None:
    """Printing the help loads neither the data frame, table nor template library."""
    heavy = "{'polars', 'rich', 'jinja2', 'sqlalchemy', 'deltalake', 'msgspec'}"
    program = f"import sys, opencasb.cli.discover; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
