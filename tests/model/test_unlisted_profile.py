"""Profiles of domains outside the catalog."""

from __future__ import annotations

import msgspec

from opencasb.model.unlisted_profile import LIKELY
from tests.discovery.reported import ODD_PROFILE


def test_a_profile_is_likely_from_the_threshold_on() -> None:
    """Below the threshold it is not."""
    assert msgspec.structs.replace(ODD_PROFILE, confidence=LIKELY).is_likely
    assert not msgspec.structs.replace(ODD_PROFILE, confidence=LIKELY - 1).is_likely
