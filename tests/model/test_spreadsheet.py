"""Texts for spreadsheets."""

from __future__ import annotations

import pytest

from opencasb.model.spreadsheet import harmless


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1"])
def test_a_formula_stands_behind_an_apostrophe(text: str) -> None:
    """It is then read as text."""
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "plain", "a=1", " =1", "'=1"])
def test_other_texts_stay(text: str) -> None:
    """They may contain a formula character elsewhere."""
    assert harmless(text) == text
