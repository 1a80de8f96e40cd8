"""Tag apps according to the rules, and record it in the governance log (portal §5)."""

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
"""The vendor's own services that cannot be unsanctioned, by lower-case name without the vendor prefix.

All as documented, except Defender and Entra ID, which are apps of our catalog: without the latter nobody could sign in.
"""

_VENDOR: Final = re.compile(r"(microsoft|azure)\s+(microsoft\s+)?", re.IGNORECASE)
_BRACKETS: Final = re.compile(r"\s*\(.*\)")


def unblockable(name: str) -> bool:
    """Return whether blocking the app of this name would cut off the vendor's security, identity or support.

    Except for AD FS Help, a name counts only with the vendor prefix: an app called ``Support`` could be anybody's.
    """
    plain = _BRACKETS.sub("", name).strip().casefold()
    vendor = _VENDOR.match(plain)
    return plain == "ad fs help" or (vendor is not None and plain[vendor.end() :] in UNBLOCKABLE)


class Tagging:
    """Adds and removes tags; the tag repository audits each change, this class records it in the governance log."""

    def __init__(self, tags: Tags, governance_log: GovernanceLog) -> None:
        self._tags = tags
        self._log = governance_log

    def add(self, tenant_id: int, app: App | CustomApp, name: str, *, by: str) -> bool:
        """Tag ``app``; return whether the tag is new to it. Raises :class:`TagError`."""
        if name.strip().casefold() == UNSANCTIONED.casefold() and unblockable(app.name):
            raise TagError(f"app {app.name!r} is needed for security, identity or support and cannot be {UNSANCTIONED}")
        added = self._tags.add(tenant_id, app.app_id, name, by=by)
        if added:
            self._note(tenant_id, app, ADDED, name.strip(), by)
        return added

    def remove(self, tenant_id: int, app: App | CustomApp, name: str, *, by: str) -> bool:
        """Remove a tag from ``app``; return whether it had it. Raises :class:`TagError`."""
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
