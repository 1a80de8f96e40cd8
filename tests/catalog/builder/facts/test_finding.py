"""Findings."""

from __future__ import annotations

import pytest

from opencasb.catalog.builder.facts.finding import page


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://a.com/x", "https://a.com/x"),
        (["http://a.com", "http://b.com"], "http://a.com"),
        ("mailto:a@b.com", None),
        ([], None),
        (None, None),
        (True, None),
    ],
)
def test_evidence_is_an_address_or_nothing(given: object, address: str | None) -> None:
    """Sources have one URL, several, or something else."""
    assert page(given) == address
