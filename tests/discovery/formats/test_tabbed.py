"""Parsing tab-separated pairs by position."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.keyvalue import Pairs, text, word
from opencasb.discovery.formats.tabbed import read_tabbed

FIELDS = {"user": text("user", "login"), "source": word("ip"), "host": word("host")}


def read(*lines: str) -> list[dict[str, str | None]]:
    frame = pl.DataFrame({"line": range(len(lines)), "text": lines}, schema={"line": pl.Int64, "text": pl.String})
    return read_tabbed(frame, FIELDS).sort("line").select(*FIELDS).to_dicts()


def test_lines_in_the_order_of_the_first_are_read_by_place() -> None:
    assert read("t\tip=10.0.0.1\tuser=ann b", 't\tip="10.0.0.2"\tuser="eve"\r', "t\tip=\tuser=") == [
        {"user": "ann b", "source": "10.0.0.1", "host": None},
        {"user": "eve", "source": "10.0.0.2", "host": None},
        {"user": None, "source": None, "host": None},
    ]


def test_lines_in_another_order_are_read_by_key() -> None:
    rows = read("ip=10.0.0.1\tuser=ann", "user=eve\tip=10.0.0.2", "ip=10.0.0.3\tuser=joe\thost=h", "none")
    assert [row["source"] for row in rows] == ["10.0.0.1", "10.0.0.2", "10.0.0.3", None]
    assert [row["user"] for row in rows] == ["ann", "eve", "joe", None]
    assert [row["host"] for row in rows] == [None, None, "h", None]


def test_a_line_may_have_keys_that_the_first_one_lacks() -> None:
    """Its own keys count even if the number of pieces is equal, and so do those shared with the first line."""
    rows = read("ip=10.0.0.1\tother=x", "ip=10.0.0.2\thost=h", "host=i\tip=10.0.0.3")
    assert [(row["source"], row["host"]) for row in rows] == [("10.0.0.1", None), ("10.0.0.2", "h"), ("10.0.0.3", "i")]


def test_the_first_key_with_a_value_wins() -> None:
    assert [row["user"] for row in read("user=\tlogin=bob", "user=ann\tlogin=bob")] == ["bob", "ann"]


KEYS = st.sampled_from(["user", "login", "ip", "host", "other"])
VALUES = st.text(st.sampled_from('ab." -'), max_size=4).map(lambda text: text.strip('"'))
LINES = st.lists(st.tuples(KEYS, VALUES), max_size=5, unique_by=lambda pair: pair[0]).map(
    lambda pairs: "\t".join(f"{key}={value}" for key, value in pairs)
)


@settings(max_examples=50)
@given(st.lists(LINES | st.text(max_size=20), min_size=1, max_size=6))
def test_place_and_key_give_the_same(lines: list[str]) -> None:
    """Parsing by position is only faster."""
    plain = [line.replace('"', "") for line in lines]
    frame = pl.DataFrame({"text": plain})
    assert read(*plain) == Pairs(r"\t").read(frame, FIELDS).select(*FIELDS).to_dicts()
