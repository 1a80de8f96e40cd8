"""The report of a catalog build, as text."""

from __future__ import annotations

from pathlib import Path

from opencasb.cli.catalog import command
from tests.catalog.builder.synthetic import write_sources
from tests.cli.commands import Commands


def test_layers_contradictions_large_apps_and_changes_are_told(tmp_path: Path) -> None:
    """With examples of new and removed apps."""
    sources, out = write_sources(tmp_path / "sources"), tmp_path / "out"
    for name, word in (("public-apis", "apiKey"), ("public-api-lists", "OAuth")):
        (sources / name).mkdir()
        record = f'{{"name": "Paycove", "url": "https://paycove.com", "auth": "{word}", "category": "Finance"}}\n'
        (sources / name / "apis.jsonl").write_text(record, "utf-8")
    words = ("build", str(sources), "--out", str(out))
    first = Commands(command).text(*words)
    assert "sharealike" in first
    assert "api_authentication: public-apis 1" in first
    assert "0 new apps" in first
    entries = sources / "twofactorauth/entries.jsonl"
    text = entries.read_text("utf-8").replace("northwold.edu", "southwold.edu").replace('"Tasklane"', '"TaskLane"')
    entries.write_text(text, "utf-8")
    second = Commands(command).text(*words)
    assert "1 new apps: Northwold University" in second
    assert "1 vanished apps: Northwold University" in second
    assert "1 changed apps" in second
    assert "TaskLane (" in second
