"""Lines as people write them: names, organizations, tags."""

from __future__ import annotations

import unicodedata
from typing import Final

_NOT_WRITTEN: Final = frozenset({"Cc", "Cs"})
"""Controls, line ends among them, and halves of surrogate pairs."""


def is_written_line(text: str) -> bool:
    """Tell whether a text is one line that every store takes.

    More than ``str.isprintable`` lets through is fine: a no-break space, and what joins emoji into one.
    """
    return text.isprintable() or all(unicodedata.category(letter) not in _NOT_WRITTEN for letter in text)
