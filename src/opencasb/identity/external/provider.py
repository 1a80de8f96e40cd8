"""HTTP access to an external OpenID provider: discovery, keys, and exchanging codes for ID tokens."""

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
"""How long (ms) a provider's configuration and keys are cached."""
RETRY_AFTER: Final = 10_000
"""How long (ms) to wait before asking a provider again that did not answer."""
CONCURRENT_REDEMPTIONS: Final = 8
"""Concurrent code exchanges per provider, so that one that hangs blocks no more threads than that."""


class Web(Protocol):
    """Fetches a document over HTTPS, or posts a form; raises :class:`Unreachable`."""

    def __call__(self, url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        """Return the response body; ``basic`` is a name and a secret for HTTP Basic."""


@dataclass(frozen=True, slots=True)
class ProviderDocuments:
    """The current configuration and keys of a provider."""

    configuration: Configuration
    keys: Mapping[str, RSAKey]


class _Answer(msgspec.Struct, frozen=True):
    id_token: str


class Provider:
    """One provider; thread-safe."""

    def __init__(self, issuer: str, web: Web, clock: Callable[[], int]) -> None:
        self._issuer = issuer
        self._web = web
        self._clock = clock
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(CONCURRENT_REDEMPTIONS)
        self._known: ProviderDocuments | None = None
        self._until = 0

    def known(self) -> ProviderDocuments:
        """Return the cached documents; while one caller fetches new ones, the others get the old ones.

        Raises :class:`Unreachable`, at once while the first fetch runs or after one failed.
        """
        if self._clock() >= self._until and self._lock.acquire(blocking=False):
            fresh: ProviderDocuments | None = None
            try:
                self._until = self._clock() + RETRY_AFTER
                fresh = self.read()
                self._until = self._clock() + FRESH
            finally:
                self._known = fresh
                self._lock.release()
        known = self._known
        if known is None:
            raise Unreachable("the provider did not answer; try again in some seconds")
        return known

    def read(self) -> ProviderDocuments:
        """Fetch the provider's documents now. Raises :class:`Unreachable`, also for an invalid answer."""
        try:
            address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            configuration = read_configuration(self._web(address), self._issuer)
            return ProviderDocuments(configuration, read_keys(self._web(configuration.jwks_uri), {self._issuer}))
        except BadDocument as error:
            raise Unreachable(str(error)) from None

    def redeem(self, form: Mapping[str, str], secret: str) -> str:
        """Exchange a code for an ID token, authenticating with the client's secret if it has one.

        The secret is sent in the form, unless the provider accepts it in the header only. Raises :class:`Unreachable`,
        at once if too many other exchanges are pending.
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
