"""Expiry warnings for credentials: once each within 30, 7 and 1 days of expiry, and once after it (saas §4)."""

from __future__ import annotations

from typing import Final

from opencasb.model.derived_id import derived_id
from opencasb.model.durations import DAY
from opencasb.model.notification import Credential, Notice
from opencasb.store.expiring_credentials import ExpiringCredentials

THRESHOLDS: Final = (1, 7, 30)
"""Days before expiry."""
OVER: Final = 0
"""The threshold of an expired credential."""
LATE: Final = 7 * DAY
"""How long (ms) after expiry a notice is still sent, so that an upgrade does not report old expiries."""


def due(credentials: ExpiringCredentials, tenant_id: int, now: int) -> list[Notice]:
    """Return the notices due at ``now`` (ms): for each credential, that of the nearest threshold only."""
    found = credentials.between(tenant_id, now - LATE, now + THRESHOLDS[-1] * DAY)
    return [notice(each, now) for each in found]


def notice(credential: Credential, now: int) -> Notice:
    """Return the notice for a credential at ``now`` (ms), at most 30 days before it expires."""
    left = credential.expires - now
    days = OVER if left <= 0 else next(days for days in THRESHOLDS if left <= days * DAY)
    about = (credential.kind, credential.client_id, credential.key_id, days)
    made = derived_id(credential.tenant_id, "credential expiry", *about)
    return Notice(notice_id=made, credential=credential, days=days, made=now)
