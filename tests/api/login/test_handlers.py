"""The endpoints as called by scripts: exact bodies, and tokens verified by a second library."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from starlette.types import ASGIApp

from opencasb.identity.keyring import ROTATE_AFTER
from opencasb.model.permissions import MDCA
from opencasb.model.tenant import Tenant
from tests.identity.standin import PUBLIC_URL, HandClock, StandIn
from tests.wire import send


def _verified(app: ASGIApp, tenant: Tenant, token: str, version: str) -> dict[str, Any]:  # any JSON
    """Verify a token like a resource server: metadata, keys, signature, issuer, audience."""
    metadata = send(app, "GET", f"/{tenant.guid}/.well-known/openid-configuration").json()
    keys = jwt.PyJWKSet.from_dict(send(app, "GET", f"/{tenant.guid}/discovery{version}/keys").json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    checks: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False}  # the clock is fixed
    return dict(jwt.decode(token, key, ["RS256"], audience=MDCA.app_id, issuer=metadata["issuer"], options=checks))


def test_the_v2_endpoint_answers_scripts(app: ASGIApp, tenant: Tenant, good: dict[str, str]) -> None:
    """Integers, four fields, and a v1.0 token: the resource determines the version."""
    body = send(app, "POST", f"/{tenant.guid}/oauth2/v2.0/token", data=good).json()
    claims = _verified(app, tenant, body.pop("access_token"), "/v2.0")
    assert body == {"token_type": "Bearer", "expires_in": 3599, "ext_expires_in": 3599}
    assert (claims["ver"], claims["roles"], claims["appid"]) == ("1.0", ["discovery.read"], good["client_id"])


def test_the_v1_endpoint_answers_scripts(app: ASGIApp, tenant: Tenant, good: dict[str, str]) -> None:
    """Strings, the token's times, and the resource as requested."""
    form = {**good, "resource": MDCA.app_id.upper()}
    body = send(app, "POST", f"/{tenant.guid}/oauth2/token", data=form).json()
    claims = _verified(app, tenant, body.pop("access_token"), "")
    assert body == {
        "token_type": "Bearer",
        "expires_in": "3599",
        "ext_expires_in": "3599",
        "expires_on": str(claims["exp"]),
        "not_before": str(claims["nbf"]),
        "resource": MDCA.app_id.upper(),
    }


def test_a_client_that_keeps_calling_does_not_notice_a_rotation(
    app: ASGIApp, casb: StandIn, hand: HandClock, good: dict[str, str]
) -> None:
    """Week by week across a rotation: every token is accepted, by us and by a client with last week's keys."""
    begin, signers = hand.now, set()
    old_keys = send(app, "GET", "/common/discovery/v2.0/keys").json()["keys"]
    for step in range(24):
        hand.now = begin + step * ROTATE_AFTER // 12
        token = send(app, "POST", "/contoso.example/oauth2/v2.0/token", data=good).json()["access_token"]
        kid = jwt.get_unverified_header(token)["kid"]
        assert kid in {key["kid"] for key in old_keys}
        hand.now += 3_599_000
        assert casb.identity.access.authenticate(f"Bearer {token}", "mdca").may("discovery.read")
        old_keys = send(app, "GET", "/common/discovery/v2.0/keys").json()["keys"]
        signers.add(kid)
    assert len(signers) == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, 900144),
        ({"authorization_endpoint": "https://login.microsoftonline.com/common/oauth2/authorize"}, 50049),
    ],
)
def test_a_strange_instance_is_refused(app: ASGIApp, query: dict[str, str], code: int) -> None:
    """400 with the error invalid_instance."""
    answer = send(app, "GET", "/common/discovery/instance", params=query)
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [code])
    assert answer.json()["error"] == ("invalid_instance" if code == 50049 else "invalid_request")


@pytest.mark.parametrize("path", ["v2.0/.well-known/openid-configuration", "discovery/keys", "oauth2/token"])
def test_an_unknown_tenant_is_a_clear_400(app: ASGIApp, path: str) -> None:
    """On all endpoints; libraries report it as "check the tenant"."""
    method = "POST" if path.endswith("token") else "GET"
    answer = send(app, method, f"{PUBLIC_URL}/unknown.example/{path}")
    assert (answer.status_code, answer.json()["error_codes"]) == (400, [90002])


@pytest.mark.parametrize(
    "path", [*("oauth2/v2.0/authorize", "oauth2/v2.0/logout", "oauth2/nativeclient"), "adminconsent?client_id=x"]
)
@pytest.mark.parametrize("segment", ["unknown.example", "consumers"])
def test_an_unknown_tenant_is_told_on_a_page(app: ASGIApp, segment: str, path: str) -> None:
    """Where browsers go."""
    answer = send(app, "GET", f"/{segment}/{path}")
    assert answer.status_code == 400
    assert "AADSTS90002" in answer.text


@pytest.mark.parametrize("user", ["ann@contoso.example", "nobody@nowhere.example", "x"])
def test_every_user_is_managed_here(app: ASGIApp, user: str) -> None:
    """Realm discovery reveals nothing about accounts."""
    realm = send(app, "GET", f"/common/UserRealm/{user}", params={"api-version": "1.0"}).json()
    assert (realm["account_type"], realm["ver"]) == ("Managed", "1.0")


def test_pages_may_ask_for_tokens(app: ASGIApp, good: dict[str, str]) -> None:
    """Single-page applications request tokens across origins, without cookies."""
    origin = {"origin": "https://app.example"}
    asked = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    answer = send(app, "OPTIONS", "/contoso.example/oauth2/v2.0/token", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    answer = send(app, "POST", "/contoso.example/oauth2/v2.0/token", headers=origin, data=good)
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")


def test_pages_may_ask_who_signed_in(app: ASGIApp) -> None:
    """With a token in the header, after a preflight request."""
    asked = {"origin": "https://app.example", "access-control-request-headers": "authorization"}
    answer = send(app, "OPTIONS", "/oidc/userinfo", headers=asked)
    assert (answer.status_code, answer.headers["access-control-allow-headers"]) == (204, "authorization")
    answer = send(app, "GET", "/oidc/userinfo", headers={"origin": "https://app.example"})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, "*")


def test_user_info_needs_a_users_token_for_graph(app: ASGIApp, good: dict[str, str]) -> None:
    """An application token, or none, gets a challenge."""
    token = send(app, "POST", "/contoso.example/oauth2/v2.0/token", data=good).json()["access_token"]
    for header in ({}, {"authorization": f"Bearer {token}"}, {"authorization": "Bearer x"}):
        answer = send(app, "GET", "/oidc/userinfo", headers=header)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(("code", "status"), [("7000215", 200), ("1", 404), ("x", 404), ("", 404)])
def test_the_page_of_a_number(app: ASGIApp, code: str, status: int) -> None:
    """Error numbers that programs show can be looked up."""
    assert send(app, "GET", "/error", params={"code": code}).status_code == status


def test_native_programs_have_a_page_to_land_on(app: ASGIApp) -> None:
    """It has only one word."""
    assert send(app, "GET", "/common/oauth2/nativeclient?code=x").status_code == 200
