"""``opencasb exclusion``."""

from __future__ import annotations

from pathlib import Path

from tests.cli.commands import Shell


def test_exclusions_are_added_listed_and_removed(tmp_path: Path) -> None:
    """A block and a user; a wrong address and an unknown entity are named."""
    shell = Shell(tmp_path / "data")
    shell.text("exclusion", "add", "ip", "10.0.0.0/8", "--comment", "lab")
    shell.text("exclusion", "add", "user", "Boss")
    assert [(each["kind"], each["value"]) for each in shell.json("exclusion", "list")] == [
        ("ip", "10.0.0.0/8"),
        ("user", "Boss"),
    ]
    assert "lab" in shell.text("exclusion", "list")
    shell.text("exclusion", "remove", "user", "Boss")
    assert "not excluded" in shell.refused("exclusion", "remove", "user", "Boss")
    assert "10.0.0.300" in shell.refused("exclusion", "add", "ip", "10.0.0.300", code=2)
    assert "'' is not the name of a user" in shell.refused("exclusion", "add", "user", "", code=2)
    assert "lab" in shell.text("exclusion", "list")
