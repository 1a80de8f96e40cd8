"""Authorization codes and PKCE: issued by the sign-in page, redeemed at the token endpoint."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from opencasb.identity.errors import OAuthError
from opencasb.identity.opaque import new_token, tenant_of
from opencasb.identity.pepper import Pepper
from opencasb.model.application import Application
from opencasb.model.base64url import unpadded
from opencasb.model.delegation import ScopeRequest, SignedIn
from opencasb.model.durations import MINUTE
from opencasb.model.registration import Redirect
from opencasb.store import authorization_codes as store
from opencasb.store.database import new_id
from opencasb.store.revocations import Revocations, of_family

CODE: Final = "authorization code"
LIFETIME: Final = 5 * MINUTE
"""Lifetime of a code in ms (identity §7.3)."""

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[!-~]{43,128}")
"""More characters than RFC 7636 allows, because some clients send plain base64; what protects is the length."""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """What a code is requested for: the application, the scopes, and where the response goes.

    ``redirect_uri`` is the client's literal text, ``redirect`` the registration that it matches.
    """

    application: Application
    scope_request: ScopeRequest
    redirect_uri: str
    redirect: Redirect
    nonce: str = ""
    challenge: str = ""
    challenge_method: str = ""


def check_challenge(request: CodeRequest) -> None:
    """Refuse a PKCE challenge that is missing where required, or malformed. Raises 50147 (identity §12: S256 only)."""
    if not request.challenge:
        if request.redirect.kind != "web":
            raise OAuthError(50147, "A public client must send the parameter 'code_challenge'.")
        if request.challenge_method:
            raise OAuthError(50147, "The parameter 'code_challenge_method' needs a 'code_challenge'.")
        return
    if request.challenge_method != "S256" or not _CHALLENGE.fullmatch(request.challenge):
        raise OAuthError(50147, "The 'code_challenge' must be 43 characters with the 'code_challenge_method' S256.")


@dataclass(eq=False)
class AuthorizationCodes:
    """Issues codes and redeems each of them once."""

    _repository: store.AuthorizationCodes
    _revocations: Revocations
    _pepper: Pepper
    _clock: Callable[[], int]

    def issue(self, request: CodeRequest, signed_in: SignedIn) -> str:
        """Return a new code for what a user just consented to. Raises 50147."""
        check_challenge(request)
        tenant_id = request.application.tenant_id
        value = new_token(tenant_id)
        code = store.AuthorizationCode(
            digest=self._pepper.digest(CODE, value),
            family_id=new_id(),
            client_id=request.application.client_id,
            redirect_uri=request.redirect_uri,
            redirect_kind=request.redirect.kind,
            version=request.scope_request.version,
            scope=request.scope_request.scope,
            resource=request.scope_request.resource,
            nonce=request.nonce,
            challenge=request.challenge,
            challenge_method=request.challenge_method,
            user_id=signed_in.user_id,
            amr=" ".join(signed_in.amr),
            session_id=signed_in.session_id,
            signed_in=signed_in.at,
            expires=self._clock() + LIFETIME,
        )
        self._repository.add(tenant_id, code)
        return value

    def find(self, value: str) -> tuple[int, store.AuthorizationCode]:
        """Return the tenant id and the record of a code, redeemed or not. Raises 70000, 70008 (expired)."""
        tenant_id = tenant_of(value)
        code = None if tenant_id is None else self._repository.get(tenant_id, self._pepper.digest(CODE, value))
        if tenant_id is None or code is None:
            raise OAuthError(70000, "The authorization code is not valid.")
        if code.expires <= self._clock():
            raise OAuthError(70008, "The authorization code has expired. Send the user to sign in again.")
        return tenant_id, code

    def redeem(self, tenant_id: int, code: store.AuthorizationCode) -> None:
        """Redeem a code. Raises 54005 on a second attempt, which also revokes all tokens of the first."""
        now = self._clock()
        if not self._repository.redeem(tenant_id, code.digest, now):
            self._revocations.add(tenant_id, of_family(code.family_id), now)
            raise OAuthError(54005, "The authorization code was already redeemed; its tokens are revoked.")


def check_verifier(code: store.AuthorizationCode, verifier: str | None) -> None:
    """Check the PKCE verifier: required if a challenge was sent, refused if none was. Raises 501481."""
    if not code.challenge and verifier is None:
        return
    fits = verifier is not None and _VERIFIER.fullmatch(verifier) is not None and bool(code.challenge)
    if not fits or not hmac.compare_digest(s256(verifier or ""), code.challenge):
        raise OAuthError(
            501481, "The 'code_verifier' does not match the 'code_challenge' of the authorization request."
        )


def s256(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636)."""
    return unpadded(hashlib.sha256(verifier.encode()).digest())
