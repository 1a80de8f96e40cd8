"""Event categories: API name, display name and the activity class that detections use (connectors §4)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from opencasb.activities.data_files import table

PREFIX: Final = "EVENT_CATEGORY_"
UNSPECIFIED: Final = "EVENT_CATEGORY_UNSPECIFIED"

SIGN_INS: Final = frozenset({"login", "failed_login"})
READS: Final = frozenset({"view", "download"})

_OF_CLASS: Final = {
    "login": "LOGIN",
    "failed_login": "FAILED_LOGIN",
    "logout": "LOGOUT",
    "view": "VIEW_OBJECT",
    "download": "DOWNLOAD_FILE",
    "upload": "UPLOAD_FILE",
    "modify": "UPDATE_OBJECT",
    "rename": "RENAME_FILE",
    "delete": "DELETE_OBJECT",
    "share": "SHARE_FILE",
    "unshare": "UNSHARE_FILE",
    "report_share": "SHARE_REPORT",
    "mail_delete": "PURGE_MESSAGES_FROM_THE_MAILBOX",
    "mail_rule": "UPDATE_INBOX_RULES",
    "consent": "GRANT_CONSENT_FOR_THIRD_PARTY_APPLICATION",
    "delete_user": "DELETE_USER",
    "restore_user": "RESTORE_USER",
    "audit_change": "CHANGE_AUDIT_SETTINGS",
    "vm_create": "CREATE_VM",
    "vm_delete": "DELETE_VM",
    "resource_create": "CREATE_OBJECT",
    "storage_delete": "DELETE_STORAGE",
}
"""The minimum category that a class implies; *admin_change*, *impersonation* and *other* imply none."""

_WELL_FORMED: Final = re.compile(rf"{PREFIX}[A-Z][A-Z0-9_]{{0,99}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Category:
    """A category. ``administrative_class`` is its class for administrative activities; ``aliases`` are other names."""

    name: str
    display_name: str
    activity_class: str
    administrative_class: str
    aliases: tuple[str, ...] = ()

    def class_of(self, *, is_admin: bool) -> str:
        """Return the activity class."""
        return self.administrative_class if is_admin else self.activity_class


@cache
def categories() -> dict[str, Category]:
    """Return the product's categories by name."""
    found = (
        Category(
            name=PREFIX + row["category"],
            display_name=row["display_name"],
            activity_class=row["activity_class"],
            administrative_class=row["administrative_class"] or row["activity_class"],
            aliases=tuple(PREFIX + alias for alias in row["aliases"].split()),
        )
        for row in table("categories.csv")
    )
    return {category.name: category for category in found}


def of_class(activity_class: str | None) -> str:
    """Return the category of an activity of which only the class is known; *unspecified* if the class implies none."""
    return PREFIX + _OF_CLASS[activity_class] if activity_class in _OF_CLASS else UNSPECIFIED


@cache
def activity_classes() -> tuple[str, ...]:
    """Return all activity classes, sorted."""
    return tuple(
        sorted({name for each in categories().values() for name in (each.activity_class, each.administrative_class)})
    )


def category(name: str) -> Category | None:
    """Return the category with this name, or None.

    A well-formed name that the product does not know is accepted as a category of class *other*, because the upstream
    product has more categories than are documented here.
    """
    canonical_name = canonical(name)
    known = categories().get(canonical_name)
    if known is not None or not _WELL_FORMED.fullmatch(canonical_name):
        return known
    words = canonical_name.removeprefix(PREFIX).replace("_", " ").strip().capitalize()
    return Category(canonical_name, words, "other", "other")


def canonical(text: str) -> str:
    """Return the category name that ``text`` refers to.

    ``text`` may be the name, an alias, either of them without the prefix, or the display name, in any case. Anything
    else is returned unchanged.
    """
    given = text.strip()
    return _names().get(given.lower(), given)


@cache
def _names() -> dict[str, str]:
    found: dict[str, str] = {}
    for each in categories().values():
        for name in (each.name, *each.aliases):
            found[name.lower()] = found[name.removeprefix(PREFIX).lower()] = each.name
        found[each.display_name.lower()] = each.name
    return found
