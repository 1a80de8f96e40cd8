"""An application's access tokens for a Graph, acquired through MSAL (docs/decisions/0015)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from opencasb.model.base64url import decoded
from opencasb.model.saas import GRAPH_HOST, MICROSOFT, Integration
from opencasb.saas.answer import Answer, host_of
from opencasb.saas.errors import InvalidResponse, Problem, Stopped, Transient
from opencasb.saas.explanations import refusal
from opencasb.saas.retry import Retry
from opencasb.saas.web import Web

RENEW_BEFORE: Final = 300_000
"""How long (ms) before its expiry a token is replaced."""


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, its expiry (ms), and its roles, or None if the token is opaque."""

    value: str = field(repr=False)
    expires: int
    roles: tuple[str, ...] | None


Acquire = Callable[[Integration, str, Web, int], Token]
"""Gets a token for an integration's Graph with its secret, at a time in ms.

Raises :class:`Problem`, or :class:`Transient` if a retry may help.
"""


@dataclass(eq=False)
class Tokens:
    """A run's token, renewed in time; ``credentials`` are read again each time, because secrets are rotated."""

    _credentials: Callable[[], tuple[Integration, str]]
    _web: Web
    _retry: Retry
    _clock: Callable[[], int]
    _acquire: Acquire
    _token: Token | None = field(default=None, init=False)

    def current(self) -> Token:
        """Return a token that is valid for at least five minutes. Raises :class:`Problem`."""
        if self._token is None or self._token.expires - self._clock() < RENEW_BEFORE:
            self._token = self._retry.call(self._new)
        return self._token

    def forget(self) -> None:
        """Discard the token, because it was rejected."""
        self._token = None

    def _new(self) -> Token:
        integration, secret = self._credentials()
        return self._acquire(integration, secret, self._web, self._clock())


def by_msal(integration: Integration, secret: str, web: Web, now: int) -> Token:
    """Get a token from the v2 endpoint of the integration's authority."""
    import msal  # type: ignore[import-untyped]  # it ships no types

    exchange = _Exchange(web, integration.authority)
    try:
        client = msal.ConfidentialClientApplication(
            integration.client_id,
            client_credential=secret,
            authority=f"{integration.authority}/{integration.directory_id}",
            instance_discovery=False,  # or MSAL asks the public cloud about private authorities
            http_client=exchange,
        )
        answer = client.acquire_token_for_client([scope_of(integration.graph_url)])
    except (Problem, Transient, Stopped):
        raise
    except Exception:  # noqa: BLE001 -- MSAL has no error type for malformed responses; the response tells
        raise _no_authority(exchange.last, integration, secret) from None
    if "access_token" not in answer:
        raise refusal(answer, integration, secret)
    value = str(answer["access_token"])
    return Token(value, now + _milliseconds(answer.get("expires_in")), roles_of(value))


def scope_of(graph_url: str) -> str:
    """Return the scope of all application permissions for a Graph; a private Graph uses the public cloud's."""
    return f"{graph_url if urlsplit(graph_url).netloc in MICROSOFT else GRAPH_HOST}/.default"


def roles_of(token: str) -> tuple[str, ...] | None:
    """Return the roles that a token claims, sorted; None if it is opaque. The Graph verifies the token, not we."""
    try:
        claims = msgspec.json.decode(decoded(token.split(".")[1]))
    except (IndexError, msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not isinstance(claims, dict):
        return None
    roles = claims.get("roles", [])
    return tuple(sorted(each for each in roles if isinstance(each, str))) if isinstance(roles, list) else None


class _Exchange:
    """The HTTP client for MSAL: uses our pool and sends the secret to nobody but the authority."""

    def __init__(self, web: Web, authority: str) -> None:
        self._web = web
        self._host = host_of(authority)
        self.last: Answer | None = None

    def get(self, url: str, *, headers: Mapping[str, str] | None = None, **_: Any) -> _Response:  # what MSAL adds
        """Read a document."""
        return self._kept(self._web.ask(url, headers=headers))

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str] | None = None, **_: Any
    ) -> _Response:
        """Send a form."""
        if host_of(url) != self._host:
            raise InvalidResponse(
                "foreign_token_endpoint",
                f"{self._host} wants the client secret to be sent to {host_of(url)!r}: that is not done.",
            )
        return self._kept(self._web.ask(url, headers=headers, form=data))

    def close(self) -> None:
        """Leave the pool to its owner."""

    def _kept(self, answer: Answer) -> _Response:
        self.last = answer
        return _Response(answer.status, answer.text, dict(answer.headers))


@dataclass(frozen=True, slots=True)
class _Response:
    status_code: int
    text: str
    headers: dict[str, str]

    def raise_for_status(self) -> None:
        """Raise for what MSAL cannot use."""
        if self.status_code >= 400:
            raise ValueError(self.status_code)


def _no_authority(last: Answer | None, integration: Integration, secret: str) -> Problem:
    """Return the problem behind a response that MSAL could not handle."""
    if last is None:
        return InvalidResponse("authority", f"{integration.authority} cannot be used as an authority.")
    try:
        found = last.json()
    except InvalidResponse as error:
        return InvalidResponse(error.code, f"{error} Is it the authority?")
    if "error" in found and "error_description" in found:
        return refusal(found, integration, secret)
    return InvalidResponse(
        "not_an_authority", f"{integration.authority} does not answer as an authority does (status {last.status})."
    )


def _milliseconds(seconds: object) -> int:
    text = str(seconds)
    return min(int(text), 86_400) * 1000 if text.isdigit() else 0
