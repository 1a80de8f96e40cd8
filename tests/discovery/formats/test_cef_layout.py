"""Parsing CEF lines of the same arrangement together."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats import cef_fields
from opencasb.discovery.formats.cef_fields import extension
from opencasb.discovery.formats.cef_layout import MOST_PIECES, Piece, arrangement, read_alike

LINE = "<1>Nov 20 h CEF:0|V|P q|1|s|n|3|rt=1 src=2 msg=two words  and more act=3"


def frame(*texts: str | None) -> pl.DataFrame:
    """Return lines."""
    return pl.DataFrame({"text": texts}, schema={"text": pl.String})


def test_arrangement() -> None:
    """A piece begins with its key, has it after the header's last pipe, or has none."""
    assert arrangement("0|V|a b|3|rt=1 src=x=y  end") == [
        Piece(""), Piece("|rt=", within=True), Piece("src="), Piece("", empty=True), Piece(""),
    ]  # fmt: skip
    assert arrangement("x " * MOST_PIECES + "a=b") is None


def test_alike() -> None:
    """Lines with the same keys in the same positions are parsed together."""
    other = LINE.replace("=1", "=11").replace("two words", "three threes").replace("act=3", "act=b=c")
    found = read_alike(frame(LINE, other), ["rt", "src", "msg", "act", "none"], ["msg"])
    assert found is not None
    values, alike = found
    assert values.rows(named=True) == [
        {"rt": "1", "src": "2", "msg": "two words  and more", "act": "3"},
        {"rt": "11", "src": "2", "msg": "three threes  and more", "act": "b=c"},
    ]
    assert alike.all()


@pytest.mark.parametrize(
    "other",
    [
        LINE + " more=4",
        LINE + " more",
        LINE.removesuffix(" act=3"),
        LINE.replace("src=2 msg=two", "msg=two src=2"),
        LINE.replace("and more", "and act=9"),
        LINE.replace("words  and", "words and"),
        LINE.replace("|rt=", "|rt ="),
        LINE.replace("src=", "xsrc="),
        "",
        None,
    ],
)
def test_not_alike(other: str | None) -> None:
    """A line with another, additional, missing, repeated or moved key is parsed separately."""
    found = read_alike(frame(LINE, other, LINE), ["src"], [])
    assert found is not None
    values, alike = found
    assert alike.to_list() == [True, False, True]
    assert values.rows() == [("2",), ("2",)]


def test_few_alike() -> None:
    """If few lines resemble the first one, none is parsed this way."""
    assert read_alike(frame(LINE, "x", "y", "z"), ["src"], []) is None
    assert read_alike(frame("x y z", "x y z"), ["src"], []) is None
    assert read_alike(frame(), ["src"], []) is None
    assert read_alike(frame(None), ["src"], []) is None


def test_a_key_twice() -> None:
    """If all lines have a key twice, the last one counts."""
    found = read_alike(frame("|a=1 b=2 a=3"), ["a"], [])
    assert found is not None
    assert found[0].rows() == [("3",)]


VALUE = st.text("ab1=\\.é", max_size=6)
TEXT = st.lists(VALUE, max_size=3).map(" ".join)
MADE = st.tuples(
    st.sampled_from(["a {} b {} cc {}", "cc {} a {} b {}", "a {} b {} a {}", "b {} d {} a {}"]), TEXT, TEXT, VALUE
)


@settings(max_examples=80)
@given(st.lists(MADE, min_size=1, max_size=6), st.sampled_from(["x|", "CEF:0|V|P|1|s|n|3|", "x| ", ""]))
def test_both_ways_agree(drawn: list[tuple[str, str, str, str]], header: str) -> None:
    """The values are the same whether lines are parsed together or key by key."""
    texts = [header + pattern.replace(" {}", "={}").format(*values) for pattern, *values in drawn]
    together = extension(frame(*texts), ["cc"], ["a", "b"])
    singly = cef_fields._one_key_after_the_other(frame(*texts), ["cc"], ["a", "b"], ["b"])
    nothing = pl.lit(None, pl.String)
    for key in ("a", "b", "cc"):
        columns = [
            found[key] if key in found.columns else frame(*texts).select(nothing).to_series()
            for found in (together, singly)
        ]
        assert columns[0].to_list() == columns[1].to_list()
