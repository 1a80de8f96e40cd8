"""Following header rows."""

from __future__ import annotations

import polars as pl

from opencasb.discovery.formats.header_rows import MOST_LAYOUTS, Columns, HeaderRows


def columns(text: str) -> Columns | None:
    names = text.split(",")
    return Columns({name: place for place, name in enumerate(names)}, ",") if names[0] == "a" else None


def take(rows: HeaderRows, *texts: str) -> tuple[list[str], list[tuple[list[str] | None, list[str]]]]:
    heads, parts = rows.take(pl.DataFrame({"text": texts}, {"text": pl.String}))
    return heads["text"].to_list(), [
        (list(known.places) if known else None, part["text"].to_list()) for known, part in parts
    ]


def test_the_last_header_row_holds_also_for_the_next_batch() -> None:
    rows = HeaderRows("a|z", columns)
    assert take(rows, "1", "z", "a,b", "2", "a,c", "3") == (
        ["a,b", "a,c"],
        [(None, ["1", "z"]), (["a", "b"], ["2"]), (["a", "c"], ["3"])],
    )
    assert take(rows, "4", "a,b", "5") == (["a,b"], [(["a", "c"], ["4"]), (["a", "b"], ["5"])])
    assert take(rows) == ([], [])


def test_many_header_rows_end_in_the_last_known_one() -> None:
    rows = HeaderRows("a", columns)
    heads, _ = take(rows, *(f"a,{n}" for n in range(MOST_LAYOUTS + 10)))
    assert len(heads) == MOST_LAYOUTS + 10
    assert take(rows, "1") == ([], [(["a", str(MOST_LAYOUTS - 1)], ["1"])])
