"""What may stand in a line."""

from __future__ import annotations

import pytest

from opencasb.model.written_line import is_written_line


@pytest.mark.parametrize("text", ["", "Lisbon HQ", "a\u00a0b", "\U0001f468\u200d\U0001f469", "\u05d0\u200fb", "\u0378"])
def test_what_people_write(text: str) -> None:
    """Spaces that do not break, what joins letters, and characters that are newer than this Python."""
    assert is_written_line(text)


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "\0", "\x1b[2J", "\x85", "\ud83d"])
def test_what_is_no_line(text: str) -> None:
    """Controls, line ends, and half a character."""
    assert not is_written_line(text)
