"""Rules for categories."""

from __future__ import annotations

import pytest

from opencasb.catalog.builder import category_rules as rules
from opencasb.model.categories import PREFIX


@pytest.mark.parametrize(
    ("section", "category"),
    [
        ("CRM/Sales Tools", "CRM"),
        ("Customer Support/Help Desks", "CUSTOMER_SUPPORT"),
        ("Accounting/Invoicing", "ACCOUNTING_AND_FINANCE"),
        ("Continuous Integration & Delivery", "DEVELOPMENT_TOOLS"),
        ("Text > Chatbots", "GENERATIVE_AI"),
        ("Password Management", "SECURITY"),
        ("Chromatic threads", None),  # "hr" and "ads" are words, not letters
    ],
)
def test_sections_are_read_by_their_words(section: str, category: str | None) -> None:
    """The first matching rule decides."""
    assert rules.of_section(section) == (category and PREFIX + category)


def test_a_section_of_an_ai_list_may_say_no_more_than_ai() -> None:
    """Then the list's own subject decides."""
    assert rules.of_ai_section("Text > Chatbots") is None
    assert rules.of_ai_section("Text > Customer Support") == PREFIX + "CUSTOMER_SUPPORT"


def test_lists_are_known_by_the_longest_prefix() -> None:
    """A regional suffix has no effect; an unknown list has no category."""
    assert rules.of_list("category-ai-!cn") == PREFIX + "GENERATIVE_AI"
    assert rules.of_list("category-tech-media-ru") == PREFIX + "NEWS_AND_ENTERTAINMENT"
    assert rules.of_list("category-porn") is None


def test_the_first_word_that_means_something_decides() -> None:
    """Words without a meaning are skipped."""
    assert rules.first_mapped("twofactorauth", ["other", "backup"]) == PREFIX + "CLOUD_STORAGE"
    assert rules.first_mapped("twofactorauth", ["other"]) is None
