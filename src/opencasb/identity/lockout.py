"""Smart lockout: slows down password guessing without locking people out of their own account (identity §12)."""

from __future__ import annotations

import hmac
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from opencasb.identity.pepper import Pepper
from opencasb.identity.throttle import counted
from opencasb.model.durations import DAY, MINUTE
from opencasb.store.lockouts import Failures, Lockouts

ACCOUNT_FAILURES: Final = 10
"""Consecutive wrong passwords that lock an account."""
ADDRESS_FAILURES: Final = 100
"""Failures that lock an address; higher, because many people may share one."""
FIRST_LOCK: Final = MINUTE
"""How long (ms) the first lock lasts; each further failure doubles it, up to a day."""
FAMILIAR: Final = 30 * DAY
"""How long (ms) an address stays familiar to an account."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in attempt; names are case-insensitive, and the account need not exist."""

    tenant_id: int
    upn: str
    password: str = field(repr=False)
    address: str


class Lockout:
    """Counts failures by account and by address.

    An address from which the account signed in recently has a separate count, so a stranger guessing from elsewhere
    locks out only strangers. Repeating the same wrong password does not count as a new guess.
    """

    def __init__(self, repository: Lockouts, pepper: Pepper, clock: Callable[[], int]) -> None:
        self._repository = repository
        self._pepper = pepper
        self._clock = clock
        self._lock = threading.Lock()

    def wait(self, attempt: Attempt) -> int | None:
        """Return for how many seconds the account or the address is still locked, or None."""
        tenant_id, now = attempt.tenant_id, self._clock()
        until = max(self._repository.failures(tenant_id, each).locked_until for each, _ in self._counts(attempt))
        return math.ceil((until - now) / 1000) if until > now else None

    def failed(self, attempt: Attempt) -> None:
        """Count a wrong password."""
        digest = self._pepper.digest("tried password", f"{attempt.upn.lower()}\0{attempt.password}")
        with self._lock:  # otherwise concurrent guesses would count as one
            for subject, limit in self._counts(attempt):
                before = self._repository.failures(attempt.tenant_id, subject)
                if not hmac.compare_digest(before.last_password, digest):
                    self._repository.keep(attempt.tenant_id, subject, self._one_more(before, limit, digest))

    def passed(self, attempt: Attempt) -> None:
        """Reset the failures of an account that just signed in, and make its address familiar."""
        tenant_id, account = attempt.tenant_id, self._account(attempt)
        [(subject, _), _] = self._counts(attempt)
        if self._repository.failures(tenant_id, subject).failures:
            self._repository.forget(tenant_id, subject)
        self._repository.make_familiar(tenant_id, account, counted(attempt.address)[:45], self._clock())

    def _counts(self, attempt: Attempt) -> tuple[tuple[str, int], tuple[str, int]]:
        account, tenant_id, address = self._account(attempt), attempt.tenant_id, counted(attempt.address)[:45]
        familiar = self._repository.is_familiar(tenant_id, account, address, self._clock() - FAMILIAR)
        who = f"account:{account}:{address}" if familiar else f"account:{account}"
        return (who[:120], ACCOUNT_FAILURES), (f"address:{address}", ADDRESS_FAILURES)

    def _account(self, attempt: Attempt) -> str:
        return self._pepper.digest("account", attempt.upn.strip().lower())

    def _one_more(self, before: Failures, limit: int, digest: str) -> Failures:
        now = self._clock()
        failures = before.failures + 1 if now - before.last_failure < DAY else 1
        over = failures - limit
        locked = min(FIRST_LOCK * 2 ** min(over, 20), DAY) if over >= 0 else 0
        return Failures(failures=failures, last_password=digest, last_failure=now, locked_until=now + locked)
