"""Output of commands."""

from __future__ import annotations

import click
import pytest

from opencasb.cli.output import echo_json, echo_table, explained, moment


def test_json_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Machines get one JSON text."""
    echo_json({"name": "Söder", "n": [1, None]})
    assert capsys.readouterr().out == '{"name":"Söder","n":[1,null]}\n'


def test_a_table_has_aligned_columns(capsys: pytest.CaptureFixture[str]) -> None:
    """Text has columns under headings, without trailing blanks; an empty table prints nothing."""
    echo_table(("name", "n"), [("a", 100), ("longer", 2)])
    assert capsys.readouterr().out == "name    n\na       100\nlonger  2\n"
    echo_table(("name",), [])
    assert capsys.readouterr().out == ""


def test_columns_are_aligned_whatever_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    """East Asian letters take two columns, combining accents none."""
    echo_table(("name", "n"), [("社内 A", 1), ("e\u0301te\u0301", 2), ("Göteborg", 3)])
    assert capsys.readouterr().out == "name      n\n社内 A    1\ne\u0301te\u0301       2\nGöteborg  3\n"


def test_a_table_shows_what_is_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    """Names from logs and other servers cannot control a terminal."""
    echo_table(("name",), [("a\x1b]0;owned\x07",), ("\u202eb",), ("a\u200cb",)])
    assert capsys.readouterr().out == "name\na\\x1b]0;owned\\x07\n\\u202eb\na\u200cb\n"


def test_times_are_for_people() -> None:
    """Times are given to the minute, and an absent time is a word."""
    assert moment(1_763_640_000_000) == "2025-11-20 12:00Z"
    assert moment(None) == "never"


def test_a_wrong_value_names_its_option() -> None:
    """A ValueError becomes the command's message; other errors pass through."""

    def fail(error: Exception) -> None:
        with explained("--name"):
            raise error

    with pytest.raises(click.ClickException, match="--name: too long"):
        fail(ValueError("too long"))
    with pytest.raises(KeyError):
        fail(KeyError("x"))
