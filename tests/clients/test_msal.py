"""Unmodified MSAL for Python, with every way to sign in applications and users (identity §3)."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import msal  # type: ignore[import-untyped]  # it ships no types
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from tests.api.login.browser import form_of
from tests.clients.live import (
    ADMINISTRATOR,
    APPLICATION_SCOPE,
    DEVICE,
    DOMAIN,
    GRAPH_SCOPE,
    METADATA,
    PASSWORD,
    READER,
    SITE,
    TOKEN,
    USER_SCOPE,
    ElsewherePort,
    Live,
)

pytestmark = pytest.mark.xdist_group("graph-sdk")  # one server for all clients


@contextmanager
def opened(live: Live, make: Callable[..., Any], **given: Any) -> Iterator[Any]:  # MSAL has no types
    """Open an MSAL client, and close its connections at the end."""
    where = {} if "oidc_authority" in given else {"authority": live.authority, "instance_discovery": False}
    client = make(**{"verify": live.ca, **where, **given})
    yield client
    client.http_client.close()


def daemon(live: Live, credential: object = None, **given: Any) -> Any:  # MSAL has no types
    """Open a client that acts as itself."""
    proof = credential or live.daemon.secret
    make = msal.ConfidentialClientApplication
    return opened(live, make, client_id=live.daemon.client_id, client_credential=proof, **given)


def native(live: Live, **given: Any) -> Any:  # MSAL has no types
    """Open a client on a user's device."""
    return opened(live, msal.PublicClientApplication, client_id=live.native.client_id, **given)


@pytest.mark.parametrize("segment", ["{guid}", DOMAIN, "CONTOSO.example/"])
def test_an_application_gets_a_token_in_two_requests(live: Live, segment: str) -> None:
    """Metadata and token: there are no other requests, and the second token comes from the cache."""
    tenant = segment.format(guid=live.guid)
    with daemon(live, authority=f"{live.base}/{tenant}") as client:
        answer = client.acquire_token_for_client([APPLICATION_SCOPE])
        again = client.acquire_token_for_client([APPLICATION_SCOPE])
    named = tenant.replace(live.guid, "{t}").lower()
    assert [each.lower() for each in live.seen()] == [
        METADATA.replace("{t}", named).lower(),
        TOKEN.lower(),  # the metadata contains the tenant's guid
    ]
    assert (answer["token_source"], answer["expires_in"]) == ("identity_provider", 3599)
    assert again["token_source"] == "cache"
    assert live.claims(answer["access_token"])["roles"] == ["discovery.manage"]


def test_the_issuer_serves_as_an_openid_authority(live: Live) -> None:
    """No flag is needed then."""
    with daemon(live, oidc_authority=f"{live.authority}/v2.0") as client:
        answer = client.acquire_token_for_client([GRAPH_SCOPE])
    assert live.seen() == [METADATA, TOKEN]
    claims = live.claims(answer["access_token"], "https://graph.microsoft.com")
    assert claims["roles"] == ["CloudApp-Discovery.Read.All"]


@pytest.mark.parametrize("where", ["authority", "oidc_authority"])
def test_plain_http_is_refused_by_the_library(live: Live, where: str) -> None:
    """It sends no request, so TLS is required."""
    plain = {where: f"{live.server.plain}/{live.guid}"}
    with requests.Session() as session, pytest.raises(ValueError, match="https"):
        msal.ConfidentialClientApplication("x", client_credential="x", http_client=session, **plain)
    assert live.seen() == []


@pytest.mark.parametrize("kind", ["thumbprint", "certificate"])
def test_an_application_proves_itself_by_a_certificate(live: Live, kind: str) -> None:
    """It has only the SHA-1 thumbprint, or the public certificate, which means PS256 and SHA-256."""
    pem = live.daemon.certificate.read_text()
    proof = {"private_key": live.daemon.key.read_text()}
    if kind == "thumbprint":
        known = x509.load_pem_x509_certificate(pem.encode())
        proof["thumbprint"] = known.fingerprint(hashes.SHA1()).hex()  # noqa: S303 - required by the library
    else:
        proof["public_certificate"] = pem
    with daemon(live, proof) as client:
        answer = client.acquire_token_for_client([APPLICATION_SCOPE])
        other = client.acquire_token_for_client([GRAPH_SCOPE])  # the library reuses the assertion
    assert live.seen() == [METADATA, TOKEN, TOKEN]
    assert "error" not in answer, answer
    assert "error" not in other, other
    assert live.claims(answer["access_token"])["appidacr"] == "2"
    assert live.claims(other["access_token"], "https://graph.microsoft.com")["appidacr"] == "2"


