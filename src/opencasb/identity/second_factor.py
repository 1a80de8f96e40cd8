"""Second factors of sign-in: codes of an authenticator app (TOTP, RFC 6238), or security keys (identity §12)."""

from __future__ import annotations

import base64
import hmac
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from opencasb.identity.pepper import Pepper
from opencasb.identity.security_keys import SecurityKeyCheck
from opencasb.identity.vault import Vault
from opencasb.model.durations import MINUTE
from opencasb.model.user import User
from opencasb.store.second_factors import SecondFactors
from opencasb.store.users import Users

STEP: Final = 30_000
"""How long (ms) a code is shown; the previous and the next one are accepted as well."""
TICKET: Final = 5 * MINUTE
"""How long (ms) after the password the second factor may be given."""
_ISSUER: Final = "OpenCASB"


@dataclass(eq=False)
class SecondFactorCheck:
    """Enrols users and checks their codes, each valid once. ``keys`` is the other kind of second factor."""

    _repository: SecondFactors
    keys: SecurityKeyCheck
    _users: Users
    _vault: Vault
    _pepper: Pepper
    _clock: Callable[[], int]

    def is_required(self, user: User) -> bool:
        """Return whether the user has an active second factor."""
        return self.has_app(user) or bool(self.keys.of(user))

    def has_app(self, user: User) -> bool:
        """Return whether the user has an active authenticator app."""
        found = self._repository.get(user.tenant_id, user.user_id)
        return found is not None and found.confirmed is not None

    def is_begun(self, user: User) -> bool:
        """Return whether the user has a secret that is not confirmed yet."""
        found = self._repository.get(user.tenant_id, user.user_id)
        return found is not None and found.confirmed is None

    def begin(self, user: User) -> str:
        """Create a secret for the user's app and return its ``otpauth`` URL, which is shown only once.

        It takes effect with :meth:`confirm`.
        """
        import pyotp

        secret: str = pyotp.random_base32()
        self._repository.begin(user.tenant_id, user.user_id, self._vault.seal(secret.encode(), _label(user)))
        return _address(secret, user)

    def offer(self, user: User, ticket: str) -> tuple[str, str]:
        """Return a ticket that holds a secret for the user's app, and the ``otpauth`` URL of that.

        The secret is that of ``ticket``, or a new one: others who know the password, and saw one, must not know this.
        """
        import pyotp

        secret = self._offered(user, ticket) or pyotp.random_base32()
        return self._ticket(user, secret, _offer(user)), _address(secret, user)

    def enrol(self, user: User, ticket: str, code: str, *, by: str) -> bool:
        """Activate the secret in a ticket if ``code`` proves that the app has it, and the user has no app yet."""
        secret = self._offered(user, ticket)
        step = self._step_of(secret, _digits(code)) if secret else None
        if step is None:
            return False
        sealed = self._vault.seal(secret.encode(), _label(user))
        return self._repository.add(user.tenant_id, user.user_id, sealed, step, self._clock(), by=by)

    def confirm(self, user: User, code: str, *, by: str) -> bool:
        """Activate the second factor if ``code`` proves that the app has the secret; return whether it does."""
        if not self._is_right(user, code):
            return False
        self._repository.confirm(user.tenant_id, user.user_id, self._clock(), by=by)
        return True

    def check(self, user: User, code: str) -> bool:
        """Return whether ``code`` is currently valid for the user's app, and use it up.

        An unconfirmed app does not count: whoever knows just the password may have seen its secret.
        """
        return self.has_app(user) and self._is_right(user, code)

    def guess(self, code: str) -> str:
        """Return what tells one guess from another: the same digits are a new one in the next step."""
        return f"{code} {self._clock() // STEP}"

    def remove(self, user: User, *, by: str) -> bool:
        """Remove the user's second factors, app and keys; return whether there were any."""
        keys = self.keys.remove(user, by=by)
        return self.remove_app(user, by=by) or keys

    def remove_app(self, user: User, *, by: str) -> bool:
        """Remove the authenticator app; return whether there was one."""
        return self._repository.remove(user.tenant_id, user.user_id, self._clock(), by=by)

    def ticket(self, user: User, renewed: str = "") -> str:
        """Return a ticket for the browser to send back with the code: proof that the user's password was right.

        It ends with that password. ``renewed`` is the hash of a new one, which takes effect once the code is accepted.
        """
        return self._ticket(user, renewed, _renewed(user))

    def _ticket(self, user: User, content: str, label: str) -> str:
        sealed = base64.urlsafe_b64encode(self._vault.seal(content.encode(), label)).decode()
        facts = f"{user.tenant_id}.{user.user_id}.{self._clock() + TICKET}.{self._password(user)}.{sealed}"
        return f"{facts}.{self._pepper.digest('second factor', facts)}"

    def user_of(self, ticket: str) -> User | None:
        """Return the active user of a ticket that is ours, has not expired, and proves the present password."""
        facts, _, digest = ticket.rpartition(".")
        if not hmac.compare_digest(digest.encode(), self._pepper.digest("second factor", facts).encode()):
            return None
        tenant_id, user_id, expires, password, _ = facts.split(".")
        user = self._users.get(int(tenant_id), user_id) if int(expires) > self._clock() else None
        return user if user is not None and user.active and self._password(user) == password else None

    def renewed_of(self, user: User, ticket: str) -> str:
        """Return the password hash in a ticket of the user; empty if there is none."""
        return self._held(ticket, _renewed(user))

    def _offered(self, user: User, ticket: str) -> str:
        return self._held(ticket, _offer(user))

    def _held(self, ticket: str, label: str) -> str:
        sealed = ticket.rpartition(".")[0].rpartition(".")[2]
        return (self._vault.open(base64.urlsafe_b64decode(sealed), label) or b"").decode()

    def _password(self, user: User) -> str:
        """Return what tells a user's present password from an earlier one."""
        stored = self._users.password_hash(user.tenant_id, user.user_id)
        return self._pepper.digest("password of a ticket", stored or "")[:32]

    def _is_right(self, user: User, code: str) -> bool:
        found = self._repository.get(user.tenant_id, user.user_id)
        secret = None if found is None else self._vault.open(found.sealed_secret, _label(user))
        step = None if secret is None else self._step_of(secret.decode(), _digits(code))
        return step is not None and self._repository.use(user.tenant_id, user.user_id, step)

    def _step_of(self, secret: str, code: str) -> int | None:
        import pyotp

        now = self._clock() // STEP
        totp, given = pyotp.TOTP(secret), code.encode()
        steps = (now - 1, now, now + 1)
        return next((each for each in steps if hmac.compare_digest(totp.generate_otp(each).encode(), given)), None)


def _address(secret: str, user: User) -> str:
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=user.upn, issuer_name=_ISSUER)


def _digits(code: str) -> str:
    # Phones and input methods may produce full-width digits.
    return "".join(unicodedata.normalize("NFKC", code).split())


def _offer(user: User) -> str:
    return f"offered secret {user.user_id}"


def _renewed(user: User) -> str:
    return f"renewed password {user.user_id}"


def _label(user: User) -> str:
    return f"second factor {user.user_id}"
