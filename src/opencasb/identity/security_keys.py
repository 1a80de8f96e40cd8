"""Security keys and passkeys (WebAuthn) as a second factor of sign-ins (identity §12)."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlsplit

from opencasb.identity.pepper import Pepper
from opencasb.model.base64url import unpadded
from opencasb.model.durations import MINUTE
from opencasb.model.user import User
from opencasb.store.security_keys import SecurityKey, SecurityKeys
from opencasb.store.used_assertions import UsedAssertions

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

LIFETIME: Final = 5 * MINUTE
"""How long (ms) a challenge may be answered."""
MOST_KEYS: Final = 20
"""Maximum number of keys per user."""
LONGEST_ANSWER: Final = 64 * 1024

Purpose = Literal["register", "sign in"]


@dataclass(frozen=True, slots=True)
class Challenge:
    """A WebAuthn challenge: ``options`` (JSON) for the browser's API; the ``ticket`` comes back with the answer."""

    options: str
    ticket: str


class SecurityKeyCheck:
    """Registers users' keys and verifies their answers; each challenge is valid once.

    Keys work only for the host of ``public_url``, which must be a name: browsers refuse IP addresses.
    """

    def __init__(
        self,
        repository: SecurityKeys,
        used: UsedAssertions,
        pepper: Pepper,
        clock: Callable[[], int],
        public_url: str,
    ) -> None:
        self._repository = repository
        self._used = used
        self._pepper = pepper
        self._clock = clock
        address = urlsplit(public_url)
        self._host = address.hostname or ""
        self._origin = f"{address.scheme}://{address.netloc}"

    @property
    def available(self) -> bool:
        """Whether keys work for the host of this server."""
        try:
            ipaddress.ip_address(self._host)
        except ValueError:
            return bool(self._host)
        return False

    def of(self, user: User) -> list[SecurityKey]:
        """Return the keys of a user, the oldest first."""
        return self._repository.of_user(user.tenant_id, user.user_id)

    def begin(self, user: User) -> Challenge:
        """Return the challenge for creating a new key for the user."""
        import webauthn

        challenge = secrets.token_bytes(32)
        options = webauthn.generate_registration_options(
            rp_id=self._host,
            rp_name="OpenCASB",
            user_name=user.upn,
            user_id=hashlib.sha256(user.user_id.encode()).digest(),
            user_display_name=user.display_name,
            challenge=challenge,
            exclude_credentials=self._known(user),
        )
        return Challenge(webauthn.options_to_json(options), self._ticket("register", user, challenge))

    def register(self, user: User, ticket: str, answer: str, name: str, *, by: str) -> bool:
        """Store the key that answered; return whether it was accepted."""
        import webauthn
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = self._challenge("register", user, ticket)
        if challenge is None or len(answer) > LONGEST_ANSWER or len(self.of(user)) >= MOST_KEYS:
            return False
        try:
            found = webauthn.verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):  # the answer may be anything
            return False
        key = SecurityKey(
            credential_id=unpadded(found.credential_id),
            user_id=user.user_id,
            name=name,
            public_key=found.credential_public_key,
            sign_count=found.sign_count,
            created=self._clock(),
        )
        return self._repository.add(user.tenant_id, key, by=by)

    def ask(self, user: User) -> Challenge:
        """Return the challenge for signing in with one of the user's keys."""
        import webauthn

        challenge = secrets.token_bytes(32)
        options = webauthn.generate_authentication_options(
            rp_id=self._host, challenge=challenge, allow_credentials=self._known(user)
        )
        return Challenge(webauthn.options_to_json(options), self._ticket("sign in", user, challenge))

    def check(self, user: User, ticket: str, answer: str) -> bool:
        """Return whether a key of the user answered the challenge of ``ticket``, which is then used up."""
        import webauthn
        from webauthn.helpers import parse_authentication_credential_json
        from webauthn.helpers.exceptions import WebAuthnException

        challenge = self._challenge("sign in", user, ticket)
        if challenge is None or len(answer) > LONGEST_ANSWER:
            return False
        try:
            credential = parse_authentication_credential_json(answer)
            named = unpadded(credential.raw_id)
            key = next((each for each in self.of(user) if each.credential_id == named), None)
            if key is None:
                return False
            found = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self._host,
                expected_origin=self._origin,
                credential_public_key=key.public_key,
                credential_current_sign_count=key.sign_count,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError):  # the answer may be anything
            return False
        self._repository.used(user.tenant_id, key, found.new_sign_count, self._clock())
        return True

    def remove(self, user: User, credential_id: str | None = None, *, by: str) -> bool:
        """Remove one key of the user, or all of them; return whether there were any."""
        return self._repository.remove(user.tenant_id, user.user_id, credential_id, self._clock(), by=by) > 0

    def _known(self, user: User) -> list[PublicKeyCredentialDescriptor]:
        from webauthn.helpers import base64url_to_bytes
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor

        return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in self.of(user)]

    def _ticket(self, purpose: Purpose, user: User, challenge: bytes) -> str:
        facts = f"{challenge.hex()}.{self._clock() + LIFETIME}"
        return f"{facts}.{self._seal(purpose, user, facts)}"

    def _challenge(self, purpose: Purpose, user: User, ticket: str) -> bytes | None:
        """Return the challenge of a ticket of ours that is for this purpose, unexpired and unused."""
        facts, _, seal = ticket.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(purpose, user, facts).encode()):
            return None
        challenge, _, expires = facts.partition(".")
        digest = hashlib.sha256(challenge.encode()).hexdigest()
        if int(expires) <= self._clock() or not self._used.use(user.tenant_id, user.user_id, digest, int(expires)):
            return None
        return bytes.fromhex(challenge)

    def _seal(self, purpose: Purpose, user: User, facts: str) -> str:
        return self._pepper.digest(f"security key, {purpose}", f"{user.tenant_id}.{user.user_id}.{facts}")
