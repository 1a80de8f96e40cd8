"""Splitting LEEF lines."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opencasb.discovery.formats.keyvalue import text, word
from opencasb.discovery.formats.leef_fields import cut_head, read_attributes

FIELDS = {"source": word("src", "ip"), "user": text("usrName")}


def cut(*lines: str) -> pl.DataFrame:
    header = pl.lit(None, pl.String).alias("header")
    return cut_head(pl.DataFrame({"line": range(len(lines)), "text": lines}).with_columns(header))


def read(*lines: str) -> list[tuple[str | None, str | None]]:
    return read_attributes(cut(*lines), FIELDS).sort("line").select("source", "user").rows()


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("LEEF:1.0|V|P|1|e|src=1\tusrName=a b", "\t"),
        ("LEEF: 1.0|V|P|1|e|src=1\tusrName=a b", "\t"),
        ("1.0|V|P|1|e|src=1\tusrName=a b", "\t"),
        ("LEEF:1.0|V|P|1|e|src=1|usrName=a b", "|"),
        (r"LEEF:1.0|V|P|1|e|cat=x\tsrc=1\tusrName=a b\t", r"\t"),
        (r"LEEF:2.0|V|P|1|e|\t|cat=x\tsrc=1\tusrName=a b", r"\t"),
        (r"LEEF:1.0|V|P|1|e|cat=C:\temp=a src=1 usrName=a b", " "),
        ("LEEF:1.0|V|P|1|e|src=1 usrName=a b", " "),
        ("LEEF:2.0|V|P|1|e|^|src=1^usrName=a b", "^"),
        ("LEEF:2.0|V|P|1|e|0x5E|src=1^usrName=a b", "^"),
        ("LEEF:2.0|V|P|1|e|x5e|src=1^usrName=a b", "^"),
        ("LEEF:2.0|V|P|1|e|x09|src=1\tusrName=a b", "\t"),
        ("LEEF:2.0|V|P|1|e|\\x09|src=1\tusrName=a b", "\t"),
        ("LEEF:2.0|V|P|1|e|\\t|src=1\tusrName=a b", "\t"),
        ("LEEF:2.0|V|P|1|e|tab|src=1\tusrName=a b", "\t"),
        ("LEEF:2.0|V|P|1|e||src=1\tusrName=a b", "\t"),
        ("LEEF:2.0|V|P|1|e|\t|src=1\tusrName=a b", "\t"),
        ("LEEF:2.0|V|P|1|e|src=1\tusrName=a b", "\t"),
        ("LEEF:2.0|V|P|1|e|xa6|src=1¦usrName=a b", "¦"),
        ("LEEF:2.0|V|P|1|e|§|src=1§usrName=a b", "§"),
        ("LEEF:2.0|V|P|1|e|;|src=1;usrName=a b", ";"),
    ],
)
def test_delimiters(line: str, delimiter: str) -> None:
    """Attributes are found with any delimiter, declared or not."""
    assert cut(line)["delimiter"].to_list() == [delimiter]
    assert read(line) == [("1", "a b")]


@pytest.mark.parametrize(
    "line", ["", "LEEF:1.0|V|P|1|e", "0|V|P|1|e|src=1", "CEF:0|V|P|1|e|n|3|src=1", "LEEF:2.0|V|P|1|e|ab|src=1"]
)
def test_no_leef(line: str) -> None:
    """A line that ends in its header, is in another format or declares a word as delimiter is rejected."""
    assert cut(line)["delimiter"].to_list() == [None]


def test_a_tab_in_a_value_separates_nothing_where_something_else_does() -> None:
    assert read("LEEF:2.0|V|P|1|e|^|usrName=a\tsrc=6.6.6.6^src=1") == [("1", "a src=6.6.6.6")]


def test_a_pipe_in_a_value_separates_nothing_where_no_key_follows() -> None:
    assert read("LEEF:1.0|V|P|1|e|usrName=a|7&b=c|src=1|empty=|") == [("1", "a|7&b=c")]


VALUE = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=12)


def plain(value: str, mark: str) -> str:
    return value.translate({ord(mark): "_", 92: "_", 34: "_"})


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("\t^;~"), VALUE, VALUE), min_size=1, max_size=6))
def test_round_trip(records: list[tuple[str, str, str]]) -> None:
    """Attributes written with any delimiter are read back."""
    records = [(mark, plain(source, mark), plain(user, mark)) for mark, source, user in records]
    lines = [
        f"LEEF:2.0|V|P|1|e|{'x09' if mark == chr(9) else mark}|src={source}{mark}usrName={user}"
        for mark, source, user in records
    ]
    assert read(*lines) == [(source, user) for _, source, user in records]
