"""Shared by the grant tests: an application with consent, and its side of every flow."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

import pytest

from opencasb.identity.authorization_codes import CodeRequest
from opencasb.identity.errors import OAuthError
from opencasb.identity.grants.token_request import TokenRequest
from opencasb.identity.passwords import hash_password
from opencasb.model.application import Application
from opencasb.model.delegation import ScopeRequest, SignedIn
from opencasb.model.permissions import MDCA
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.standin import StandIn

FORM = "application/x-www-form-urlencoded"
REDIRECT = "https://app.example/callback"
PASSWORD = "correct horse battery"
SCOPE = f"{MDCA.app_id}/Discovery.Read openid profile offline_access"


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass
class Flow:
    """An application with one redirect, its secret, and a user who consented to ``discovery.read``."""

    casb: StandIn
    tenant: Tenant
    application: Application
    secret: str
    user: User
    kind: str
    key_id: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def client(self) -> dict[str, str]:
        """The client's authentication parameters."""
        proof = {"client_secret": self.secret} if self.kind == "web" else {}
        return {"client_id": self.application.client_id, **proof}

    def code(self, scope: str = SCOPE, **changed: Any) -> str:  # of any field of a request
        """Return a code as issued by the sign-in page."""
        [redirect] = self.casb.identity.registrations.redirects(self.application)
        facts = {"challenge": challenge_of(self.verifier), "challenge_method": "S256", "nonce": "n-1", **changed}
        ask = facts.pop("scope_request", ScopeRequest(version=2, scope=scope))
        request = CodeRequest(self.application, ask, facts.pop("redirect_uri", REDIRECT), redirect, **facts)
        return self.casb.identity.authorization_codes.issue(request, self.signed_in)

    @property
    def signed_in(self) -> SignedIn:
        """The user, signed in just now."""
        return SignedIn(
            tenant_id=self.tenant.tenant_id,
            user_id=self.user.user_id,
            amr=("pwd",),
            session_id="s",
            at=self.casb.clock(),
        )

    def asked(self, **changed: str) -> dict[str, str]:
        """Return the parameters of an authorization request; empty fields are omitted."""
        asked = {
            "client_id": self.application.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": SCOPE,
            "state": "a state & more",
            "nonce": "n-1",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **changed,
        }
        return {name: value for name, value in asked.items() if value}

    def redeem(self, code: str, **changed: str) -> dict[str, Any]:  # any JSON
        """Redeem a code."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": self.verifier,
        }
        return self.ask({**form, **changed})

    def refresh(self, token: str, **changed: str) -> dict[str, Any]:  # any JSON
        """Redeem a refresh token."""
        return self.ask({"grant_type": "refresh_token", "refresh_token": token, **changed})

    def ask(
        self, form: dict[str, str], version: Literal[1, 2] = 2, segment: str = "contoso.example"
    ) -> dict[str, Any]:  # any JSON
        """Send a form to the token endpoint as the client; empty fields are omitted."""
        sent = {name: value for name, value in {**self.client, **form}.items() if value}
        request = TokenRequest(
            tenant=segment,
            version=version,
            body=urlencode(sent).encode(),
            content_type=FORM,
            origin="https://app.example" if self.kind == "spa" else None,
            address="192.0.2.1",
        )
        return self.casb.identity.token_endpoint.answer(request)

    def refused(self, form: dict[str, str], version: Literal[1, 2] = 2, segment: str = "contoso.example") -> OAuthError:
        """Send a form that must be rejected; return the error."""
        with pytest.raises(OAuthError) as refusal:
            self.ask(form, version, segment)
        return refusal.value

    def claims(self, access_token: str) -> Any:  # the typed claims
        """Return the claims of an access token accepted by our API."""
        return self.casb.identity.tokens.check(access_token, "mdca")


def begin(casb: StandIn, tenant: Tenant, kind: str = "web") -> Flow:
    """Register an application with one redirect of ``kind``, and grant admin consent."""
    application, secret = casb.application(tenant)
    identity = casb.identity
    identity.registrations.add_redirect(application, kind, REDIRECT, by="test")
    wanted = [RequestedPermission("mdca", "delegated", "discovery.read")]
    identity.registrations.add_requested(application, wanted, by="test")
    identity.consents.grant(application, wanted, user_id=None, by="test")
    if kind == "publicClient":
        identity.applications.change(tenant.tenant_id, application.client_id, public_client=True)
    user = casb.users.create(
        tenant.tenant_id,
        "ann@contoso.example",
        Role.SECURITY_READER,
        display_name="Ann Other",
        password_hash=hash_password(PASSWORD),
    )
    return Flow(casb, tenant, application, secret.value, user, kind, secret.key_id)


@pytest.fixture
def flow(casb: StandIn, tenant: Tenant) -> Flow:
    """Return a confidential application's side of the flows."""
    return begin(casb, tenant)


@pytest.fixture
def native(casb: StandIn, tenant: Tenant) -> Flow:
    """Return a public application's side of the flows."""
    return begin(casb, tenant, "publicClient")
