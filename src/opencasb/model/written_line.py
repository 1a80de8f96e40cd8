"""Validate lines written by people (names, organisations, tags), and notes of several lines."""

from __future__ import annotations

import unicodedata
from typing import Final

_NOT_WRITTEN: Final = frozenset({"Cc", "Cs"})
"""Control characters, line ends included, and surrogates."""

_UNHIDING: Final = dict.fromkeys((*map(ord, "\u00a0\u1680\u202f\u205f\u3000\u200c\u200d"), *range(0x2000, 0x200B)))
"""Spaces of any width, as between Japanese names, and the joiners of emoji and of scripts such as Persian."""

_LINES: Final = {ord("\n"): None, ord("\t"): None}

LONGEST_NOTE: Final = 2000
"""In characters."""


def is_written_line(text: str) -> bool:
    """Return whether a text is a single line that every store accepts.

    Allows more than ``str.isprintable``, such as no-break spaces and the joiners in emoji.
    """
    return text.isprintable() or all(unicodedata.category(letter) not in _NOT_WRITTEN for letter in text)


def is_name(text: str) -> bool:
    """Return whether a text is a single line without hidden characters.

    Unlike ``str.isprintable``, it allows the spaces and joiners that people write in names.
    """
    return text.isprintable() or text.translate(_UNHIDING).isprintable()


def checked_note(text: str, field: str) -> str:
    """Return a note of any number of lines. Raises ``ValueError`` that names the field."""
    if len(text) > LONGEST_NOTE:
        raise ValueError(f"{field} may have at most {LONGEST_NOTE} characters; this one has {len(text)}")
    if not is_name(text.translate(_LINES)):
        raise ValueError(f"{field} {text[:100]!r} must be printable")
    return text
