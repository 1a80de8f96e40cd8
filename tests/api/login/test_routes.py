"""Paths of the authorization server."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp

from opencasb.api.login.routes import REQUESTS_PER_MINUTE
from opencasb.model.tenant import Tenant
from tests.identity.standin import PUBLIC_URL
from tests.wire import send

TOKEN = ["/contoso.example/oauth2/token", "/contoso.example/oauth2/v2.0/token"]
DOCUMENTS = [
    "/contoso.example/.well-known/openid-configuration",
    "/contoso.example/v2.0/.well-known/openid-configuration",
    "/contoso.example/discovery/keys",
    "/contoso.example/discovery/v2.0/keys",
]


@pytest.mark.parametrize("path", TOKEN)
@pytest.mark.parametrize("rewrite", ["{0}", "/{0}", "{0}/", "//{0}//"])
def test_token_endpoints_are_reached_with_any_slashes(
    app: ASGIApp, good: dict[str, str], path: str, rewrite: str
) -> None:
    """Doubled and trailing slashes work, without a redirect."""
    doubled = path.replace("/oauth2", "//oauth2") if "//" in rewrite else path
    answer = send(app, "POST", PUBLIC_URL + rewrite.format(doubled), data=good)
    assert answer.status_code == 200
    assert "access_token" in answer.json()


@pytest.mark.parametrize("name", ["oAuth2/token", "oauth2/V2.0/token", "OAUTH2/v2.0/TOKEN", "OAuth2/Token/"])
def test_endpoints_are_reached_in_any_case(app: ASGIApp, tenant: Tenant, good: dict[str, str], name: str) -> None:
    """As upstream, including the tenant's domain. A user name keeps its case."""
    for named in ("contoso.example", "Contoso.Example", tenant.guid.upper()):
        answer = send(app, "POST", f"{PUBLIC_URL}/{named}/{name}", data=good)
        assert answer.status_code == 200, answer.text
    documents = "/contoso.example/V2.0/.well-known/OpenID-Configuration", "/contoso.example/Discovery/Keys"
    for path in documents:
        assert send(app, "GET", path).status_code == 200
    other = "192.0.2.3"  # whose requests are counted separately
    assert send(app, "GET", "/contoso.example/OAuth2/V2.0/Authorize", address=other).status_code == 400
    realm = send(app, "GET", "/Common/UserRealm/Ann@Contoso.Example", address=other)
    assert realm.json()["domain_name"] == "Contoso.Example"


@pytest.mark.parametrize(
    "path", ["/DeviceLogin", "/Common/OAuth2/DeviceAuth", "/Error?code=50011", "/Common/discovery/Instance"]
)
def test_addresses_without_a_tenant_are_reached_in_any_case(app: ASGIApp, path: str) -> None:
    """People type some of them."""
    query = {"authorization_endpoint": f"{PUBLIC_URL}/common/oauth2/authorize"} if "Instance" in path else None
    assert send(app, "GET", path, params=query).status_code == 200


@pytest.mark.parametrize("path", DOCUMENTS)
def test_documents_are_public_and_cacheable(app: ASGIApp, tenant: Tenant, path: str) -> None:
    """Every tenant has its four documents, with CORS for any origin, cacheable for a day."""
    for written in (path, path.replace("contoso.example", f"/{tenant.guid.upper()}/")):
        answer = send(app, "GET", PUBLIC_URL + written)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=86400"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_the_documents_lead_to_each_other(app: ASGIApp, tenant: Tenant, good: dict[str, str]) -> None:
    """From instance discovery to the metadata, and from there to keys and tokens."""
    authority = f"{PUBLIC_URL}/{tenant.guid}/oauth2/v2.0/authorize"
    query = {"api-version": "1.1", "authorization_endpoint": authority}
    instance = send(app, "GET", "/common/discovery/instance", params=query).json()
    metadata = send(app, "GET", instance["tenant_discovery_endpoint"]).json()
    assert len(send(app, "GET", metadata["jwks_uri"]).json()["keys"]) >= 2
    assert send(app, "POST", metadata["token_endpoint"], data=good).status_code == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", TOKEN)
def test_tokens_are_posted_for(app: ASGIApp, path: str, method: str) -> None:
    """Other methods get 405 with the allowed one and its error number."""
    answer = send(app, method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["error_codes"] == [900561]
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize("path", [*DOCUMENTS, "/common/discovery/instance"])
def test_documents_are_read(app: ASGIApp, path: str) -> None:
    """Documents do not accept POST."""
    answer = send(app, "POST", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ["/", "/x", "/contoso.example/oauth2/nothing", "/a/b/c/d/e", "/%0a", "/common"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_other_addresses_are_not_found(app: ASGIApp, path: str, method: str) -> None:
    """Everything else is 404 in JSON."""
    answer = send(app, method, path)
    assert answer.status_code == 404
    assert answer.json()["error"] == "not_found"


def test_an_address_that_asks_without_end_waits(app: ASGIApp) -> None:
    """Other addresses are unaffected, and the two endpoints have separate counts."""
    realm, authorize = "/common/userrealm/ann@contoso.example", "/contoso.example/oauth2/v2.0/authorize"
    for _ in range(REQUESTS_PER_MINUTE):
        assert send(app, "GET", realm).status_code == 200
    refused = send(app, "GET", realm)
    assert (refused.status_code, refused.json()["error_codes"]) == (429, [90055])
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert send(app, "GET", realm, address="192.0.2.2").status_code == 200
    assert send(app, "GET", authorize).status_code == 400


@pytest.mark.parametrize(
    ("user", "domain"),
    [("ann@contoso.example", "contoso.example"), ("ann%40contoso.example", "contoso.example"), ("foo", "")],
)
def test_the_realm_of_a_user_is_behind_the_sign(app: ASGIApp, user: str, domain: str) -> None:
    """A name without an @ has none."""
    assert send(app, "GET", f"/common/UserRealm/{user}", address="192.0.2.77").json()["domain_name"] == domain
