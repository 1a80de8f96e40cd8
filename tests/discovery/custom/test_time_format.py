"""Time formats allowed in definitions."""

from __future__ import annotations

import pytest

from opencasb.discovery.custom.time_format import is_zoned, percent_pattern


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S"),
        ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S%.f"),
        ("dd/MM/yyyy HH:mm:ss", "%d/%m/%Y %H:%M:%S"),
        ("d/M/yyyy HH:mm:ss a", "%d/%m/%Y %I:%M:%S %p"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "%Y-%m-%dT%H:%M:%S.%3f%:z"),
        ("dd MMM yyyy 'o''clock' HH:mm", "%d %b %Y o'clock %H:%M"),
    ],
)
def test_time_formats_of_java_are_converted(written: str, pattern: str) -> None:
    """Java letters are converted to percent signs."""
    assert percent_pattern(written) == pattern


@pytest.mark.parametrize("written", ["", "yyyy", "%H:%M", "MMM d HH:mm:ss", "hh:mm dd/MM/yyyy", "%Q", "%", "z", "qq"])
def test_what_gives_no_moment_is_refused(written: str) -> None:
    """Formats without a year, date or clock, or with unknown letters, are rejected."""
    with pytest.raises(ValueError, match=r"no moment|not part of a time"):
        percent_pattern(written)


def test_zones() -> None:
    """A pattern determines whether times include a zone."""
    assert is_zoned("%Y %:z")
    assert not is_zoned("%Y")
