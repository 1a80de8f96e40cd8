"""Sign-in with a name and a password (identity §8, §12)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from opencasb.identity.errors import OAuthError
from opencasb.identity.lockout import Attempt, Lockout
from opencasb.identity.passwords import verify_password
from opencasb.identity.second_factor import SecondFactorCheck
from opencasb.identity.throttle import LOGGED_REFUSALS_PER_MINUTE, Throttle
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.audit_log import SERVER, AuditLog
from opencasb.store.tenants import Tenants
from opencasb.store.users import Users

CONCURRENT_CHECKS: Final = max(1, (os.cpu_count() or 1) // 2)
"""Concurrent password checks: half of the cores. One takes 0.2 s of a core, and 64 MB."""
QUEUE_TIMEOUT: Final = 5.0
"""Seconds that a sign-in waits for its turn."""
_log = structlog.get_logger(__name__)


@dataclass(eq=False)
class SignIn:
    """Checks names and passwords; a flood of them queues up and does not starve the APIs."""

    _tenants: Tenants
    _users: Users
    _lockout: Lockout
    _second_factors: SecondFactorCheck
    _audit_log: AuditLog
    _turn: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(CONCURRENT_CHECKS), init=False
    )
    _refusals: Throttle = field(default_factory=lambda: Throttle(LOGGED_REFUSALS_PER_MINUTE), init=False)

    def tenant_of(self, upn: str) -> Tenant | None:
        """Return the tenant of a user name at an alias: that of its domain, else the first with such a user.

        The name need not be unique: otherwise any tenant could create a user of that name, and lock out another's.
        """
        found = self._tenants.by_guid_or_domain(upn.strip().rpartition("@")[2])
        if found is not None:
            return found
        numbers = self._users.tenants_of(upn.strip())
        return self._tenants.get(numbers[0]) if numbers else None

    def check(self, tenant: Tenant | None, upn: str, password: str, address: str, *, expired_too: bool = False) -> User:
        """Return the authenticated user: for a guest of the tenant, their home account.

        Unknown names and tenants take as long as wrong passwords and get the same message. Raises 50126 (wrong),
        50053 (locked), 90055 (too many at once), and only after the right password 50057 (disabled), 50020 (of another
        tenant, and no guest) and, unless ``expired_too``, 50055 (password expired).
        """
        attempt = Attempt(self._home(tenant, upn), upn, password, address)
        try:
            user = self._checked(attempt)
            if tenant is not None and self._is_outsider(tenant, user):
                raise OAuthError(50020, "The account belongs to another tenant, and is not a guest of this one.")
            if user.password_expired and not expired_too:
                raise OAuthError(50055, "The password has expired: another one has to be chosen, on a page.")
        except OAuthError as refusal:
            self._log("sign_in.refuse", attempt, code=refusal.code)
            raise
        self._log("sign_in.pass", attempt)
        return user

    def check_key(self, user: User, ticket: str, answer: str, address: str) -> None:
        """Check the answer of one of the user's security keys; failures count like wrong passwords.

        Raises 50126 and 50053.
        """
        attempt = Attempt(user.tenant_id, user.upn, answer, address)
        right = partial(self._second_factors.keys.check, user, ticket, answer)
        self._check_second(attempt, right, "The key did not answer as it should. Sign in again.")

    def check_enrolment(self, user: User, ticket: str, code: str, address: str) -> None:
        """Activate the app offered in a ticket with its first code; raises what :meth:`check_code` does."""
        attempt = Attempt(user.tenant_id, user.upn, self._second_factors.guess(code), address)
        right = partial(self._second_factors.enrol, user, ticket, code, by=user.upn)
        self._check_second(attempt, right, "The code is wrong. Wait for the next one.")

    def check_code(self, user: User, code: str, address: str) -> None:
        """Check a code of the user's authenticator app; failures count like wrong passwords. Raises 50126 and 50053."""
        attempt = Attempt(user.tenant_id, user.upn, self._second_factors.guess(code), address)
        right = partial(self._second_factors.check, user, code)
        self._check_second(attempt, right, "The code is wrong. Wait for the next one.")

    def _check_second(self, attempt: Attempt, is_right: Callable[[], bool], wrong: str) -> None:
        if seconds := self._lockout.wait(attempt):
            raise OAuthError(50053, "The account is locked after too many wrong codes.", retry_after=seconds)
        if not is_right():
            self._lockout.failed(attempt)
            self._log("sign_in.refuse", attempt, code=50126)
            raise OAuthError(50126, wrong)
        self._lockout.passed(attempt)
        self._log("sign_in.second_factor", attempt)

    def _checked(self, attempt: Attempt) -> User:
        if seconds := self._lockout.wait(attempt):
            text = "The account or the address is locked after too many wrong passwords. Try again later."
            raise OAuthError(50053, text, retry_after=seconds)
        tenant_id = attempt.tenant_id
        user = self._users.by_upn(tenant_id, attempt.upn.strip())
        stored = None if user is None else self._users.password_hash(tenant_id, user.user_id)
        if not self._is_right(attempt.password, stored) or user is None:
            self._lockout.failed(attempt)
            raise OAuthError(50126, "The user name or the password is wrong.")
        if not user.active:
            raise OAuthError(50057, "The account of the user is disabled.")
        if not self._second_factors.is_required(user):  # otherwise each right password would reset wrong codes
            self._lockout.passed(attempt)
        return user

    def _home(self, tenant: Tenant | None, upn: str) -> int:
        """Return the id of the tenant that holds the password of a name, which may be unknown."""
        if tenant is None:
            return SERVER
        user = self._users.by_upn(tenant.tenant_id, upn.strip())
        if user is None:
            return (self.tenant_of(upn) or tenant).tenant_id
        return tenant.tenant_id if user.home_tenant_id is None else user.home_tenant_id

    def _is_outsider(self, tenant: Tenant, user: User) -> bool:
        return user.tenant_id != tenant.tenant_id and self._users.by_upn(tenant.tenant_id, user.upn) is None

    def _is_right(self, password: str, stored: str | None) -> bool:
        if not self._turn.acquire(timeout=QUEUE_TIMEOUT):
            raise OAuthError(90055, "Too many sign-ins at the moment. Try again.", retry_after=5)
        try:
            return verify_password(password, stored)
        finally:
            self._turn.release()

    def _log(self, action: str, attempt: Attempt, **facts: object) -> None:
        name = "".join(letter if letter.isprintable() else "?" for letter in attempt.upn[:100])
        if action == "sign_in.refuse" and self._refusals.count(attempt.address):
            _log.warning(action, tenant_id=attempt.tenant_id, target=name, address=attempt.address, **facts)
            return
        self._audit_log.add(attempt.tenant_id, action, by=name, target=name, address=attempt.address, **facts)
