"""Client authentication at the token endpoint: which application calls, and does it know its secret (identity §5)."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

from opencasb.identity.credentials import CLIENT_SECRET
from opencasb.identity.errors import OAuthError
from opencasb.identity.forms import required
from opencasb.identity.pepper import Pepper
from opencasb.identity.throttle import Throttle
from opencasb.model.application import Application
from opencasb.model.client_secret import ClientSecret
from opencasb.store.applications import Applications

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ClientCredential:
    """What a request says about its client; ``secret`` is None where it sends none."""

    client_id: str
    secret: str | None


@dataclass(frozen=True, slots=True)
class AuthenticatedClient:
    """An application that proved to know a secret, and the id of that secret."""

    application: Application
    key_id: str


def presented(form: Mapping[str, str], authorization: str | None) -> ClientCredential:
    """Read the client's id and secret from the body or from HTTP Basic.

    Raises 900144 without a client id, 90013 for a malformed header or two methods at once, 700027 for an assertion.
    """
    scheme, _, encoded = (authorization or "").strip().partition(" ")
    basic = _basic(encoded) if scheme.lower() == "basic" else None
    methods = (basic is not None) + ("client_secret" in form) + ("client_assertion" in form)
    if methods > 1 or (basic and form.get("client_id", basic.client_id).lower() != basic.client_id.lower()):
        raise OAuthError(90013, "The client authenticates in more than one way.")
    if "client_assertion" in form:
        raise OAuthError(700027, "The assertion was signed with a certificate that is not registered.")
    return basic or ClientCredential(required(form, "client_id"), form.get("client_secret") or None)


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


class Clients:
    """Checks credentials against the registered applications, and slows down guessing."""

    def __init__(
        self, applications: Applications, pepper: Pepper, throttle: Throttle, clock: Callable[[], int]
    ) -> None:
        self._applications = applications
        self._pepper = pepper
        self._throttle = throttle
        self._clock = clock

    def authenticate(self, tenant_id: int, credential: ClientCredential, address: str) -> AuthenticatedClient:
        """Return the application whose secret ``credential`` holds; ``address`` is the caller's.

        Raises 700016 (unknown), 7000112 (disabled), 90055 (too many failures), 7000218 (no secret), 7000215 (wrong
        secret), 7000222 (expired secret).
        """
        application = self._known(tenant_id, credential.client_id)
        key = (str(tenant_id), application.client_id, address)
        if seconds := self._throttle.wait(*key):
            raise OAuthError(90055, "Too many wrong client secrets. Try again later.", retry_after=seconds)
        if credential.secret is None:
            raise OAuthError(7000218, "The request must contain 'client_secret' or another client credential.")
        secret = self._matching(application, credential.secret)
        if secret is None:
            self._throttle.failed(*key)
            raise OAuthError(7000215, "The client secret is wrong. Send the secret's value, not its id.")
        if secret.expires <= self._clock():
            raise OAuthError(7000222, f"The client secret with the key id '{secret.key_id}' has expired.")
        return AuthenticatedClient(application, secret.key_id)

    def _known(self, tenant_id: int, client_id: str) -> Application:
        plain = client_id.lower()
        found = self._applications.get(tenant_id, plain) if _GUID.fullmatch(plain) else None
        if found is None:
            raise OAuthError(700016, f"No application with the identifier '{client_id[:64]}' is in this tenant.")
        if found.disabled is not None:
            raise OAuthError(7000112, f"The application '{found.client_id}' is disabled.")
        return found

    def _matching(self, application: Application, value: str) -> ClientSecret | None:
        digest = self._pepper.digest(CLIENT_SECRET, value)
        stored = self._applications.secrets(application.home_tenant_id, application.client_id)
        return next((each for each in stored if hmac.compare_digest(each.digest, digest)), None)
