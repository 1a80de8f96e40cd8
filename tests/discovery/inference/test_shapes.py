"""The structure of unknown logs."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from opencasb.discovery.inference.shapes import shapes


def first(*lines: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return options and names of the first shape."""
    rows = pl.DataFrame({"line": range(1, len(lines) + 1), "header": None, "text": lines})
    shape = next(shapes(rows, syslog=True))
    return shape.options, shape.names


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ('a=1 b="x y" c=3', {"kind": "pairs"}),
        ("a=1\tb=x y\tc=3", {"kind": "pairs", "delimiter": "\t"}),
        ("a=1|b=x|c=3", {"kind": "pairs", "delimiter": "|"}),
        ("tag: a=1, b=x, c=3", {"kind": "pairs", "delimiter": ", "}),
        ("a=1 b=x y z c=3", {"kind": "pairs", "open_values": True}),
        ("a='1' b='x y' c='3'", {"kind": "pairs", "quote": "'"}),
        ("a: 1, b: x y, c: 3", {"kind": "pairs", "delimiter": ", ", "assign": ":"}),
    ],
)
def test_pairs(line: str, options: dict[str, Any]) -> None:
    """Delimiters, assignments and quotes are derived from the lines."""
    assert first(*[line] * 5) == (options, ("a", "b", "c"))


def test_columns() -> None:
    """With the names in a header row, below a title, or with numbers as names."""
    rows = [f"10.0.0.{n};x{n};{n};y" for n in range(9)]
    header = "client;user name;time [UTC];#note"
    assert first("The report of today", header, *rows)[1] == ("client", "user name", "time [UTC]", "#note")
    options, names = first(*rows)
    assert (options["delimiter"], names) == (";", ("column_1", "column_2", "column_3", "column_4"))
    spaced, _ = first(*(f"{n}   10.0.0.1 [20/Nov/2025 +0100] x y" for n in range(9)))
    assert spaced["repeated"]
    assert spaced["brackets"]


def test_objects() -> None:
    """Nested members have dotted names; lists have none."""
    assert first('{"a":{"b":1,"c":[1]},"d":null}') == ({"kind": "json"}, ("a.b", "d"))


def test_a_hostile_header_takes_linear_time() -> None:
    """No column has a name that long, whatever it consists of."""
    rows = [f"10.0.0.{n};x{n};{n};y" for n in range(9)]
    long = "#" * 60_000 + "!"
    assert long not in first(f"{long};user name;time [UTC];#note", *rows)[1]
