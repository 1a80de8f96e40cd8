"""Sensitive categories by file name."""

from __future__ import annotations

from opencasb.activities.sensitive_names import categories_of, sensitive_words
from opencasb.filters.words import words_of


def test_words_tell_of_categories() -> None:
    """Whole words and extensions match, in any case; parts of words do not."""
    assert categories_of(words_of("Payroll-Confidential.PEM")) == ["Credentials", "Human resources", "Marked"]
    assert categories_of(words_of("repassword.txt")) == []


def test_every_word_is_as_the_words_of_names_are_stored() -> None:
    """Otherwise it would never match."""
    assert all(words_of(word) == [word] for word in sensitive_words())
