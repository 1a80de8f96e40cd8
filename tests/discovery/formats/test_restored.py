"""Lines are restored to how the device sent them, whatever was done to them on the way."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.discovery.formats.cell_quotes import with_plain_quotes
from opencasb.discovery.formats.json_wrappers import unwrap_json
from opencasb.discovery.formats.restored import restored, without_escapes

PIECES = ("{", "}", '"', '""', '\\"', "message", ":", "a=", "#0", "#011", "#012", "11", "000", "#000", " ", "x", ",")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("a#011b#012c#015d#099", "a\tb c d#099"),
        ("a#000b#000", "a#000b"),
        ('a=""b#011c""', 'a="b\tc"'),
        ('{"message":"a=\\"b\\" c=d#011e"}', 'a="b" c=d\te'),
        ("a #1 {b", "a #1 {b"),
        (None, None),
    ],
)
def test_what_was_done_is_undone(written: str | None, sent: str | None) -> None:
    """Escapes by rsyslog become tabs and blanks, also within objects and doubled quotes."""
    assert restored(pl.Series([written, "x"], dtype=pl.String)).to_list() == [sent, "x"]


@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), min_size=1, max_size=4))
def test_no_line_is_missed(lines: list[str]) -> None:
    """Searching first gives what all steps give for every line."""
    found, texts = (pl.Series(lines, dtype=pl.String) for _ in range(2))  # a series may be changed in place
    assert restored(found).to_list() == without_escapes(with_plain_quotes(unwrap_json(texts))).to_list()
