"""Parsing key=value pairs."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.keyvalue import Pairs, text, word

PAIRS = Pairs(r" ,\t|")
FIELDS = {"source": word("srcip"), "user": text("user", "unauthuser"), "host": text("host")}


def read(*lines: str, guarded: bool = True) -> list[dict[str, str | None]]:
    frame = pl.DataFrame({"text": lines}, schema={"text": pl.String})
    return PAIRS.read(frame, FIELDS, guarded=guarded).select(*FIELDS).to_dicts()


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("srcip=10.0.0.1 dstip=10.0.0.2", "10.0.0.1"),
        ('dstip=10.0.0.2,srcip="10.0.0.1"', "10.0.0.1"),
        ("dstip=10.0.0.2|srcip=10.0.0.1|", "10.0.0.1"),
        ("<134>srcip=10.0.0.1\r", "10.0.0.1"),
        ("xsrcip=10.0.0.9 srcip=10.0.0.1", "10.0.0.1"),
        ("srcip= dstip=10.0.0.2", None),
        ('srcip="" dstip=10.0.0.2', None),
        ("dstip=10.0.0.2", None),
    ],
)
def test_a_word_is_found_wherever_it_stands(line: str, source: str | None) -> None:
    assert read(line)[0]["source"] == source


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ('"ann b"', "ann b"),
        ('"say \\"hi\\" now"', 'say "hi" now'),
        ('"say ""hi"" now"', 'say "hi" now'),
        (r'"CORP\ann"', r"CORP\ann"),
        (r'"CORP\\ann"', r"CORP\ann"),
        ("ann", "ann"),
        ('""', None),
        ("", None),
    ],
)
def test_a_text_loses_its_quotes_and_escapes(value: str, meant: str | None) -> None:
    assert read(f"srcip=10.0.0.1 user={value} host=h")[0]["user"] == meant


def test_the_first_key_with_a_value_wins_line_by_line() -> None:
    rows = read('user="" unauthuser="bob"', "unauthuser=bob user=ann", "unauthuser=eve")
    assert [row["user"] for row in rows] == ["bob", "ann", "eve"]


def test_a_key_inside_a_quoted_value_is_no_key() -> None:
    """A browser's input cannot override what the firewall writes."""
    rows = read('host="a user=boss srcip=6.6.6.6" srcip=10.0.0.1', r'host="a\" user=boss" srcip=10.0.0.2', "user=ann")
    assert [row["user"] for row in rows] == [None, None, "ann"]
    assert [row["source"] for row in rows] == ["10.0.0.1", "10.0.0.2", None]
    assert [row["host"] for row in rows] == ["a user=boss srcip=6.6.6.6", 'a" user=boss', None]


def test_fields_that_nobody_can_forge_need_no_guard() -> None:
    assert read("srcip=10.0.0.1 user=ann", guarded=False) == [{"source": "10.0.0.1", "user": "ann", "host": None}]


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ue000\n\r")), max_size=5))
def test_a_quoted_value_comes_back_as_it_was(values: list[str]) -> None:
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    rows = read(*(f'a=1 user="{value}" host=h srcip=10.0.0.1' for value in quoted))
    assert [row["user"] for row in rows] == [value or None for value in values]
    assert all(row["source"] == "10.0.0.1" and row["host"] == "h" for row in rows)


@settings(max_examples=50)
@given(st.lists(st.text(), max_size=5))
def test_any_text_is_read(lines: list[str]) -> None:
    assert len(read(*lines)) == len(lines)
