"""Lines as people write them: names, organizations, tags."""

from __future__ import annotations

import unicodedata
from typing import Final

_NOT_WRITTEN: Final = frozenset({"Cc", "Cs"})
"""Controls, line ends among them, and halves of surrogate pairs."""

_UNHIDING: Final = dict.fromkeys((*map(ord, "\u00a0\u1680\u202f\u205f\u3000\u200c\u200d"), *range(0x2000, 0x200B)))
"""Spaces of every width, such as between Japanese names, and the joiners of emoji and of scripts such as Persian."""


def is_written_line(text: str) -> bool:
    """Tell whether a text is one line that every store takes.

    More than ``str.isprintable`` lets through is fine: a no-break space, and what joins emoji into one.
    """
    return text.isprintable() or all(unicodedata.category(letter) not in _NOT_WRITTEN for letter in text)


def is_name(text: str) -> bool:
    """Tell whether a text is one line in which nothing is hidden, as people go by it.

    More than ``str.isprintable`` lets through are the spaces and joiners that people write in names.
    """
    return text.isprintable() or text.translate(_UNHIDING).isprintable()
