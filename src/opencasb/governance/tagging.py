"""Tagging apps by the rules, and noting it in the governance log (portal §5)."""

from __future__ import annotations

import re
from typing import Final

from opencasb.model.app import App, CustomApp
from opencasb.store.governance import GovernanceLog
from opencasb.store.tags import UNSANCTIONED, TagError, Tags

TASK: Final = "DiscoveryTagAppTask"
ADDED: Final = "DISCOVERY_APP_TAG_ADDED"
REMOVED: Final = "DISCOVERY_APP_TAG_REMOVED"

UNBLOCKABLE: Final = frozenset(
    {
        "ad fs help",
        "cloud app security",
        "conditional access app control",
        "defender",
        "defender for cloud apps",
        "defender for identity",
        "defender security center",
        "defender xdr",
        "entra id",
        "entra permissions management",
        "intune",
        "online services",
        "permissions management",
        "purview",
        "secure score",
        "security center",
        "support",
    }
)
"""The vendor's own services that cannot be unsanctioned, by name in lower case without the vendor's.

Documented but for Defender and Entra ID, apps of our catalog: without the latter nobody could sign in.
"""

_VENDOR: Final = re.compile(r"(microsoft|azure)\s+(microsoft\s+)?", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\s*\(.*\)")


def unblockable(name: str) -> bool:
    """Tell whether blocking the app of this name would cut off the vendor's security, identity or support.

    A name counts only with the vendor's in front, but for AD FS Help: an app that is called ``Support`` is anybody's.
    """
    plain = _BRACKETS.sub("", name).strip().casefold()
    vendor = _VENDOR.match(plain)
    return plain == "ad fs help" or (vendor is not None and plain[vendor.end() :] in UNBLOCKABLE)


class Tagging:
    """Gives and takes tags; the tag repository below it audits each change, this notes it in the governance log."""

    def __init__(self, tags: Tags, governance_log: GovernanceLog) -> None:
        self._tags = tags
        self._log = governance_log

    def add(self, tenant_id: int, app: App | CustomApp, name: str, *, by: str) -> bool:
        """Give ``app`` a tag; tells whether it did not have it yet. Raises :class:`TagError`."""
        if name.strip().casefold() == UNSANCTIONED.casefold() and unblockable(app.name):
            raise TagError(f"app {app.name!r} is needed for security, identity or support and cannot be {UNSANCTIONED}")
        added = self._tags.add(tenant_id, app.app_id, name, by=by)
        if added:
            self._note(tenant_id, app, ADDED, name.strip(), by)
        return added

    def remove(self, tenant_id: int, app: App | CustomApp, name: str, *, by: str) -> bool:
        """Take a tag from ``app``; tells whether it had it. Raises :class:`TagError`."""
        removed = self._tags.remove(tenant_id, app.app_id, name, by=by)
        if removed:
            self._note(tenant_id, app, REMOVED, name.strip(), by)
        return removed

    def _note(self, tenant_id: int, app: App | CustomApp, template: str, tag: str, by: str) -> None:
        self._log.completed(
            tenant_id,
            TASK,
            template=template,
            parameters={"appId": app.app_id, "appName": app.name, "tagName": tag},
            app_id=app.app_id,
            created_by=by,
            label=app.name,
        )
