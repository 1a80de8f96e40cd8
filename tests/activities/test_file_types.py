"""File types by extension."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.activities.file_types import (
    DOCUMENT,
    FOLDER,
    IMAGE,
    LABELS,
    OTHER,
    PRESENTATION,
    SPREADSHEET,
    TEXT,
    extension_of,
    file_type,
    mime_type,
)


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ("docx DOC docm odt odg sxw gdoc pdf rtf boxnote", DOCUMENT),
        ("xlsx xls xlsm ods gsheet sxc", SPREADSHEET),
        ("pptx ppt pptm odp gslides sxi", PRESENTATION),
        ("txt csv html md py log", TEXT),
        ("png JPG heic svg odi", IMAGE),
        ("zip exe mp4 json unknown", OTHER),
    ],
)
def test_types_follow_from_extensions(extensions: str, expected: int) -> None:
    """Case does not matter; an extension gives the MIME type."""
    assert {name: file_type(mime_type(name)) for name in extensions.split()} == dict.fromkeys(
        extensions.split(), expected
    )


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("text/plain; charset=utf-8", TEXT),
        ("TEXT/RTF", DOCUMENT),
        ("application/x-pdf", DOCUMENT),
        ("application/vnd.google-apps.folder", FOLDER),
        ("application/vnd.google-apps.photo", IMAGE),
        ("application/vnd.stardivision.calc", SPREADSHEET),
        ("application/vnd.stardivision.impress", PRESENTATION),
        ("application/vnd.stardivision.draw", DOCUMENT),
        ("", OTHER),
    ],
)
def test_types_follow_from_mime_types(mime: str, expected: int) -> None:
    """A MIME type may have no extension."""
    assert file_type(mime) == expected


def test_extensions_are_taken_as_they_are_written() -> None:
    """The text after the last dot, unless the name begins with it."""
    names = ["Plan.XLSX", "a.tar.gz", ".profile", "none", "end.", "x.y z", "x." + "y" * 17]
    assert [extension_of(name) for name in names] == ["XLSX", "gz", "", "", "", "", ""]


@given(st.text())
def test_any_text_has_a_type(text: str) -> None:
    """The type has a name."""
    assert LABELS[file_type(text)]
    assert LABELS[file_type(mime_type(extension_of(text)))]
