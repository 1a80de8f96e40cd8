"""Generic OpenID Connect clients, independent of the dialect: Authlib and requests-oauthlib."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest
import requests
from authlib.integrations import requests_client  # type: ignore[import-untyped]
from requests_oauthlib import OAuth2Session  # type: ignore[import-untyped]

from tests.clients.live import ADMINISTRATOR, METADATA, SITE, TOKEN, Live

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients

SCOPE = "openid profile email offline_access"
AUTHORIZE = "GET /{t}/oauth2/v2.0/authorize"
USER_INFO = "/oidc/userinfo"


def discover(live: Live, version: str = "/v2.0") -> dict[str, Any]:  # any JSON
    """Return the configuration that a client reads first."""
    address = f"{live.authority}{version}/.well-known/openid-configuration"
    return dict(requests.get(address, verify=live.ca, timeout=20).json())


def signed_in(live: Live, configuration: dict[str, Any], id_token: str, nonce: str) -> dict[str, Any]:  # any JSON
    """Verify an ID token as specified by OpenID Connect, and return its claims."""
    keys = jwt.PyJWKClient(configuration["jwks_uri"], ssl_context=live.context)
    claims = dict(
        jwt.decode(
            id_token,
            keys.get_signing_key_from_jwt(id_token),
            configuration["id_token_signing_alg_values_supported"],
            audience=live.site.client_id,
            issuer=configuration["issuer"],
            options={"require": ["sub", "exp", "iat"]},
        )
    )
    assert claims["nonce"] == nonce
    return claims


def programs(live: Live) -> list[str]:
    """Return the programs' requests without queries, sign-in form and keys."""
    asked = [each.partition("?")[0] for each in live.seen()]
    return [each for each in asked if not each.endswith(("/login", "/keys"))]


def test_authlib_signs_a_user_in(live: Live) -> None:
    """Code with S256, a check of the response's issuer (RFC 9207), user info, and renewal."""
    configuration = discover(live)
    with requests_client.OAuth2Session(
        live.site.client_id,
        live.site.secret,
        scope=SCOPE,
        redirect_uri=SITE,
        code_challenge_method="S256",
        token_endpoint=configuration["token_endpoint"],
        token_endpoint_auth_method="client_secret_basic",
    ) as client:
        client.verify = live.ca
        address, state = client.create_authorization_url(
            configuration["authorization_endpoint"], nonce="n-1", code_verifier="v" * 50
        )
        location = live.sign_in(live.browser(), address).headers["location"]
        assert answer_of_issuer(location) == configuration["issuer"]
        token = client.fetch_token(authorization_response=location, state=state, code_verifier="v" * 50)
        person = client.get(configuration["userinfo_endpoint"]).json()
        renewed = client.refresh_token(configuration["token_endpoint"])
    assert programs(live) == [METADATA, AUTHORIZE, AUTHORIZE, TOKEN, f"GET {USER_INFO}", TOKEN]
    claims = signed_in(live, configuration, token["id_token"], "n-1")
    assert (claims["preferred_username"], person["email"]) == (ADMINISTRATOR, ADMINISTRATOR)
    assert person["sub"] == claims["sub"]
    assert renewed["refresh_token"] != token["refresh_token"]


def answer_of_issuer(location: str) -> str:
    """Return the issuer in the URL to which a browser was redirected."""
    return dict(parse_qsl(urlsplit(location).query))["iss"]


@pytest.mark.parametrize("version", ["/v2.0", ""])
def test_requests_oauthlib_signs_a_user_in(live: Live, version: str) -> None:
    """It sends no proof key, optional for clients with a secret; the documents of both versions work."""
    configuration = discover(live, version)
    with OAuth2Session(live.site.client_id, scope=SCOPE.split(), redirect_uri=SITE) as client:
        client.verify = live.ca
        address, _ = client.authorization_url(configuration["authorization_endpoint"], nonce="n-2")
        location = live.sign_in(live.browser(), address).headers["location"]
        token = client.fetch_token(
            configuration["token_endpoint"],
            authorization_response=location,
            client_secret=live.site.secret,
            include_client_id=True,
        )
        person = client.get(configuration["userinfo_endpoint"]).json()
    asked = [METADATA, AUTHORIZE, AUTHORIZE, TOKEN, f"GET {USER_INFO}"]
    assert programs(live) == [each.replace("/v2.0", version) for each in asked]
    assert signed_in(live, configuration, token["id_token"], "n-2")["sub"] == person["sub"]