def test_a_refusal_is_shown_with_our_number(live: Live) -> None:
    """It is a dictionary; the user reads the number's text."""
    with daemon(live, "wrong") as client:
        answer = client.acquire_token_for_client([APPLICATION_SCOPE])
    assert (answer["error"], answer["error_codes"]) == ("invalid_client", [7000215])
    assert answer["error_description"].startswith("AADSTS7000215: ")


def test_an_unknown_tenant_is_explained(live: Live) -> None:
    """The metadata's 400 becomes MSAL's own advice to check the tenant."""
    with requests.Session() as session:
        session.verify = live.ca
        with pytest.raises(ValueError, match="tenant"):
            msal.ConfidentialClientApplication(
                live.daemon.client_id,
                client_credential="x",
                authority=f"{live.base}/unknown.example",
                instance_discovery=False,
                http_client=session,
            )


def test_a_flood_of_wrong_secrets_is_remembered_by_the_client(live: Live) -> None:
    """429 with ``Retry-After``: MSAL sends no request until it has passed, even with the correct secret."""
    make = msal.ConfidentialClientApplication
    with opened(live, make, client_id=live.flooded.client_id, client_credential="wrong") as client:
        answers = [client.acquire_token_for_client([APPLICATION_SCOPE]) for _ in range(25)]
    assert answers[0]["error_codes"] == [7000215]
    assert answers[-1]["error_codes"] == [90055]
    assert len(live.seen()) < 25


def test_a_site_signs_a_user_in_and_stays_signed_in(live: Live) -> None:
    """Code with proof key through the sign-in page, then renewal: the requests are those of §3, in that order."""
    make = msal.ConfidentialClientApplication
    with opened(live, make, client_id=live.site.client_id, client_credential=_assertion(live)) as client:
        flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=SITE, response_mode="form_post")
        _, brought = form_of(live.sign_in(live.browser(), flow["auth_uri"]))
        answer = client.acquire_token_by_auth_code_flow(flow, brought)
        [account] = client.get_accounts()
        again = client.acquire_token_silent([USER_SCOPE], account, force_refresh=True)
    asked = [each.partition("?")[0] for each in live.seen()]
    authorize = "GET /{t}/oauth2/v2.0/authorize"
    assert asked == [METADATA, authorize, "POST /{t}/login", authorize, TOKEN, TOKEN]
    assert account["username"] == ADMINISTRATOR
    assert (answer["id_token_claims"]["preferred_username"], again["token_source"]) == (
        ADMINISTRATOR,
        "identity_provider",
    )
    for each in (answer, again):
        claims = live.claims(each["access_token"])
        assert (claims["scp"], claims["upn"], claims["appidacr"]) == ("discovery.read", ADMINISTRATOR, "2")


def test_a_site_with_a_certificate_signs_two_users_in(live: Live) -> None:
    """The second signs in while the library still uses the assertion created for the first."""
    make = msal.ConfidentialClientApplication
    with opened(live, make, client_id=live.site.client_id, client_credential=_assertion(live)) as client:
        for name in (ADMINISTRATOR, READER):
            flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=SITE, response_mode="form_post")
            _, brought = form_of(live.sign_in(live.browser(), flow["auth_uri"], name))
            answer = client.acquire_token_by_auth_code_flow(flow, brought)
            assert live.claims(answer["access_token"])["upn"] == name


