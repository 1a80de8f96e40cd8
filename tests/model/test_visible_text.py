"""Log text, safe for display."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.visible_text import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 漢", "plain ü 漢"),
        ("a\x1b[31mb", r"a\x1b[31mb"),
        ("\x9b31m", r"\x9b31m"),
        ("gnp.\u202eexe", r"gnp.\u202eexe"),
        ("a\u200bb\r\n\t", r"a\u200bb\r\n\t"),
        ("a\u2028b", r"a\u2028b"),
        ("\ud800", r"\ud800"),
        ("a\u00a0b", "a\u00a0b"),
        ("", ""),
    ],
)
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    """Control, direction and zero-width characters can neither disguise a name nor control a terminal."""
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_what_is_shown_can_be_written_on_one_line(text: str) -> None:
    """The result for any text is UTF-8, one line, and unchanged when repeated."""
    shown = visible(text)
    assert shown.encode().decode() == visible(shown)
    assert len(shown.splitlines()) <= 1
    assert not any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in shown)
