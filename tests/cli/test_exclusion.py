"""``opencasb exclusion``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import Shell


def test_exclusions_are_added_listed_and_removed(tmp_path: Path) -> None:
    """A block and a user are excluded; an invalid address and an unknown entity are reported."""
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


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("user", "u" * 321), f"value '{'u' * 100}…' is not the name of a user: allowed: a line of at most 320 char"),
        (("device", "a\nb"), "value 'a\\nb' is not the name of a device: allowed: a line of at most 320 characters"),
        (("user", "ann", "--comment", "c" * 2001), "comment may have at most 2000 characters; this one has 2001"),
        (("user", "ann", "--comment", "\x1b[2J"), "comment '\\x1b[2J' must be printable"),
        (("ip", "1" * 400), f"value '{'1' * 100}…' is not an address or block"),
    ],
)
def test_what_is_excluded_is_a_name_of_sensible_length(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    """Names and comments are limited in length; rejected values are not stored."""
    shell = Shell(tmp_path)
    assert told in shell.refused("exclusion", "add", *words, code=2)
    assert shell.json("exclusion", "list") == []
