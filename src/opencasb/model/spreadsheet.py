"""Texts for spreadsheets, which run what begins like a formula: much of what we write came from outside."""

from __future__ import annotations

from typing import Final

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would run."""


def harmless(text: str) -> str:
    """Return a text as it may stand in a cell: behind an apostrophe if it begins like a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
