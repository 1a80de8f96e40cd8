"""``opencasb export``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from opencasb.activities import exported
from opencasb.activities.alert_columns import record as alert_record
from opencasb.activities.columns import to_record
from opencasb.activities.file_columns import record as file_record
from opencasb.activities.file_wire import file_from
from opencasb.cli.export import command
from tests.activities.example import wire
from tests.alerts import alert, alert_id
from tests.cli.commands import Commands
from tests.cli.installation import Installation, Opening


@pytest.fixture
def installation(installation: Installation) -> Installation:
    """Return an installation with 25 activities, several with equal times, and an alert of another tenant."""
    many = [to_record(wire(number, timestamp=number // 4, appId=number % 2)) for number in range(25)]
    installation.activities.add(installation.contoso, many)
    installation.alerts.put(installation.fabrikam, [alert_record(alert(1))])
    return installation


@pytest.fixture
def commands(installation: Installation) -> Commands:
    """Run ``opencasb export …``."""
    return Commands(command, Opening(installation))


def ids(lines: str) -> list[str]:
    """Return the ids in NDJSON lines."""
    return [json.loads(line)["_id"] for line in lines.splitlines()]


def test_every_record_is_exported_once(
    installation: Installation, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ordered by time and id, even where a page ends between equal times; the lines are the stored records."""
    monkeypatch.setattr(exported, "PAGE", 3)
    result = commands.run("activities")
    assert (result.exit_code, result.stderr) == (0, "25 activities exported\n")
    expected = sorted((number // 4, str(wire(number)["_id"])) for number in range(25))
    assert ids(result.stdout) == [record_id for _, record_id in expected]
    first = json.loads(result.stdout.splitlines()[0])
    assert first == installation.activities.get(installation.contoso, first["_id"])


def test_a_filter_and_a_tenant_choose(commands: Commands) -> None:
    """The filters are those of the REST API."""
    chosen = commands.run("activities", "--filter", '{"service": {"eq": [1]}, "date": {"lte": 2}}')
    assert sorted(ids(chosen.stdout)) == sorted(str(wire(number)["_id"]) for number in range(1, 12, 2))
    assert ids(commands.text("alerts", "--tenant", "Fabrikam")) == [alert_id(1)]
    assert commands.text("alerts") == ""


def test_files_of_a_suite_are_those_of_its_apps(installation: Installation, commands: Commands) -> None:
    """As in the REST API."""
    tenant = installation.contoso
    made = [file_record(file_from({"id": app, "app": app}, tenant, 1)) for app in ("sharepoint", "box")]
    installation.files.put(tenant, made)
    (chosen,) = commands.text("files", "--filter", '{"service": {"eq": 11161}}').splitlines()
    assert json.loads(chosen)["appId"] == 20892


def test_csv_is_safe_for_spreadsheets(installation: Installation, commands: Commands) -> None:
    """Formulas are neutralised; commas, quotes and line breaks stay inside their cell."""
    hostile = wire(99, timestamp=1000, description='=HYPERLINK("x"),\nnext', user={"userName": "@ana"}, location=[])
    installation.activities.add(installation.contoso, [to_record(hostile)])
    result = commands.run("activities", "--format", "csv", "--filter", '{"date": {"eq": 1000, "gte": 1000}}')
    assert result.exit_code == 2
    result = commands.run("activities", "--format", "csv", "--filter", '{"date": {"gte": 1000}}')
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert row["id"] == hostile["_id"]
    assert row["time"] == "1970-01-01T00:00:01.000Z"
    assert (row["description"], row["user"]) == ('\'=HYPERLINK("x"),\nnext', "'@ana")
    assert (row["admin"], row["country"]) == ("false", "")


@pytest.mark.parametrize("resource", get_args(exported.Resource))
@pytest.mark.parametrize("form", ["ndjson", "csv", "parquet"])
def test_every_kind_has_every_form(commands: Commands, tmp_path: Path, resource: str, form: str) -> None:
    """Even without records; only the finished file is left, whatever its name."""
    out = tmp_path / "out" / "export [1] *?"
    out.parent.mkdir()
    result = commands.run(resource, "--format", form, "--out", str(out))
    assert result.exit_code == 0, result.output
    count = 25 if resource == "activities" else 0
    found: dict[str, Any] = {
        "ndjson": lambda: len(out.read_text("utf-8").splitlines()),
        "csv": lambda: len(out.read_text("utf-8").splitlines()) - 1,
        "parquet": lambda: pl.read_parquet(out, glob=False).height,
    }
    assert found[form]() == count
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_parquet_has_the_whole_record(
    installation: Installation, commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In any number of pieces."""
    monkeypatch.setattr(exported, "PAGE", 4)
    out = tmp_path / "export.parquet"
    commands.text("activities", "--format", "parquet", "--out", str(out))
    table = pl.read_parquet(out)
    assert table.schema == {"id": pl.String, "timestamp": pl.Datetime("ms", "UTC"), "record": pl.String}
    assert table["id"].n_unique() == 25
    assert table["timestamp"].is_sorted()
    assert json.loads(table["record"][7]) == installation.activities.get(installation.contoso, table["id"][7])


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("moons",), 2, "'moons' is not one of"),
        (("files", "--format", "parquet"), 2, "--out: a file is needed for parquet"),
        (("files", "--filter", "{"), 2, "--filter"),
        (("files", "--filter", "[]"), 2, "filters: an object is expected"),
        (("files", "--filter", '{"colour": {"eq": 1}}'), 2, "filter 'colour' is unknown"),
        (("files", "--filter", "{"), 2, "Invalid value for --filter: not JSON: "),
        (("files", "--out", "/nowhere/at/all"), 1, "--out: /nowhere/at/all.part: No such file or directory"),
    ],
)
def test_what_cannot_be_done_says_why(commands: Commands, words: tuple[str, ...], code: int, message: str) -> None:
    """One sentence on stderr, nothing on stdout."""
    assert message in commands.refused(*words, code=code)
