"""Descriptions of formats: one for each source type, and the generated page."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from opencasb.discovery.formats.about import about, about_formats
from opencasb.discovery.recognise import source_names

ROOT = Path(__file__).parents[3]


def test_every_source_type_is_described_once() -> None:
    """There is none for a source type without a parser."""
    described = [source for each in about_formats() for source in each.sources]
    assert sorted(described) == list(source_names())
    assert about("SQUID_NATIVE") is about("SQUID")
    assert about("NONE_OF_OURS") is None


def test_evidence_is_one_of_three() -> None:
    """Several values where the source types of a row differ."""
    evidence = {word for each in about_formats() for word in each.evidence.split(", ")}
    assert evidence == {"real", "documented", "uncertain"}


@pytest.mark.slow
def test_the_page_has_the_present_table() -> None:
    """It equals what ``make docs`` writes."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        from generate_docs import with_formats  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    page = (ROOT / "docs/log-formats.md").read_text(encoding="utf-8")
    assert with_formats(page) == page
