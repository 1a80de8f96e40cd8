"""Whole-word search in file names (api §10.4)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.filters.field import column
from opencasb.filters.predicate import holds
from opencasb.filters.tree import EVERYTHING
from opencasb.filters.values import Unfit
from opencasb.filters.words import MOST_WORDS, whole_words, words_of

NAME, WORDS = column("name", folded=True), column("words", many=True, folded=True)


@pytest.mark.parametrize(
    ("searched", "name", "expected"),
    [
        ("malware virus", "malware-virus.exe", True),
        ("malware virus", "virus.exe", True),
        ("malware virus", "malwarevirusfile.exe", False),
        ('"malware" "virus"', "virus-malware-file.exe", True),
        ('"malware" "virus"', "malware.exe", False),
        ('"malware" "virus"', "malwarevirusfile.exe", False),
        ('"annual report"', "Annual Report_2024.pdf", True),
        ('"annual report"', "report annual.pdf", False),
        ('"annual report"', "biannual reports.pdf", False),
        ('"2024" plan budget', "budget 2024.xlsx", True),
        ('"2024" plan budget', "notes 2024.xlsx", False),
        ("MALWARE", "a,malware", True),
        ('"open', "open.txt", True),
    ],
)
def test_words_are_alternatives_and_quoted_parts_are_all_there(searched: str, name: str, expected: bool) -> None:
    """Words are separated by commas, dots, hyphens, blanks and underscores."""
    record = {"name": name.lower(), "words": words_of(name)}
    assert holds(whole_words(NAME, WORDS, searched), record) is expected


@given(st.text(st.characters(exclude_characters='\0"', exclude_categories=["Cs"]), max_size=30))
def test_every_word_of_a_name_finds_it(name: str) -> None:
    """Search and store split names the same way."""
    record = {"name": name.lower(), "words": words_of(name)}
    assert all(holds(whole_words(NAME, WORDS, word), record) for word in words_of(name))


def test_a_search_has_limits() -> None:
    """An empty search matches every name; too many words are an error."""
    assert whole_words(NAME, WORDS, ' . ""') == EVERYTHING
    with pytest.raises(Unfit, match=f"at most {MOST_WORDS} words"):
        whole_words(NAME, WORDS, "a " * (MOST_WORDS + 1))