def test_a_site_demands_a_recent_sign_in(live: Live) -> None:
    """The library checks the time of sign-in in the ID token."""
    make, browser = msal.ConfidentialClientApplication, live.browser()
    with opened(live, make, client_id=live.site.client_id, client_credential=_assertion(live)) as client:
        flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=SITE, response_mode="form_post", max_age=60)
        _, brought = form_of(live.sign_in(browser, flow["auth_uri"]))
        answer = client.acquire_token_by_auth_code_flow(flow, brought)
        assert answer["id_token_claims"]["auth_time"]
        flow = client.initiate_auth_code_flow([USER_SCOPE], redirect_uri=SITE, response_mode="form_post", max_age=0)
        assert "Password" in browser.get(flow["auth_uri"]).text


def test_another_state_or_nonce_is_refused_by_the_library(live: Live) -> None:
    """These answer another flow: the state is compared, and the nonce in the signed ID token."""
    make = msal.ConfidentialClientApplication
    with opened(live, make, client_id=live.site.client_id, client_credential=_assertion(live)) as client:
        mine, other = (client.initiate_auth_code_flow([USER_SCOPE], SITE, response_mode="form_post") for _ in "12")
        _, brought = form_of(live.sign_in(live.browser(), other["auth_uri"]))
        with pytest.raises(ValueError, match="state"):
            client.acquire_token_by_auth_code_flow(mine, brought)
        with pytest.raises(RuntimeError, match="nonce"):
            client.acquire_token_by_auth_code_flow({**other, "nonce": mine["nonce"]}, brought)


def _assertion(live: Live) -> dict[str, str]:
    return {"private_key": live.site.key.read_text(), "public_certificate": live.site.certificate.read_text()}


@pytest.mark.filterwarnings("ignore:Attempted too soon")  # the second poll, which succeeds at once
def test_a_device_is_approved_on_the_page(live: Live) -> None:
    """The device requests a code, its user enters it in a browser, and the device's poll succeeds."""
    with native(live) as client:
        flow = client.initiate_device_flow([USER_SCOPE])
        assert flow["user_code"] in flow["message"]
        assert flow["interval"] == 5
        waiting = client.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)
        assert waiting["error"] == "authorization_pending"
        live.approve(flow["user_code"])
        answer = client.acquire_token_by_device_flow(flow)
    programs = [each for each in live.seen() if "/login" not in each and "deviceauth" not in each]
    assert programs == [METADATA, DEVICE, TOKEN, TOKEN]
    assert live.claims(answer["access_token"])["upn"] == ADMINISTRATOR


def test_an_interactive_sign_in_posts_to_a_random_port(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library listens on this machine, and accepts the code only from a form."""
    pages: list[str] = []

    def browse(address: str) -> bool:
        Thread(target=lambda: pages.append(_visit(live, address))).start()
        return True

    monkeypatch.setattr(webbrowser, "open", browse)
    with native(live) as client:
        answer = client.acquire_token_interactive([USER_SCOPE], timeout=30)
    assert live.claims(answer["access_token"])["upn"] == ADMINISTRATOR
    asked = [each.partition("?")[0] for each in live.seen()]
    authorize = "GET /{t}/oauth2/v2.0/authorize"
    assert asked == [METADATA, authorize, "POST /{t}/login", authorize, TOKEN]
    assert "response_mode=form_post" in live.seen()[1]


def _visit(live: Live, address: str) -> str:
    browser = live.browser()
    action, form = form_of(live.sign_in(browser, address))
    assert action.startswith("http://localhost:")
    return browser.post(action, form).text


@pytest.mark.filterwarnings("ignore:This API has been deprecated")
def test_a_password_is_taken_where_a_tenant_allows_it(live: Live) -> None:
    """The realm is requested on port 443, whatever the authority's port."""
    with requests.Session() as session:
        session.verify = live.ca
        session.mount("https://localhost/common/userrealm/", ElsewherePort(live.base))
        with native(live, http_client=session, verify=None) as client:
            answer = client.acquire_token_by_username_password(ADMINISTRATOR, PASSWORD, [USER_SCOPE])
            wrong = client.acquire_token_by_username_password(ADMINISTRATOR, "wrong", [USER_SCOPE])
    realm = f"GET /common/userrealm/{ADMINISTRATOR}?api-version=1.0"
    assert live.seen() == [METADATA, realm, TOKEN, TOKEN]
    assert live.claims(answer["access_token"])["amr"] == ["pwd"]
    assert wrong["error_codes"] == [50126]
