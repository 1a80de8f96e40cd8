"""What is thought of a domain outside the catalog."""

from __future__ import annotations

from typing import Final

import msgspec

FIRST_UNLISTED: Final = 1_000_000_000
"""From here up number the apps outside the catalog, for each tenant apart."""

LIKELY: Final = 50
"""From this confidence on a domain is called a likely cloud app."""


class Reason(msgspec.Struct, frozen=True):
    """Something that speaks for a cloud app (``points`` above 0) or against it, with its numbers."""

    kind: str
    text: str
    points: int


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A domain's provisional profile: ``confidence`` (0 to 100) that it is a cloud app; the weightiest reason first.

    Sizes in bytes; ``hosts`` are some of those met below the domain.
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
        """Whether it is called a likely cloud app."""
        return self.confidence >= LIKELY
