"""Signing in with a name and a password (identity §8, §12)."""

from __future__ import annotations

import threading
from typing import Final

from opencasb.identity.errors import OAuthError
from opencasb.identity.passwords import verify_password
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.store.users import Users

AT_ONCE: Final = 2
"""Passwords that are checked at the same time; one takes a core for 50 ms and 64 MB."""
PATIENCE: Final = 5.0
"""Seconds that a sign-in waits for its turn."""


class SignIn:
    """Checks names and passwords; a flood of them waits in a line and does not starve the APIs."""

    def __init__(self, users: Users) -> None:
        self._users = users
        self._turn = threading.BoundedSemaphore(AT_ONCE)

    def check(self, tenant: Tenant, upn: str, password: str, address: str) -> User:  # noqa: ARG002
        """Return the user. Unknown names take as long as wrong passwords, and are told the same.

        Raises 50126 (wrong), 50057 (disabled; only after the right password), 90055 (too many at once).
        """
        user = self._users.by_upn(tenant.tenant_id, upn.strip())
        stored = None if user is None else self._users.password_hash(tenant.tenant_id, user.user_id)
        if not self._right(password, stored) or user is None:
            raise OAuthError(50126, "The user name or the password is wrong.")
        if not user.active:
            raise OAuthError(50057, "The account of the user is disabled.")
        return user

    def _right(self, password: str, stored: str | None) -> bool:
        if not self._turn.acquire(timeout=PATIENCE):
            raise OAuthError(90055, "Too many people sign in at the moment. Try again.", retry_after=5)
        try:
            return verify_password(password, stored)
        finally:
            self._turn.release()
