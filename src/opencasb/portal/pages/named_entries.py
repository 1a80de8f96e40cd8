"""Names for the ids in entries of the audit log, as far as what they name still exists."""

from __future__ import annotations

from typing import Final

from opencasb.model.id_forms import is_guid
from opencasb.portal.visit import Visit
from opencasb.store.audit_log import AuditEntry

_ABOUT_APPS: Final = ("app_tag.add", "app_tag.remove", "score.", "catalog.")
"""How the actions begin whose target may be the number of a cloud app."""
_DIGITS: Final = 10
"""Most digits in the number of an app."""


def names_of(visit: Visit, entries: list[AuditEntry]) -> dict[str, str]:
    """Return the names of applications and users by their ids, which entries have as actor, target or detail."""
    texts = {text for each in entries for text in (each.actor, each.target, each.details.get("user_id"))}
    found = {text: _name(visit, text) for text in texts if isinstance(text, str) and is_guid(text)}
    return {text: name for text, name in found.items() if name}


def app_names_of(visit: Visit, entries: list[AuditEntry]) -> dict[str, str]:
    """Return the names of the cloud apps that entries are about, by entry id."""
    numbers = {each.entry_id: int(each.target) for each in entries if _is_about_app(each)}
    apps = {number: visit.casb.reports.app(visit.tenant_id, number) for number in set(numbers.values())}
    return {entry_id: app.name for entry_id, number in numbers.items() if (app := apps[number])}


def _is_about_app(entry: AuditEntry) -> bool:
    text = entry.target
    return entry.action.startswith(_ABOUT_APPS) and text.isascii() and text.isdecimal() and len(text) <= _DIGITS


def _name(visit: Visit, text: str) -> str:
    application = visit.casb.identity.applications.get(visit.tenant_id, text)
    user = None if application else visit.casb.users.get(visit.tenant_id, text)
    return application.name if application else user.upn if user else ""
