"""Hourly identity maintenance: purge what has expired (identity §7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opencasb.identity.lockout import FAMILIAR
from opencasb.identity.sessions import LONGEST
from opencasb.model.durations import DAY
from opencasb.store.authorization_codes import AuthorizationCodes
from opencasb.store.device_codes import DeviceCodes
from opencasb.store.lockouts import Lockouts
from opencasb.store.refresh_tokens import RefreshTokens
from opencasb.store.revocations import Revocations
from opencasb.store.sessions import Sessions
from opencasb.store.used_assertions import UsedAssertions

if TYPE_CHECKING:
    from opencasb.store.database import Database


def expire(database: Database, now: int) -> dict[str, int]:
    """Purge everything that can no longer affect an answer at ``now`` (ms), in every tenant; return counts by kind.

    Codes and tokens are kept for a day past expiry, so that their reuse is reported as such.
    """
    return {
        "authorization_codes": AuthorizationCodes(database).expire(now - DAY),
        "refresh_tokens": RefreshTokens(database).expire(now - DAY),
        "device_codes": DeviceCodes(database).expire(now - DAY),
        "sessions": Sessions(database).expire(now - LONGEST),
        "sign_in_attempts": Lockouts(database).expire(now - FAMILIAR),
        "used_assertions": UsedAssertions(database).expire(now),
        "revocations": Revocations(database).expire(now),
    }
