"""Splitting comma-separated lines."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.commas import _shielded, cut_columns, places_of

FIELD = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ue000")).map(
    lambda text: text.strip(" ")
)


def test_quoted_fields_keep_commas_and_quotes() -> None:
    rows = pl.DataFrame({"text": ['a,"b,c","d ""e""",f', "a", ""]})
    cut = cut_columns(rows, {"second": 1, "third": 2})
    assert cut["second"].to_list() == ["b,c", None, None]
    assert cut["third"].to_list() == ['d "e"', None, None]


@pytest.mark.parametrize("text", ["x\ny,1", "\nx y,1", "x y,1\n"])
def test_a_text_with_line_ends_is_one_row(text: str) -> None:
    """Outside quotes, line ends become blanks."""
    rows = cut_columns(pl.DataFrame({"text": ["a,b", text, "c,d"]}), {"one": 0, "two": 1}).select("one", "two").rows()
    assert [rows[0], rows[2]] == [("a", "b"), ("c", "d")]
    assert [each.strip() for each in rows[1]] == ["x y", "1"]


def test_a_header_row_tells_the_places() -> None:
    names = {"source": ("source address", "source"), "user": ("source user",), "url": ("url",)}
    assert places_of('Domain,"Source  User",Source,"Source Address"', names) == {"source": 3, "user": 1}
    assert places_of("", names) == {}


@settings(max_examples=50)
@given(st.lists(st.lists(FIELD, min_size=1, max_size=5), min_size=1, max_size=5))
def test_what_a_csv_writer_writes_is_cut_back(records: list[list[str]]) -> None:
    lines = []
    for record in records:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="").writerow(record)
        lines.append(line.getvalue())
    cut = cut_columns(pl.DataFrame({"text": lines}), {f"c{place}": place for place in range(5)})
    wanted = [[field or None for field in record] + [None] * (5 - len(record)) for record in records]
    assert [list(row) for row in cut.drop("text").iter_rows()] == wanted


@settings(max_examples=200)
@given(st.lists(st.text(st.sampled_from('ab", ;\\'), max_size=12), min_size=1, max_size=6), st.sampled_from(",;"))
def test_the_fast_way_reads_as_the_slow_one(lines: list[str], separator: str) -> None:
    """The fast path gives the same fields as reading each line in Python."""
    places = {"first": 0, "third": 2, "fourth": 3}
    cut = cut_columns(pl.DataFrame({"text": lines}), places, separator)
    alone = [_shielded(pl.Series("text", [line]), places, separator) for line in lines]
    assert cut.drop("text").rows() == [tuple(field.item() for field in fields) for fields in alone]
