"""Provisional profiles of domains outside the catalog."""

from __future__ import annotations

from typing import Final

import msgspec

FIRST_UNLISTED: Final = 1_000_000_000
"""App numbers from here up belong to domains outside the catalog, allocated per tenant."""

LIKELY: Final = 50
"""The minimum confidence for a domain to be called a likely cloud app."""


class Reason(msgspec.Struct, frozen=True):
    """Evidence for (``points`` above 0) or against a cloud app, with its numbers."""

    kind: str
    text: str
    points: int


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The provisional profile of a domain: ``confidence`` (0 to 100) that it is a cloud app, and the reasons.

    Reasons are sorted by weight, sizes are in bytes, and ``hosts`` are some of those seen under the domain.
    """

    app_id: int
    domain: str
    confidence: int
    users: int
    days: int
    uploaded_bytes: int
    total_bytes: int
    reasons: tuple[Reason, ...]
    hosts: tuple[str, ...]

    @property
    def is_likely(self) -> bool:
        """Whether the domain is called a likely cloud app."""
        return self.confidence >= LIKELY
