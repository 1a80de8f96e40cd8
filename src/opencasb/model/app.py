"""Cloud apps as the catalog knows them, and custom apps that a tenant defines."""

from __future__ import annotations

from typing import Final

import msgspec

UNCLASSIFIED: Final = "SAASDB_CATEGORY_UNCLASSIFIED"
"""The category of an app that no source classifies."""

GENERATIVE_AI: Final = "SAASDB_CATEGORY_GENERATIVE_AI"
"""Our id for a category that the upstream product shows without documenting its id."""

TRACKER: Final = "tracker"
"""Flag of an app embedded in pages as a third party, such as for advertising or analytics."""

PLATFORM: Final = "platform"
"""Flag of an app whose hosts belong to its customers: a CDN, object storage, a site builder."""

LOW_EVIDENCE: Final = "low-evidence"
"""Flag of an app in a report whose score rests on few facts."""


LARGEST_APP_ID: Final = 2**31 - 1
"""App numbers are 32-bit integers; databases refuse to search for larger ones."""

FIRST_CUSTOM: Final = 500_000_000
LAST_CUSTOM: Final = 899_999_999
"""The range of numbers for custom apps, allocated per tenant."""


class App(msgspec.Struct, frozen=True, kw_only=True):
    """A cloud app.

    ``category`` is an id such as ``SAASDB_CATEGORY_CLOUD_STORAGE``; ``domains`` lists the main domain first; ``score``
    is 0 (risky) to 10 (safe), or None if too few facts are known; ``listed`` is false for an app outside the catalog.
    ``flags`` are markers for reports: ``tracker`` (embedded in pages as a third party), ``remote-access``,
    ``institution`` (a school rather than a service), ``software`` (run by many parties under many domains),
    ``platform``, and in reports ``low-evidence`` (the score rests on few facts).
    """

    app_id: int
    name: str
    category: str
    domains: tuple[str, ...] = ()
    score: int | None = None
    listed: bool = True
    vendor: str | None = None
    flags: frozenset[str] = frozenset()

    @property
    def is_custom(self) -> bool:
        """Return whether this is a custom app."""
        return FIRST_CUSTOM <= self.app_id <= LAST_CUSTOM


class CustomApp(msgspec.Struct, frozen=True, kw_only=True):
    """A custom app: it covers hosts under ``domains`` and addresses in ``networks`` (CIDR)."""

    app_id: int
    name: str
    category: str = UNCLASSIFIED
    domains: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    score: int | None = None
    vendor: str | None = None
    notes: str = ""
