"""Text from a log, safe to look at: what is not seen is shown."""

from __future__ import annotations

import unicodedata
from typing import Final

from opencasb.model.written_line import is_name

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, formats such as marks of direction, lone surrogates, line and paragraph separators."""


def visible(text: str) -> str:
    r"""Return ``text`` with hidden characters as escapes: ``\x1b`` for what a terminal obeys, ``\u202e`` and so on.

    The result can be written as UTF-8, and cannot steer a terminal or turn the direction of writing.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(letter) if unicodedata.category(letter) in _HIDDEN else letter for letter in text)


def visible_name(text: str) -> str:
    """Return a name as :func:`visible` does, with the joiners that belong to names as they are."""
    return text if is_name(text) else visible(text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
