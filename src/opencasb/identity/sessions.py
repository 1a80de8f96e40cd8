"""Sign-in sessions: a cookie in the browser, everything else here (identity §7.3)."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from opencasb.identity.last_use import note_use
from opencasb.identity.opaque import new_token, tenant_of
from opencasb.identity.pepper import Pepper
from opencasb.model.delegation import SignedIn
from opencasb.model.durations import DAY, HOUR
from opencasb.model.user import User
from opencasb.store import sessions as store
from opencasb.store.revocations import Revocations, of_user
from opencasb.store.users import Users

SESSION: Final = "session"
IDLE: Final = 8 * HOUR
"""How long (ms) a session may stay idle."""
LONGEST: Final = 7 * DAY
"""Maximum lifetime (ms) of a session, however much it is used."""


@dataclass(eq=False)
class Sessions:
    """Opens, finds and closes sessions; disabling the user or changing the password ends them at once."""

    _repository: store.Sessions
    _users: Users
    _revocations: Revocations
    _pepper: Pepper
    _clock: Callable[[], int]

    def open(self, user: User, amr: tuple[str, ...], address: str) -> str:
        """Open a session for a user who has just authenticated; return the value of its cookie."""
        value, now = new_token(user.tenant_id), self._clock()
        if self._revocations.concern(user.tenant_id, [of_user(user.user_id)], now):
            now += 1  # a password replaced during sign-in also revoked every sign-in of this millisecond
        session = store.Session(
            digest=self._pepper.digest(SESSION, value),
            session_id=str(uuid.uuid4()),
            user_id=user.user_id,
            amr=" ".join(amr),
            address=address,
            signed_in=now,
            last_used=now,
        )
        self._repository.add(user.tenant_id, session)
        return value

    def of(self, cookie: str) -> tuple[User, SignedIn] | None:
        """Return the user and session of a cookie, or None if the session has ended or never existed."""
        tenant_id = tenant_of(cookie)
        digest = self._pepper.digest(SESSION, cookie)
        session = None if tenant_id is None else self._repository.get(tenant_id, digest)
        user = None if tenant_id is None or session is None else self._users.get(tenant_id, session.user_id)
        if user is None or session is None or not user.active or self._is_over(user, session):
            return None
        note_use(session.last_used, self._clock(), partial(self._repository.touch, user.tenant_id, digest))
        return user, SignedIn.kept(user.tenant_id, session)

    def close(self, cookie: str) -> None:
        """Close a session if it exists."""
        tenant_id = tenant_of(cookie)
        if tenant_id is not None:
            self._repository.remove(tenant_id, self._pepper.digest(SESSION, cookie))

    def all(self, user: User) -> list[store.Session]:
        """Return the active sessions of a user, most recently used first."""
        found = self._repository.of_user(user.tenant_id, user.user_id)
        return [session for session in found if not self._is_over(user, session)]

    def end(self, user: User, session_id: str) -> bool:
        """End one session of a user; return whether it existed."""
        return self._repository.remove_of_user(user.tenant_id, user.user_id, session_id, self._clock(), by=user.upn)

    def _is_over(self, user: User, session: store.Session) -> bool:
        now = self._clock()
        if now - session.last_used >= IDLE or now - session.signed_in >= LONGEST:
            return True
        return self._revocations.concern(user.tenant_id, [of_user(user.user_id)], session.signed_in)
