"""Guard against formula injection in spreadsheets, and read the files that spreadsheets save."""

from __future__ import annotations

import codecs
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""The beginnings of cells that a spreadsheet would evaluate."""

ADVICE: Final = "spreadsheets save it so as 'CSV UTF-8'"
"""For people whose spreadsheet saved a file in their local code page, which the file does not declare."""


def harmless(text: str) -> str:
    """Return a text that is safe in a cell: prefixed with an apostrophe if it begins like a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def text_of(content: bytes) -> str:
    """Decode a file that a spreadsheet may have saved: UTF-8, or UTF-16 with a byte order mark.

    Raises :class:`UnicodeDecodeError`.
    """
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_wide else "utf-8-sig")


def delimiter(text: str) -> str:
    """Return the delimiter of the headings in the first line of a text; headings must not contain it.

    Spreadsheets write semicolons where the locale has a decimal comma, and tabs in UTF-16 text.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)
