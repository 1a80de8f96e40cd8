"""When a credential is warned of: once each within 30, 7 and 1 days of its end, and once when it is over (saas §4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from opencasb.model.derived_id import derived_id
from opencasb.model.durations import DAY
from opencasb.model.notification import Credential, Notice
from opencasb.store.expiring_credentials import ExpiringCredentials

THRESHOLDS: Final = (1, 7, 30)
"""Days before the end."""
OVER: Final = 0
"""The threshold of what ended."""
LATE: Final = 7 * DAY
"""How long (ms) after its end it is still told that something ended: no news of old things after an upgrade."""


class Expiry:
    """Finds what to warn of."""

    def __init__(self, credentials: ExpiringCredentials, clock: Callable[[], int]) -> None:
        self._credentials = credentials
        self._clock = clock

    def due(self, tenant_id: int) -> list[Notice]:
        """Return the notices that hold now, of each credential that of the nearest threshold alone."""
        now = self._clock()
        found = self._credentials.between(tenant_id, now - LATE, now + THRESHOLDS[-1] * DAY)
        return [notice(each, now) for each in found]


def notice(credential: Credential, now: int) -> Notice:
    """Return what to say of a credential at ``now`` (ms), at most 30 days before its end."""
    left = credential.expires - now
    days = OVER if left <= 0 else next(days for days in THRESHOLDS if left <= days * DAY)
    about = (credential.kind, credential.client_id, credential.key_id, days)
    made = derived_id(credential.tenant_id, "credential expiry", *about)
    return Notice(notice_id=made, credential=credential, days=days, made=now)
