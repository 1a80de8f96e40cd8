"""Make text from logs safe to display by escaping invisible characters."""

from __future__ import annotations

import unicodedata
from typing import Final

from opencasb.model.written_line import is_name

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Control and format characters (such as direction marks), lone surrogates, line and paragraph separators."""


def visible(text: str) -> str:
    r"""Return ``text`` with hidden characters escaped: ``\x1b``, which terminals obey, ``\u202e`` and so on.

    The result can be encoded as UTF-8, and can neither control a terminal nor reverse the writing direction.
    """
    if text.isprintable():
        return text
    return "".join(_escaped(letter) if unicodedata.category(letter) in _HIDDEN else letter for letter in text)


def visible_name(text: str) -> str:
    """Return a name as :func:`visible` does, but keep the joiners that belong in names."""
    return text if is_name(text) else visible(text)


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
