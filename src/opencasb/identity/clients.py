"""Client authentication at the token endpoint: which application calls, and how it proves that (identity §5)."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote_plus

from opencasb.identity import assertions
from opencasb.identity.assertions import Assertion, Assertions
from opencasb.identity.credentials import CLIENT_SECRET
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import required
from opencasb.identity.pepper import Pepper
from opencasb.identity.throttle import Throttle
from opencasb.model.application import Application
from opencasb.store.applications import Applications
from opencasb.store.registrations import Registrations

Proof = Literal["none", "secret", "certificate"]
AUTHENTICATION_CLASSES: Final[Mapping[Proof, str]] = {"none": "0", "secret": "1", "certificate": "2"}
"""The value of ``appidacr`` for each proof (identity §7.1)."""


@dataclass(frozen=True, slots=True)
class ClientCredential:
    """The client id of a request and its secret or assertion, if it sends one."""

    client_id: str
    secret: str | None = field(default=None, repr=False)
    assertion: Assertion | None = field(default=None, repr=False)

    @property
    def is_empty(self) -> bool:
        """Whether the client sends only its id."""
        return self.secret is None and self.assertion is None


@dataclass(frozen=True, slots=True)
class AuthenticatedClient:
    """An application, how it authenticated, and the id of the secret or certificate used."""

    application: Application
    key_id: str = ""
    proof: Proof = "none"


def presented(form: Mapping[str, str], authorization: str | None) -> ClientCredential:
    """Read the client's id and credential from the body or from HTTP Basic.

    Raises 900144 without a client id, 90013 for a malformed header or two methods at once, 50012 for a malformed
    assertion.
    """
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    basic = _basic(encoded) if scheme.lower() == "basic" else None
    # A parameter without a value counts as omitted (RFC 6749 §3.2).
    methods = (basic is not None) + bool(form.get("client_secret")) + bool(form.get("client_assertion"))
    if methods > 1 or (basic and (form.get("client_id") or basic.client_id).lower() != basic.client_id.lower()):
        raise OAuthError(90013, "The client authenticates in more than one way.")
    if form.get("client_assertion"):
        return _asserted(form)
    return basic or ClientCredential(required(form, "client_id"), form.get("client_secret") or None)


def _asserted(form: Mapping[str, str]) -> ClientCredential:
    if required(form, "client_assertion_type") != assertions.TYPE:
        raise OAuthError(90013, f"The parameter 'client_assertion_type' must be '{assertions.TYPE}'.")
    read = assertions.read(required(form, "client_assertion"))
    if (form.get("client_id") or read.client_id).strip().lower() != read.client_id.lower():
        raise OAuthError(50012, "The client assertion is that of another client than 'client_id'.")
    return ClientCredential(read.client_id, assertion=read)


def _basic(encoded: str) -> ClientCredential:
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        if colon and client_id:
            # Both halves are form-encoded before they are joined (RFC 6749 §2.3.1).
            return ClientCredential(
                unquote_plus(client_id, errors="strict").strip(), unquote_plus(secret, errors="strict") or None
            )
    except (binascii.Error, ValueError):
        pass
    raise OAuthError(90013, "The Authorization header is not a well-formed Basic credential.")


@dataclass(eq=False)
class Clients:
    """Checks credentials against the registered applications, and throttles guessing."""

    _applications: Applications
    _registrations: Registrations
    _assertions: Assertions
    _pepper: Pepper
    _throttle: Throttle
    _clock: Callable[[], int]

    def is_confidential(self, application: Application) -> bool:
        """Return whether an application has a secret or certificate registered, expired or not."""
        home, client_id = application.home_tenant_id, application.client_id
        return bool(self._applications.secrets(home, client_id) or self._registrations.certificates(home, client_id))

    def authenticate(
        self,
        application: Application,
        credential: ClientCredential,
        address: str,
        audiences: Collection[str] = (),
        *,
        public: bool = False,
    ) -> AuthenticatedClient:
        """Authenticate an application with ``credential``; ``address`` is the caller's.

        ``audiences`` are those accepted in client assertions. A ``public`` client has no credential and must not send
        one. Raises 700025 (it does), 7000218 (none sent), 7000215 (wrong secret), 7000222 (expired secret), 700027 and
        50012 (assertion), 90055 (too many failures).
        """
        if public:
            if not credential.is_empty:
                raise OAuthError(700025, "A public client must not send 'client_secret' or 'client_assertion'.")
            return AuthenticatedClient(application)
        key = (str(application.tenant_id), application.client_id, address)
        if seconds := self._throttle.wait(*key):
            raise OAuthError(90055, "Too many wrong client credentials. Try again later.", retry_after=seconds)
        try:
            if credential.assertion is not None:
                return self._by_assertion(application, credential.assertion, audiences)
            return self._by_secret(application, credential.secret)
        except OAuthError as refusal:
            if refusal.code in {7000215, 700027}:
                self._throttle.failed(*key)
            raise

    def _by_secret(self, application: Application, value: str | None) -> AuthenticatedClient:
        if value is None:
            raise OAuthError(7000218, "The request must contain 'client_secret' or 'client_assertion'.")
        digest = self._pepper.digest(CLIENT_SECRET, value)
        stored = self._applications.secrets(application.home_tenant_id, application.client_id)
        secret = next((each for each in stored if hmac.compare_digest(each.digest, digest)), None)
        if secret is None:
            raise OAuthError(7000215, "The client secret is wrong. Send the secret's value, not its id.")
        if secret.expires <= self._clock():
            raise OAuthError(7000222, f"The client secret with the key id '{secret.key_id}' has expired.")
        return AuthenticatedClient(application, secret.key_id, "secret")

    def _by_assertion(
        self, application: Application, assertion: Assertion, audiences: Collection[str]
    ) -> AuthenticatedClient:
        home = application.home_tenant_id
        certificates = self._registrations.certificates(home, application.client_id)
        used = self._assertions.check(assertion, certificates, audiences, tenant_id=home)
        return AuthenticatedClient(application, used.key_id, "certificate")
