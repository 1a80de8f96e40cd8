"""What people change about themselves: their password, and where they are signed in."""

from __future__ import annotations

from typing import Final

from opencasb.identity.errors import OAuthError
from opencasb.identity.passwords import hash_password
from opencasb.identity.refusals import InvalidValue, about
from opencasb.identity.sessions import Sessions
from opencasb.identity.sign_in import SignIn
from opencasb.model.user import User
from opencasb.store.sessions import Session
from opencasb.store.tenants import Tenants
from opencasb.store.users import Users

_WRONG: Final = frozenset({50126, 50053, 90055})
"""Refusals that are about the password that was given as the present one."""


class OwnAccount:
    """Changes the account of the ``user`` who asks."""

    def __init__(self, tenants: Tenants, users: Users, sign_in: SignIn, sessions: Sessions) -> None:
        self._tenants = tenants
        self._users = users
        self._sign_in = sign_in
        self._sessions = sessions

    def change_password(self, user: User, present: str, new: str, address: str) -> None:
        """Replace the password, which ends every sign-in of the user.

        Wrong present passwords lock as they do at the sign-in page. Raises :class:`InvalidValue` about
        ``present_password`` or ``new_password``.
        """
        with about("new_password"):
            digest = hash_password(new)
        tenant = self._tenants.get(user.tenant_id)
        assert tenant is not None  # noqa: S101 -- a user's tenant exists
        try:
            self._sign_in.check(tenant, user.upn, present, address)
        except OAuthError as refusal:
            if refusal.code not in _WRONG:
                raise
            raise InvalidValue("present_password", refusal.text) from None
        self._users.set_password(user.tenant_id, user.user_id, digest, by=user.upn)

    def sessions(self, user: User) -> list[Session]:
        """Return where the user is signed in with a browser, the last used first."""
        return self._sessions.all(user)

    def end_session(self, user: User, session_id: str) -> bool:
        """Sign the user out in one browser; tells whether there was such a session."""
        return self._sessions.end(user, session_id)

    def sign_out_everywhere(self, user: User) -> None:
        """End every session, and every token that an application got for the user."""
        self._users.sign_out(user.tenant_id, user.user_id, by=user.upn)
