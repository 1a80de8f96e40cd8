"""Records as CSV."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.exported import Resource
from opencasb.activities.spreadsheet import COLUMNS, header, line
from tests.filters.test_parse import json


def read(resource: Resource, document: dict[str, Any]) -> dict[str, str]:
    """Return a record's cells by column heading."""
    text = (header(resource) + line(resource, "x", msgspec.json.encode(document))).decode()
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    return dict(row)


@given(st.sampled_from(get_args(Resource)), st.data())
def test_any_record_is_one_line_of_safe_cells(resource: Resource, data: st.DataObject) -> None:
    """It has one cell per heading, none of which a spreadsheet would execute."""
    names = sorted({path.split(".")[0] for path in COLUMNS[resource].values()})
    document = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, json)))
    with suppress(UnicodeEncodeError):  # no stored record has lone surrogates
        check(resource, document)


def check(resource: Resource, document: dict[str, Any]) -> None:
    """Assert that a record's cells are complete and safe."""
    row = read(resource, document)
    assert row.keys() == {"id", "time", *COLUMNS[resource]}
    texts = {name for name, path in COLUMNS[resource].items() if isinstance(document.get(path), str)}
    assert not any(row[name].startswith(("=", "+", "-", "@", "\t", "\r")) for name in texts)


@pytest.mark.parametrize(
    ("value", "cell"),
    [("=1+1", "'=1+1"), ("-x", "'-x"), (-5, "-5"), (True, "true"), (None, ""), ([1], ""), ("a\0", "a")],
)
def test_cells(value: object, cell: str) -> None:
    """Numbers remain numbers, formulas become text."""
    assert read("entities", {"displayName": value})["name"] == cell


def test_times_are_iso() -> None:
    """Empty without a time, or one whose year does not have four digits."""
    assert read("files", {"modifiedDate": 1500})["time"] == "1970-01-01T00:00:01.500Z"
    assert read("files", {"modifiedDate": -1})["time"] == ""
    assert read("files", {"modifiedDate": 2**61})["time"] == ""
