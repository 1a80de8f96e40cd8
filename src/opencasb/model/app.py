"""Apps: what the catalog knows of a cloud app, and apps a tenant defines itself."""

from __future__ import annotations

from typing import Final

import msgspec

UNCLASSIFIED: Final = "SAASDB_CATEGORY_UNCLASSIFIED"
"""Category of an app that no source classifies."""

GENERATIVE_AI: Final = "SAASDB_CATEGORY_GENERATIVE_AI"
"""Our id of the category that the upstream product shows but whose id it does not document."""

TRACKER: Final = "tracker"
"""Flag of an app met as a third party in pages: advertising, measuring."""

PLATFORM: Final = "platform"
"""Flag of an app whose hosts belong to its customers: a content network, object storage, a site builder."""

LOW_EVIDENCE: Final = "low-evidence"
"""Flag of an app in a report whose score rests on few facts."""


LARGEST_APP_ID: Final = 2**31 - 1
"""App numbers are 32-bit integers; a database refuses to look for others."""

FIRST_CUSTOM: Final = 500_000_000
LAST_CUSTOM: Final = 899_999_999
"""Between these number the apps that tenants define themselves, for each tenant apart."""


class App(msgspec.Struct, frozen=True, kw_only=True):
    """A cloud app.

    ``category`` is an id such as ``SAASDB_CATEGORY_CLOUD_STORAGE``; ``domains`` has the main domain first; ``score`` is
    0 (risky) to 10 (safe), or None while too few facts are known; ``listed`` is false for an app outside the catalog.
    ``flags`` are marks for reports: ``tracker`` (met as a third party in pages), ``remote-access``, ``institution`` (a
    school rather than a service), ``software`` (run by many parties under many domains), ``platform``, and in reports
    ``low-evidence`` (the score rests on few facts).
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
        """Tell whether a tenant defines it itself."""
        return FIRST_CUSTOM <= self.app_id <= LAST_CUSTOM


class CustomApp(msgspec.Struct, frozen=True, kw_only=True):
    """An app a tenant defines: hosts below ``domains`` and addresses in ``networks`` (CIDR) are this app."""

    app_id: int
    name: str
    category: str = UNCLASSIFIED
    domains: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    score: int | None = None
    vendor: str | None = None
    notes: str = ""
