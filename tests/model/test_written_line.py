"""Valid characters of a line."""

from __future__ import annotations

import pytest

from opencasb.model.written_line import is_name, is_written_line


@pytest.mark.parametrize("text", ["", "Lisbon HQ", "a\u00a0b", "\U0001f468\u200d\U0001f469", "\u05d0\u200fb", "\u0378"])
def test_what_people_write(text: str) -> None:
    """Non-breaking spaces, joiners, and characters newer than this Python."""
    assert is_written_line(text)


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "\0", "\x1b[2J", "\x85", "\ud83d"])
def test_what_is_no_line(text: str) -> None:
    """Control characters, line ends, and lone surrogates."""
    assert not is_written_line(text)


NAMES = ["山田\u3000太郎", "\u0639\u0644\u06cc\u200c\u0631\u0636\u0627", "\U0001f469\u200d\U0001f4bb", "a\u00a0b"]


@pytest.mark.parametrize("text", NAMES)
def test_names_have_spaces_and_joiners(text: str) -> None:
    """Japanese, Persian and emoji need them, and word processors write them."""
    assert is_name(text)


@pytest.mark.parametrize("text", ["a\nb", "a\x1b[2J", "\u202etxt.exe", "x\u200by", "\ufeffx", "a\u2028b", "\ud83d"])
def test_nothing_is_hidden_in_names(text: str) -> None:
    """Control characters, direction overrides, line ends and invisible characters are rejected."""
    assert not is_name(text)
