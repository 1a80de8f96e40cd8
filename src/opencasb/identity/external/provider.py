"""An external OpenID provider on the wire: where it is, its keys, and codes for ID tokens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import quote_plus

import msgspec
from joserfc.jwk import RSAKey

from opencasb.identity.external.id_tokens import Configuration, read_configuration
from opencasb.identity.trust.documents import BadDocument, read_keys
from opencasb.identity.trust.fetch import Unreachable
from opencasb.model.durations import MINUTE

FRESH: Final = 10 * MINUTE
"""How long (ms) the configuration and the keys of a provider are kept."""
RETRY_AFTER: Final = 10_000
"""After so many ms a provider that did not answer is asked again."""
CONCURRENT_REDEMPTIONS: Final = 8
"""Codes that a provider is asked about at the same time: one that hangs has no more threads than that."""


class Web(Protocol):
    """Reads a document over HTTPS, or sends a form; raises :class:`Unreachable`."""

    def __call__(self, url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        """Return the answer; ``basic`` is a name and a secret for HTTP Basic."""


@dataclass(frozen=True, slots=True)
class ProviderDocuments:
    """A provider as it is at the moment."""

    configuration: Configuration
    keys: Mapping[str, RSAKey]


class _Answer(msgspec.Struct, frozen=True):
    id_token: str


class Provider:
    """One provider, safe to use from many threads."""

    def __init__(self, issuer: str, web: Web, clock: Callable[[], int]) -> None:
        self._issuer = issuer
        self._web = web
        self._clock = clock
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(CONCURRENT_REDEMPTIONS)
        self._known: ProviderDocuments | None = None
        self._until = 0

    def known(self) -> ProviderDocuments:
        """Return the provider. Raises :class:`Unreachable`, at once while somebody else asks it or it just failed."""
        if self._clock() >= self._until and self._lock.acquire(blocking=False):
            try:
                self._known, self._until = None, self._clock() + RETRY_AFTER
                self._known, self._until = self.read(), self._clock() + FRESH
            finally:
                self._lock.release()
        if self._known is None:
            raise Unreachable("the provider did not answer; try again in some seconds")
        return self._known

    def read(self) -> ProviderDocuments:
        """Ask the provider now. Raises :class:`Unreachable`, of a wrong answer, too."""
        try:
            address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            configuration = read_configuration(self._web(address), self._issuer)
            return ProviderDocuments(configuration, read_keys(self._web(configuration.jwks_uri), {self._issuer}))
        except BadDocument as error:
            raise Unreachable(str(error)) from None

    def redeem(self, form: Mapping[str, str], secret: str) -> str:
        """Exchange a code for an ID token, with the secret of the form's client if it has one.

        It stands in the form, unless the provider takes it in the header only. Raises :class:`Unreachable`, at once
        while too many others wait.
        """
        if not self._room.acquire(blocking=False):
            raise Unreachable("too many sign-ins wait for the provider; try again in some seconds")
        try:
            return self._redeemed(form, secret)
        finally:
            self._room.release()

    def _redeemed(self, form: Mapping[str, str], secret: str) -> str:
        known, basic = self.known().configuration, None
        if secret and "client_secret_post" in known.token_endpoint_auth_methods_supported:
            form = {**form, "client_secret": secret}
        elif secret:
            basic = (quote_plus(form["client_id"]), quote_plus(secret))  # RFC 6749 §2.3.1
        content = self._web(known.token_endpoint, form, basic)
        try:
            return msgspec.json.decode(content, type=_Answer).id_token
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise Unreachable("the provider answered without an ID token") from None
