"""Overlay files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.governance import overlay_file
from opencasb.governance.overlay_file import COLUMNS, Format, OverlayFileError, Row, cells, read, rows_of, written
from opencasb.model.app import CustomApp
from opencasb.model.correction import Correction, Kind, State

HEADER = b"kind,app_id,app,key,value\r\n"


def correction(kind: Kind, app_id: int | None, key: str = "", value: str = "") -> Correction:
    """Return an accepted correction."""
    return Correction(
        kind=kind, app_id=app_id, key=key, value=value, correction_id="1", author="ana", created=0, state=State.ACCEPTED
    )


def test_rows_have_a_fixed_order_and_no_empty_fields() -> None:
    """Custom apps by id, then corrections by kind, app and key; facts have typed values, apps their names."""
    fleet = CustomApp(app_id=500_000_000, name="Fleet", domains=("a.example", "b.example"), vendor="Fleet Inc")
    said = [
        correction(Kind.NOTE, 2, value="ask"),
        correction(Kind.FACT, 2, "founded", "2001"),
        correction(Kind.FACT, 1, "vendor", "unknown"),
        correction(Kind.DOMAIN, None, "c.example"),
    ]
    assert rows_of([fleet], said, {2: "Box"}) == [
        {
            "kind": "custom_app",
            "app_id": 500_000_000,
            "app": "Fleet",
            "category": fleet.category,
            "vendor": "Fleet Inc",
            "domains": ("a.example", "b.example"),
        },
        {"kind": "domain", "key": "c.example"},
        {"kind": "fact", "app_id": 1, "key": "vendor", "value": "unknown"},
        {"kind": "fact", "app_id": 2, "app": "Box", "key": "founded", "value": 2001},
        {"kind": "note", "app_id": 2, "app": "Box", "value": "ask"},
    ]


ROWS = [
    {"kind": "custom_app", "app_id": 500_000_000, "app": "=Fleet", "domains": ["a.example", "b.example"]},
    {"kind": "fact", "app_id": 1, "key": "data_center", "value": ["DE", "a, b"]},
    {"kind": "fact", "app_id": 1, "key": "is_soc2_compliant", "value": True, "remark": "-1+2"},
    {"kind": "note", "app_id": 1, "value": '\'a\n"b", c'},
]


def test_json_comes_back_as_it_was() -> None:
    """One row per line."""
    content = written(ROWS, "json")
    assert content.count(b"\n") == len(ROWS) + 2
    assert list(read(content)) == [Row(number, row) for number, row in enumerate(ROWS, 1)]


def test_csv_comes_back_the_same() -> None:
    """Strings and lists unchanged, other values as strings; no cell is a formula for spreadsheets."""
    content = written(ROWS, "csv")
    found = list(read(content))
    assert [cells(row.fields) for row in found] == [cells(row) for row in ROWS]
    assert found[0].fields["domains"] == ["a.example", "b.example"]
    assert found[0].fields["app"] == "=Fleet"
    assert (found[2].fields["value"], found[2].fields["remark"]) == ("true", "-1+2")
    assert found[3].fields["value"] == '\'a\n"b", c'
    assert b"'=Fleet" in content
    assert [row.line for row in found] == [2, 3, 4, 6]


def test_columns_come_in_any_order() -> None:
    """Case and a byte order mark do not matter; empty lines are skipped, short ones padded."""
    content = b"\xef\xbb\xbfValue,KIND\r\nask,note\r\n\r\nask\r\n"
    assert [(row.line, row.fields) for row in read(content)] == [
        (2, {"kind": "note", "value": "ask"}),
        (4, {"value": "ask"}),
    ]


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_spreadsheet_may_have_saved_the_file(form: str, delimiter: str) -> None:
    """It may have the separators of various locales, and be UTF-16, which it calls Unicode text."""
    lines = ["kind,app,value", "note,Box,Ask Jürgen; he knows"]
    text = "\r\n".join(line.replace(",", delimiter) for line in lines)
    quoted = text.replace("Ask Jürgen; he knows", '"Ask Jürgen; he knows"')
    assert [row.fields for row in read(quoted.encode(form))] == [
        {"kind": "note", "app": "Box", "value": "Ask Jürgen; he knows"}
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfea", "the file is not UTF-16"),
        (b"\xff", "the file is not UTF-8: byte 0"),
        (b"", "the first line must name the columns"),
        (b"app,key\n", "the first line must name the columns"),
        (b"kind,kind\n", "once each"),
        (b"kind,colour\n", "'colour' is none of them"),
        (b"{", "the file is not JSON"),
        (b"[" * 100_000, "the file is not JSON: it is nested too deeply"),
        (b"[]", 'the file is not an overlay: {"opencasb_overlay": 1'),
        (b'{"opencasb_overlay":2,"rows":[]}', "the file is not an overlay"),
        (b'{"opencasb_overlay":1,"rows":{}}', "the file is not an overlay"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, message: str) -> None:
    """The whole file is rejected."""
    with pytest.raises(OverlayFileError) as refused:
        list(read(content))
    assert message in str(refused.value)


def test_a_row_that_cannot_be_read_stops_no_other() -> None:
    """It is reported with its line."""
    rows = list(read(HEADER + b"note,1,,,a,b\r\nnote,1,,,ask\r\n" + b"x" * 200_000 + b"\r\nnote,2,,,ask\r\n"))
    assert [(row.line, row.problem[:16]) for row in rows] == [
        (2, "it has 6 cells, "),
        (3, ""),
        (4, "it cannot be rea"),
        (5, ""),
    ]
    document = {"opencasb_overlay": 1, "rows": [1, {"kind": "note", "colour": 1}, {"kind": "note"}]}
    found = list(read(json.dumps(document).encode()))
    assert [row.problem for row in found] == [
        "an object is expected",
        f"field 'colour' is unknown; allowed: {', '.join(COLUMNS)}",
        "",
    ]


def test_files_have_a_limit_of_bytes_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files with too many bytes are rejected, rows beyond the limit with their line."""
    monkeypatch.setattr(overlay_file, "MOST_ROWS", 2)
    rows = list(read(written(ROWS, "json")))
    assert [bool(row.problem) for row in rows] == [False, False, True]
    assert rows[2].problem == "only 2 rows are read; give the rest in a file of its own"
    monkeypatch.setattr(overlay_file, "LARGEST_FILE", 10)
    with pytest.raises(OverlayFileError, match="the file has 11 bytes; at most 10 are allowed"):
        list(read(b"x" * 11))


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda rest: HEADER + rest))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """No other error is raised."""
    try:
        rows = list(read(content))
    except OverlayFileError:
        return
    assert all(row.line >= 1 for row in rows)


TEXTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)


@given(
    st.lists(
        st.fixed_dictionaries(
            {"kind": st.sampled_from(list(Kind)).map(str), "value": TEXTS, "remark": TEXTS},
            optional={"app_id": st.integers(1, 10**9), "domains": st.lists(TEXTS, min_size=1, max_size=3)},
        ),
        max_size=4,
    ),
    st.sampled_from(["json", "csv"]),
)
def test_what_is_written_is_read(rows: list[dict[str, object]], form: Format) -> None:
    """This holds in both formats, for any strings."""
    assert [cells(row.fields) for row in read(written(rows, form))] == [cells(row) for row in rows]
