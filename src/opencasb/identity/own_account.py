"""What users change about themselves: password and second factor."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from opencasb.identity.errors import OAuthError
from opencasb.identity.passwords import hash_password
from opencasb.identity.refusals import InvalidValue, about
from opencasb.identity.second_factor import SecondFactorCheck
from opencasb.identity.security_keys import Challenge
from opencasb.identity.sign_in import SignIn
from opencasb.model.user import User
from opencasb.store.tenants import Tenants
from opencasb.store.users import Users

_WRONG_VALUE: Final = 50126
_WRONG: Final = frozenset({_WRONG_VALUE, 50053, 90055})
"""Refusals caused by the given password or code."""


@dataclass(eq=False)
class OwnAccount:
    """Changes the account of the requesting ``user``."""

    _tenants: Tenants
    _users: Users
    _sign_in: SignIn
    _second_factors: SecondFactorCheck

    def change_password(self, user: User, present: str, new: str, address: str) -> None:
        """Replace the password, which revokes every sign-in of the user.

        Wrong current passwords count towards the lockout, as on the sign-in page. Raises :class:`InvalidValue` for
        ``present_password`` or ``new_password``.
        """
        with about("new_password"):
            digest = hash_password(new)
        self._check(user, present, address)
        self._users.set_password(user.tenant_id, user.user_id, digest, by=user.upn)

    def renewed(self, present: str, new: str) -> str:
        """Return the hash of the password that replaces an expired one. Raises :class:`InvalidValue` as above."""
        if new == present:
            raise InvalidValue("new_password", "The new password is the old one.")
        with about("new_password"):
            return hash_password(new)

    def renew_password(self, user: User, digest: str) -> None:
        """Replace the expired password of a user who has just authenticated."""
        self._users.set_password(user.tenant_id, user.user_id, digest, by=user.upn)

    def begin_second_factor(self, user: User, present: str, address: str) -> str:
        """Return the ``otpauth`` URL for the user's app, shown only once; the app takes effect with its first code.

        Raises :class:`InvalidValue` for ``present_password``, also if an app is already set up.
        """
        self._check(user, present, address)
        if self._second_factors.has_app(user):
            raise InvalidValue("present_password", "There is an authenticator app: remove it first.")
        return self._second_factors.begin(user)

    def confirm_second_factor(self, user: User, code: str) -> None:
        """Require the second factor from the next sign-in on. Raises :class:`InvalidValue` for ``code``."""
        if not self._second_factors.is_begun(user) or not self._second_factors.confirm(user, code, by=user.upn):
            raise InvalidValue("code", "The code is wrong. Wait for the next one.")

    def remove_second_factor(self, user: User, present: str, code: str, address: str) -> None:
        """Remove the authenticator app of a user who proves to have both the password and the app.

        Raises :class:`InvalidValue` for ``present_password`` or ``code``.
        """
        self._check(user, present, address)
        with _as_field_error("code"):
            self._sign_in.check_code(user, code, address)
        self._second_factors.remove_app(user, by=user.upn)

    def begin_security_key(self, user: User, present: str, address: str) -> Challenge:
        """Return the challenge for creating a key. Raises :class:`InvalidValue` for ``present_password``."""
        self._check(user, present, address)
        return self._second_factors.keys.begin(user)

    def register_security_key(self, user: User, ticket: str, answer: str, name: str) -> None:
        """Register a key, required from the next sign-in on. Raises :class:`InvalidValue` for ``answer``."""
        if not self._second_factors.keys.register(user, ticket, answer, name, by=user.upn):
            raise InvalidValue("answer", "The key could not be taken. Begin again.")

    def remove_security_key(self, user: User, credential_id: str, present: str, address: str) -> bool:
        """Remove a key; return whether it existed. Raises :class:`InvalidValue` for ``present_password``."""
        self._check(user, present, address)
        return self._second_factors.keys.remove(user, credential_id, by=user.upn)

    def _check(self, user: User, present: str, address: str) -> None:
        with _as_field_error("present_password", "This is not your present password."):
            self._sign_in.check(self._tenants.get(user.tenant_id), user.upn, present, address, expired_too=True)


@contextmanager
def _as_field_error(field: str, wrong: str = "") -> Iterator[None]:
    """Turn a refusal into an error of ``field``; ``wrong`` replaces the sign-in page's message for a wrong value."""
    try:
        yield
    except OAuthError as refusal:
        if refusal.code not in _WRONG:
            raise
        raise InvalidValue(field, wrong if wrong and refusal.code == _WRONG_VALUE else refusal.text) from None
