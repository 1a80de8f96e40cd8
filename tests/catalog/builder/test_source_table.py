"""The table of sources."""

from __future__ import annotations

from datetime import date

from opencasb.catalog.builder.source_table import CURATED, sources

PERMISSIVE = (
    "CC0",
    "CC BY 3.0",
    "CC BY 4.0",
    "MIT",
    "Apache-2.0",
    "MPL-2.0",
    "BSD-3-Clause",
    "PDDL-1.0",
    "US government work",
)


SHARE_ALIKE = ("CC BY-SA", "EUPL-1.2")


def test_every_source_may_be_merged_and_is_dated() -> None:
    """Core must have no share-alike source, and facts are shown with their age."""
    assert len(sources()) > 10
    for source in sources().values():
        assert source.licence.startswith(PERMISSIVE if source.layer == "core" else SHARE_ALIKE), source.id
        assert date.fromisoformat(source.date)
        assert source.attribution
        assert source.url.startswith("https://")


def test_our_own_reviewed_facts_are_believed_first() -> None:
    """The table's order is the order of belief."""
    assert next(iter(sources())) == CURATED
