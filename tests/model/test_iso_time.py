"""Times as text."""

from __future__ import annotations

from opencasb.model.iso_time import LATEST, iso


def test_a_time_has_milliseconds_and_names_its_zone() -> None:
    """This holds at both ends of the valid range, too."""
    assert iso(1_718_000_123_456) == "2024-06-10T06:15:23.456Z"
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(LATEST) == "9999-12-31T23:59:59.999Z"
