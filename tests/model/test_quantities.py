"""Numbers for display."""

from __future__ import annotations

import pytest

from opencasb.model.quantities import bytes_text, count_text, counted


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (9_949, "9.9 kB"),
        (9_951, "10 kB"),
        (740_200, "740 kB"),
        (999_499, "999 kB"),
        (999_600, "1.0 MB"),
        (1_530_000_000, "1.5 GB"),
        (2**63, "9.2 EB"),
        (10**22, "10000 EB"),
    ],
)
def test_sizes_have_three_digits_at_most(value: int, text: str) -> None:
    """Larger numbers use larger units; with the largest unit the number grows."""
    assert bytes_text(value) == text


def test_counts_have_separators() -> None:
    """Thousands are separated."""
    assert (count_text(0), count_text(1234567)) == ("0", "1,234,567")


def test_one_thing_is_told_in_the_singular() -> None:
    """All other numbers use the plural, even 0."""
    assert [counted(number, "app") for number in (0, 1, 1200)] == ["0 apps", "1 app", "1,200 apps"]
    assert [counted(number, "entry") for number in (1, 2)] == ["1 entry", "2 entries"]
