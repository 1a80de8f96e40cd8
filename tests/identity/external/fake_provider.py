"""A fake OpenID provider: validates like a strict one, and can misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import jwt as pyjwt
from cryptography.hazmat.primitives.asymmetric import rsa

from opencasb.identity.external.configuration import GivenProvider
from opencasb.identity.external.external_sign_in import ExternalSignInFlow
from opencasb.identity.trust.fetch import Unreachable
from opencasb.model.tenant import Tenant
from opencasb.store.external_sign_ins import ExternalSignIns
from tests.identity.standin import StandIn, spare_key
from tests.identity.trust.directory import jwk

ISSUER = "https://id.example/realms/contoso"
CLIENT_ID, SECRET = "opencasb", "s3cret & more"


@dataclass
class FakeProvider:
    """Signs in the user described by ``claims``; ``changed`` replaces parts of its configuration."""

    clock: Callable[[], int]
    claims: dict[str, Any] = field(default_factory=dict)
    changed: dict[str, Any] = field(default_factory=dict)
    key: rsa.RSAPrivateKey = field(default_factory=spare_key)
    algorithm: str = "RS256"
    key_id: str = "k"
    down: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    proofs: list[str] = field(default_factory=list)

    def __call__(self, url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        """Respond like the web."""
        self.asked.append(url)
        if self.down:
            raise Unreachable("nobody there")
        if url == f"{ISSUER}/.well-known/openid-configuration":
            return json.dumps(self.configuration()).encode()
        if url == f"{ISSUER}/keys":
            return json.dumps({"keys": [jwk("k", self.key)]}).encode()
        assert url == f"{ISSUER}/token"
        assert form is not None
        self.proofs.append("header" if basic else "form")
        if basic is not None:
            assert "client_secret" not in form
            form = {**form, "client_id": unquote_plus(basic[0]), "client_secret": unquote_plus(basic[1])}
        return self._redeem(form)

    def configuration(self) -> dict[str, Any]:  # any JSON
        """Return its published configuration."""
        published = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize?kind=web",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            **self.changed,
        }
        return {name: value for name, value in published.items() if value is not None}

    def sign_in(self, address: str) -> dict[str, str]:
        """Accept a browser sent here, and return the parameters of the redirect back."""
        assert address.startswith(f"{ISSUER}/authorize?kind=web&")
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT_ID)
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def _redeem(self, form: Mapping[str, str]) -> bytes:
        asked = self.codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        if asked is None or challenge.decode() != asked["code_challenge"] or form.get("client_secret") != SECRET:
            raise Unreachable("status 400 instead of 200")
        assert (form["grant_type"], form["redirect_uri"]) == ("authorization_code", asked["redirect_uri"])
        now = self.clock() // 1000
        about = {"iss": ISSUER, "sub": "248289761001", "aud": CLIENT_ID, "exp": now + 300, "iat": now}
        claims = {**about, "nonce": asked["nonce"], **self.claims}
        payload = json.dumps({name: value for name, value in claims.items() if value is not None}).encode()
        token = pyjwt.PyJWS().encode(payload, self.key, self.algorithm, {"kid": self.key_id})
        return json.dumps({"id_token": token, "access_token": "x", "token_type": "Bearer"}).encode()


def connect(casb: StandIn, tenant: Tenant, **given: Any) -> FakeProvider:  # of each field's type
    """Connect a tenant to a provider."""
    provider = FakeProvider(casb.clock)
    identity = casb.identity
    flow = ExternalSignInFlow(
        ExternalSignIns(casb.database, casb.clock),
        casb.users,
        identity.audit_log,
        identity.vault,
        casb.clock,
        base="https://localhost:8443",
        web=provider,
    )
    identity.__dict__["external_sign_in"] = flow
    facts = {
        "issuer": ISSUER,
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "name_claim": "email",
        "anywhere": True,
        **given,
    }
    flow.put(tenant.tenant_id, GivenProvider(**facts), by="test")
    return provider
