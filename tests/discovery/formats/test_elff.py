"""Splitting W3C lines by their #Fields line."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.elff import WRONG_COUNT, Layout, cut_fields, cut_line


def cut(lines: list[str], layout: Layout, *wanted: str) -> list[tuple[str | None, ...]]:
    """Return the wanted fields and the rejection of each line."""
    schema = {"line": pl.Int64, "header": pl.String, "text": pl.String}
    frame = pl.DataFrame([(number, None, line) for number, line in enumerate(lines)], schema, orient="row")
    found = cut_fields(frame, layout, wanted).sort("line")
    return [values[2:] for values in found.iter_rows()]


ABC = Layout(("a", "b", "c"), " ")


def test_layout() -> None:
    """Names are lower-cased; tabs separate names that contain blanks."""
    assert Layout.of("#Fields: Date TIME cs(User-Agent)") == Layout(("date", "time", "cs(user-agent)"), " ")
    assert Layout.of("#fields:\tdate\tIP protocol\t") == Layout(("date", "ip protocol"), "\t")
    assert Layout.of("#Fields:") == Layout((), " ")


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("1 2 3", ("1", "2", "3", None)),
        ("1 2 3 ", ("1", "2", "3", None)),
        ('1 "2 two" 3', ("1", "2 two", "3", None)),
        ('"1 x" "2" "3 y"', ("1 x", "2", "3 y", None)),
        ('1 "" -', ("1", "", "-", None)),
        ('1 "say ""x y""" 3', ("1", 'say "x y"', "3", None)),
        (r'1 "say \"x y\" z" 3', ("1", 'say "x y" z', "3", None)),
        ('1 2"2 3', ("1", '2"2', "3", None)),
        ('1 2"2"2 3', ("1", '2"2"2', "3", None)),
        ("1 2", (None, None, None, WRONG_COUNT)),
        ("1 2 3 4", (None, None, None, WRONG_COUNT)),
        ("1 2 3  4", (None, None, None, WRONG_COUNT)),
        ("1 2 3 $", (None, None, None, WRONG_COUNT)),
        ('1 "2 3', ("1", '"2', "3", None)),
        ('"1 2 3"', (None, None, None, WRONG_COUNT)),
        ('1 "2', (None, None, None, WRONG_COUNT)),
        ("", (None, None, None, WRONG_COUNT)),
        ("#", (None, None, None, WRONG_COUNT)),
    ],
)
def test_blanks(line: str, fields: tuple[str | None, ...]) -> None:
    """Fields are split at single blanks, quoted ones may contain blanks; a line of another length is rejected."""
    assert cut([line], ABC, "a", "b", "c") == [fields]
    assert cut(["1 2 3", line, '1 "2 two" 3'], ABC, "a", "b", "c")[1] == fields


def test_tabs() -> None:
    """Between tabs, blanks and empty fields are values."""
    layout = Layout(("a", "b", "c"), "\t")
    assert cut(["1 x\t\t3", "1 x\t\t3 ", '"1"\t2"\t3', "1\t2"], layout, "c", "a") == [
        ("3", "1 x", None),
        ("3", "1 x", None),
        ("3", "1", None),
        (None, None, WRONG_COUNT),
    ]


def test_a_short_line_first() -> None:
    """The first line of a batch does not determine the others."""
    assert cut(["", "1", "1 2 3"], ABC, "c") == [(None, WRONG_COUNT), (None, WRONG_COUNT), ("3", None)]


def test_wanted_only() -> None:
    """Only the wanted fields are returned, named as in the layout."""
    assert cut(["1 2 3"], ABC, "c") == [("3", None)]
    assert cut(["1 2 3", "4"], ABC) == [(None,), (WRONG_COUNT,)]


VALUE = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\'), min_size=1, max_size=6)
QUOTED = st.lists(VALUE, min_size=1, max_size=3).map(" ".join)


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(VALUE.map(lambda v: (v, v)) | QUOTED.map(lambda v: (f'"{v}"', v)), min_size=3, max_size=3), max_size=6
    )
)
def test_round_trip(records: list[list[tuple[str, str]]]) -> None:
    """Written fields, quoted if they contain blanks, are read back."""
    lines = [" ".join(written for written, _ in record) for record in records]
    assert cut(lines, ABC, "a", "b", "c") == [(*(value for _, value in record), None) for record in records]
    for line, record in zip(lines, records, strict=True):
        assert cut_line(line, " ") == [value for _, value in record]


@settings(max_examples=60)
@example([" \\ \\", ""])
@given(st.lists(st.text(st.sampled_from('ab "\\\t'), max_size=12), max_size=6))
def test_any_quotes(lines: list[str]) -> None:
    """Whatever the quotes, each line is returned once and lines are not merged."""
    together = cut(lines, ABC, "a", "b", "c")
    assert together == [cut([line], ABC, "a", "b", "c")[0] for line in lines]
