"""A fake directory: its own keys, documents in the format of a real one, and tokens."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt as pyjwt
from cryptography.hazmat.primitives.asymmetric import rsa

from opencasb.identity.trust.configuration import Given
from opencasb.identity.trust.fetch import Unreachable
from opencasb.identity.trust.trust import Trust
from opencasb.model.tenant import Tenant
from opencasb.store.trusted_issuers import TrustedIssuers
from tests.identity.standin import StandIn, spare_key

DIRECTORY = "72f988bf-0000-4000-8000-2d7cd011db47"
APP = "6731de76-14a6-49ae-97bc-6eba6914391e"
CLIENT = "11111111-2222-4333-8444-555555555555"
USER = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
GROUP = "99999999-8888-4777-8666-555555555555"


def number(value: int) -> str:
    """Return a number encoded as in JSON Web Keys."""
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


@dataclass
class Directory:
    """Publishes and signs as the directory ``guid`` at ``authority``; ``answers`` replace its responses."""

    guid: str = DIRECTORY
    authority: str = "login.microsoftonline.com"
    sts: str = "sts.windows.net"
    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=lambda: {"key-1": spare_key()})
    answers: dict[str, bytes | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def v1(self) -> str:
        """The issuer of v1.0 tokens."""
        return f"https://{self.sts}/{self.guid}/"

    @property
    def v2(self) -> str:
        """The issuer of v2.0 tokens."""
        return f"https://{self.authority}/{self.guid}/v2.0"

    def fetch(self, url: str) -> bytes:
        """Respond like the web; None means an outage."""
        self.asked.append(url)
        path = url.removeprefix(f"https://{self.authority}/")
        content = self.answers.get(path, self.documents().get(path))
        if content is None:
            raise Unreachable("nobody there")
        return content

    def documents(self) -> dict[str, bytes]:
        """Return every document by its path."""
        base, jwks = f"https://{self.authority}", json.dumps(self.jwks()).encode()
        metadata = {
            f"{self.guid}/.well-known/openid-configuration": (self.v1, f"{base}/common/discovery/keys"),
            f"{self.guid}/v2.0/.well-known/openid-configuration": (self.v2, f"{base}/{self.guid}/discovery/v2.0/keys"),
        }
        written = {
            path: json.dumps({"issuer": issuer, "jwks_uri": uri, "more": None}).encode()
            for path, (issuer, uri) in metadata.items()
        }
        return {**written, "common/discovery/keys": jwks, f"{self.guid}/discovery/v2.0/keys": jwks}

    def jwks(self, issuer: str = "https://login.microsoftonline.com/{tenantid}/v2.0") -> dict[str, Any]:  # any JSON
        """Return the public keys, with the issuer in the form of the public cloud."""
        issuer = issuer.replace("login.microsoftonline.com", self.authority)
        return {"keys": [jwk(key_id, key) | {"issuer": issuer} for key_id, key in self.keys.items()]}

    def claims(self, now: int, **changed: Any) -> dict[str, Any]:  # any JSON
        """Return the claims of an application's v1.0 token at ``now`` (ms); None omits one."""
        about = {
            "aud": f"api://{APP}",
            "iss": self.v1,
            "tid": self.guid,
            "oid": CLIENT,
            "sub": CLIENT,
            "appid": CLIENT,
            "app_displayname": "nightly",
            "nbf": now // 1000 - 5,
            "exp": now // 1000 + 3600,
            "roles": ["Discovery.Read"],
            "ver": "1.0",
            **changed,
        }
        return {name: value for name, value in about.items() if value is not None}

    def for_user(self, now: int, **changed: Any) -> dict[str, Any]:  # any JSON
        """Return the claims of a user's v2.0 token."""
        about = {
            "aud": APP,
            "iss": self.v2,
            "oid": USER,
            "sub": "pairwise",
            "appid": None,
            "azp": CLIENT,
            "roles": None,
            "scp": "Discovery.Read Discovery.Manage",
            "preferred_username": "Ann@contoso.example",
            "ver": "2.0",
        }
        return self.claims(now, **{**about, **changed})

    def sign(
        self, claims: Mapping[str, Any], key_id: str = "key-1", algorithm: str = "RS256", **header: Any
    ) -> str:  # any JSON
        """Return a token."""
        payload = json.dumps(dict(claims)).encode()  # raw, because a token library would reject some claims
        return pyjwt.PyJWS().encode(payload, self.keys[key_id], algorithm, {"kid": key_id, **header})


def jwk(key_id: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    """Return a public key in its published form."""
    numbers = key.public_key().public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "kid": key_id,
        "x5t": key_id,
        "n": number(numbers.n),
        "e": number(numbers.e),
        "x5c": ["not looked at"],
    }


def trusting(casb: StandIn, fetch: Callable[[str], bytes]) -> Trust:
    """Make an installation fetch keys in this way."""
    trust = Trust(TrustedIssuers(casb.database, casb.clock), casb.tenants, casb.clock, fetch)
    casb.identity.__dict__["trust"] = trust
    casb.identity.__dict__.pop("access", None)
    return trust


def trust(casb: StandIn, tenant: Tenant, directory: Directory, **given: Any) -> Trust:  # of each field's type
    """Make a tenant trust a directory for the REST API as ``APP``."""
    made = trusting(casb, directory.fetch)
    facts = {"issuer": directory.guid, "authority": directory.authority, "audiences": [APP], "anywhere": True, **given}
    made.put(tenant.tenant_id, Given(**facts), by="test")
    return made
