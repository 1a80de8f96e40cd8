"""Texts for spreadsheets, which run what begins like a formula, and what they make of the files that they save."""

from __future__ import annotations

import codecs
from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""

ADVICE: Final = "spreadsheets save it so as 'CSV UTF-8'"
"""For people whose spreadsheet saved a file in the code page of their country, which the file does not name."""


def harmless(text: str) -> str:
    """Return a text as it may stand in a cell: behind an apostrophe if it begins like a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def text_of(content: bytes) -> str:
    """Return the text of a file that a spreadsheet may have saved: UTF-8, or UTF-16 with its mark.

    Raises :class:`UnicodeDecodeError`.
    """
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if is_wide else "utf-8-sig")


def delimiter(text: str) -> str:
    """Return what separates the headings, the first line of a text; they have nothing of it in them.

    Spreadsheets write semicolons where numbers have a decimal comma, and tabs in text of UTF-16.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)
