"""The public documents of the authorization server: metadata, keys and instance discovery (identity §2)."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import quote, urlsplit

from opencasb.identity.errors import OAuthError
from opencasb.identity.host_alias import AUTHORITY, GRAPH_HOST
from opencasb.identity.keyring import Keyring, SigningKey
from opencasb.identity.token_endpoint import find_tenant
from opencasb.identity.tokens import AccessTokens
from opencasb.model.delegation import Version
from opencasb.store.tenants import Tenants

ANY_TENANT: Final = "{tenantid}"
"""The literal placeholder for the tenant in the issuer of alias endpoints."""

GRANT_TYPES: Final = (
    "client_credentials",
    "authorization_code",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:device_code",
)
"""The grant types available to every tenant."""

_CLAIMS = "sub iss aud exp iat nonce preferred_username name tid ver at_hash c_hash email"


class Documents:
    """Builds the documents of a server reached at ``base``; ``hosts`` are its other host names."""

    def __init__(
        self,
        tenants: Tenants,
        keyring: Keyring,
        tokens: AccessTokens,
        *,
        base: str,
        hosts: Iterable[str],
    ) -> None:
        self._tenants = tenants
        self._keyring = keyring
        self._tokens = tokens
        self._base = base.rstrip("/")
        address = urlsplit(base)
        self._host = address.netloc
        self._graph = self._base.replace(AUTHORITY, GRAPH_HOST) if address.hostname == AUTHORITY else self._base
        self._port = address.port
        self._names = sorted({address.hostname or "", *(host.lower() for host in hosts)} - {""})

    def metadata(self, segment: str, version: Version) -> dict[str, Any]:  # any JSON
        """Return the OpenID configuration of a tenant or alias. Raises 90002."""
        tenant = find_tenant(self._tenants, segment)
        root = f"{self._base}/{tenant.guid if tenant else segment.lower()}"
        path = "/v2.0" if version == 2 else ""
        guid = tenant.guid if tenant else ANY_TENANT
        return {
            "issuer": self._tokens.v2_issuer(guid) if version == 2 else self._tokens.issuer(guid),
            "authorization_endpoint": f"{root}/oauth2{path}/authorize",
            "token_endpoint": f"{root}/oauth2{path}/token",
            "device_authorization_endpoint": f"{root}/oauth2{path}/devicecode",
            "end_session_endpoint": f"{root}/oauth2{path}/logout",
            "userinfo_endpoint": f"{self._graph}/oidc/userinfo",
            "authorization_response_iss_parameter_supported": tenant is not None,
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "jwks_uri": f"{root}/discovery{path}/keys",
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "client_secret_basic",
                "private_key_jwt",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
            "grant_types_supported": [*GRANT_TYPES, *(["password"] if tenant and tenant.password_grant else [])],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": _CLAIMS.split(),
            "request_uri_parameter_supported": False,
            "tenant_region_scope": None,
            "cloud_instance_name": self._host,
            "cloud_graph_host_name": urlsplit(self._graph).netloc,
            "msgraph_host": urlsplit(self._graph).netloc,
            "rbac_url": self._base,
        }

    def keys(self, segment: str, version: Version) -> dict[str, Any]:  # any JSON
        """Return the JWK set of a tenant or alias, shuffled so that clients do not rely on an order. Raises 90002."""
        tenant = find_tenant(self._tenants, segment)
        issuer = self._tokens.v2_issuer(tenant.guid if tenant else ANY_TENANT)
        keys = [_jwk(key) | ({"issuer": issuer} if version == 2 else {}) for key in self._keyring.published()]
        random.shuffle(keys)
        return {"keys": keys}

    def instance(self, authorization_endpoint: str) -> dict[str, Any]:  # any JSON
        """Return where to find the metadata of ``authorization_endpoint``. Raises 900144 if empty, 50049 if unknown.

        Only the host name is compared: one library sends the port and another omits it.
        """
        if not authorization_endpoint:
            raise OAuthError(900144, "The request must contain the parameter 'authorization_endpoint'.")
        try:
            address = urlsplit(authorization_endpoint)
        except ValueError:
            raise OAuthError(50049, "The instance is not known here.") from None
        if address.hostname not in self._names:
            raise OAuthError(50049, "The instance is not known here.")
        segment = next((part for part in address.path.split("/") if part), "common")
        aliases = [alias for name in self._names for alias in self._with_port(name)]
        return {
            "tenant_discovery_endpoint": f"{self._base}/{quote(segment)}/v2.0/.well-known/openid-configuration",
            "api-version": "1.1",
            "metadata": [{"preferred_network": self._host, "preferred_cache": self._host, "aliases": aliases}],
        }

    def _with_port(self, name: str) -> list[str]:
        written = f"[{name}]" if ":" in name else name
        return [written] if self._port in (None, 443) else [f"{written}:{self._port}", written]


def _jwk(key: SigningKey) -> dict[str, Any]:
    numbers = key.public.as_dict(private=False)
    return {
        "kty": "RSA",
        "use": "sig",
        "kid": key.key_id,
        "x5t": key.key_id,
        "n": numbers["n"],
        "e": numbers["e"],
        "x5c": [base64.b64encode(key.certificate).decode()],
    }
