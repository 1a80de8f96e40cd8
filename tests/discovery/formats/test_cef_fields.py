"""Extracting values from CEF extensions."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.cef_fields import extension, read_extension, unescape


def frame(*texts: str | None) -> pl.DataFrame:
    """Return lines."""
    return pl.DataFrame({"text": texts}, schema={"text": pl.String})


def test_values() -> None:
    """A word ends at a blank, a text before the next key; a line without the key gives null."""
    found = extension(frame("x|a=1 2 b=3 4 c=5", "x|b=6", None, "a=7"), ["a"], ["b"])
    assert found.rows() == [("1", "3 4"), (None, "6"), (None, None), (None, None)]


def test_absent_keys() -> None:
    """A key that occurs in no line has no column."""
    assert extension(frame("x|a=1"), ["z"], ["y"]).columns == []


def test_seldom_keys() -> None:
    """They are found wherever they are, whether in lines like the first or in others."""
    lines = frame("x|a=1 b=2", "x|a=3 b=4", "x|a=5", "x|q=6 a=7")
    assert extension(lines, ["a", "b", "q"], [], ["b", "q"]).select("a", "b", "q").rows() == [
        ("1", "2", None),
        ("3", "4", None),
        ("5", None, None),
        ("7", None, "6"),
    ]
    assert extension(frame("x|a=1", "x|xb=2 a=3"), ["a", "b"], [], ["b"]).columns == ["a"]


def test_keys_are_whole_words() -> None:
    """A key is not found as the end of another key."""
    assert extension(frame("x|xsrc=1 src=2"), ["src"], []).rows() == [("2",)]


def test_repeated_keys() -> None:
    """The last value of a repeated key counts."""
    assert extension(frame("x|a=1 b=2 a=3", "x|a=1"), ["a"], []).rows() == [("3",), ("1",)]
    assert read_extension("x|a=1 b=2 a=3 4") == {"a": "3 4", "b": "2"}


def test_the_window_may_end_inside_a_character() -> None:
    """A long value is kept whole even if a multi-byte character straddles the window's end."""
    texts = [f"x|a={'0' * length}é€ b=2" for length in range(240, 262)] + ["x|a=1 b=" + "é" * 300]
    found = extension(frame(*texts), ["a"], ["b"])
    assert found["a"].to_list() == [*("0" * length + "é€" for length in range(240, 262)), "1"]
    assert found["b"].to_list() == ["2"] * 22 + ["é" * 300]


def test_escapes() -> None:
    """Escapes are decoded; a line end becomes a blank."""
    assert unescape(r"a\=b\\c\nd\|e\"f") == 'a=b\\c d|e"f'
    assert unescape(r"one line\nanother") == "one line another"


def test_backslashes_that_nobody_escaped() -> None:
    """They are kept, even before the letters of line ends if the value is an account name."""
    for name in (r"corp\ann", r"corp.example\nina", r"CORP\robert.doe"):
        assert unescape(name) == name
    assert unescape(r"corp\\ann") == r"corp\ann"


KEYS = ["a", "b", "cc"]
WORD = st.text("abc=\\ 1é", max_size=400 // 20)


@settings(max_examples=80)
@given(st.lists(st.lists(st.tuples(st.sampled_from([*KEYS, "d"]), WORD), max_size=5), min_size=1, max_size=5))
def test_columns_agree_with_single_lines(records: list[list[tuple[str, str]]]) -> None:
    """The fast path on columns agrees with reading each line separately."""
    texts = ["x|" + " ".join(f"{key}={value}" for key, value in record) for record in records]
    found = extension(frame(*texts), [], KEYS)
    for row, text in zip(found.iter_rows(named=True), texts, strict=False):
        alone = {key: unescape(value).strip() or None for key, value in read_extension(text).items()}
        assert row == {key: alone.get(key) for key in found.columns}
