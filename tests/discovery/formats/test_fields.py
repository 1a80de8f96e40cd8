"""Splitting texts into columns."""

from __future__ import annotations

import polars as pl

from opencasb.discovery.formats.fields import cut, cut_n, match

ROWS = pl.DataFrame({"line": [1, 2, 3], "text": ["a b c d", "a", None]})


def test_cut() -> None:
    """Missing parts are null, parts after the last name are dropped."""
    assert cut(ROWS, "text", " ", ("x", "y", "z")).rows() == [
        (1, "a b c d", "a", "b", "c"),
        (2, "a", "a", None, None),
        (3, None, None, None, None),
    ]


def test_cut_n() -> None:
    """The last name takes the rest."""
    assert cut_n(ROWS, "text", " ", ("x", "y")).select("x", "y").rows() == [
        ("a", "b c d"),
        ("a", None),
        (None, None),
    ]


def test_match() -> None:
    """Named groups become columns, null without a match."""
    assert match(ROWS, "text", r"^(?P<x>\w) (?P<y>\w)").select("x", "y").rows() == [
        ("a", "b"),
        (None, None),
        (None, None),
    ]
