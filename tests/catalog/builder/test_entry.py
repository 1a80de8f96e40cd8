"""Entries."""

from __future__ import annotations

from opencasb.catalog.builder.entry import Level, Statement, stated


def test_a_statement_is_made_only_of_a_known_category() -> None:
    """Nothing is stated where nothing is known."""
    assert stated(Level.APP, "A") == (Statement(Level.APP, "A"),)
    assert stated(Level.APP, None) == ()


def test_a_source_about_the_app_is_closer_than_a_directory_of_sites() -> None:
    """The order of levels is the order in which they decide."""
    assert min(Level) is Level.APP
    assert max(Level) is Level.SITE
