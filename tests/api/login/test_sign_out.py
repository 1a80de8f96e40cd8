"""Sign-out."""

from __future__ import annotations

from typing import Literal

import jwt
import pytest
from starlette.types import ASGIApp

from opencasb.api.login.devices import PATH
from opencasb.portal.page import SESSION_COOKIE
from tests.api.login.browser import Browser
from tests.identity.flows import PASSWORD, REDIRECT, Flow
from tests.identity.standin import HandClock, StandIn

LOGOUT = "/contoso.example/oauth2/v2.0/logout"


@pytest.fixture
def browser(app: ASGIApp, flow: Flow) -> Browser:
    """Open a browser with the user signed in."""
    opened = Browser(app)
    opened.fill_in(opened.get(PATH), username=flow.user.upn, password=PASSWORD)
    assert SESSION_COOKIE in opened.cookies
    return opened


def test_signing_out_ends_the_session_here_and_on_the_server(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """After a confirmation: no other site can sign users out by a link."""
    cookie = browser.cookies[SESSION_COOKIE]
    given = {"post_logout_redirect_uri": REDIRECT, "client_id": flow.application.client_id, "state": "s"}
    page = browser.get(LOGOUT, **given)
    assert casb.identity.sessions.of(cookie)
    answer = browser.fill_in(page)
    assert answer.headers["location"] == f"{REDIRECT}?state=s"
    assert SESSION_COOKIE not in browser.cookies
    assert casb.identity.sessions.of(cookie) is None


@pytest.mark.parametrize("version", [1, 2])
def test_an_id_token_tells_whose_visitor_it_is(
    casb: StandIn, browser: Browser, flow: Flow, hand: HandClock, version: Literal[1, 2]
) -> None:
    """As sent by MSAL, without a client id; an expired token is accepted, but its signature is checked."""
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": flow.verifier}
    token = flow.ask({**form, "code": flow.code()}, version)["id_token"]
    given = {"post_logout_redirect_uri": REDIRECT, "id_token_hint": token, "state": "s"}
    hand.now += 2 * 3600 * 1000
    head, claims, signature = token.split(".")
    stranger = jwt.encode({**jwt.decode(token, options={"verify_signature": False})}, "x" * 32, "HS256")
    for other in (f"{head}.{claims}.{signature[::-1]}", stranger, "\u00e9", ""):
        assert browser.get(LOGOUT, **{**given, "id_token_hint": other}).status_code == 200
        assert casb.identity.tokens.client_of(other) == ""
    assert browser.fill_in(browser.get(LOGOUT, **given)).headers["location"] == f"{REDIRECT}?state=s"
    assert browser.get(LOGOUT, **given).headers["location"] == f"{REDIRECT}?state=s"
    assert browser.get(LOGOUT, **{**given, "post_logout_redirect_uri": f"{REDIRECT}x"}).status_code == 200


@pytest.mark.parametrize("segment", ["contoso.example", "common"])
def test_an_application_need_not_say_who_it_is(casb: StandIn, browser: Browser, flow: Flow, segment: str) -> None:
    """As in MSAL samples: to a redirect of an application known in the user's tenant."""
    logout, given = LOGOUT.replace("contoso.example", segment), {"post_logout_redirect_uri": REDIRECT, "state": "s"}
    other, _ = casb.application(casb.tenants.create("Fabrikam", domain="fabrikam.example"))
    casb.identity.registrations.add_redirect(other, "web", "https://fabrikam.example/", by="test")
    assert browser.fill_in(browser.get(logout, **given)).headers["location"] == f"{REDIRECT}?state=s"
    for segment_now, address, status in (
        ("contoso.example", REDIRECT, 303),
        ("contoso.example", "https://fabrikam.example/", 200),
        ("fabrikam.example", REDIRECT, 200),
        ("common", REDIRECT, 200),  # nobody is signed in, so the tenant is unknown
    ):
        again = browser.get(LOGOUT.replace("contoso.example", segment_now), post_logout_redirect_uri=address)
        assert again.status_code == status


def test_an_application_of_elsewhere_counts_where_it_is_known(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """Its redirects are those in its home tenant."""
    home = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    guest = casb.identity.applications.create(home.tenant_id, "guest", multitenant=True)
    casb.identity.registrations.add_redirect(guest, "web", "https://fabrikam.example/", by="test")
    given = {"post_logout_redirect_uri": "https://fabrikam.example/"}
    browser.fill_in(browser.get(LOGOUT))
    assert browser.get(LOGOUT, **given).status_code == 200
    casb.identity.consents.enter(flow.tenant, guest, "test")
    assert browser.get(LOGOUT, **given).headers["location"] == "https://fabrikam.example/"


def test_the_page_does_not_say_where_the_application_leads(browser: Browser) -> None:
    """Browsers apply such a policy to every redirect after the form."""
    assert "form-action" not in browser.get(LOGOUT).headers["content-security-policy"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", REDIRECT + "x", ""])
def test_nobody_is_sent_where_no_application_registered(browser: Browser, flow: Flow, elsewhere: str) -> None:
    """Instead, the page says that sign-out is complete."""
    given = {"post_logout_redirect_uri": elsewhere, "client_id": flow.application.client_id}
    answer = browser.fill_in(browser.get(LOGOUT, **given))
    assert answer.status_code == 200
    assert "Signed out" in answer.text


def test_a_forged_form_signs_nobody_out(browser: Browser) -> None:
    """It lacks the token."""
    assert browser.post(LOGOUT, {"form_token": "0" * 64}).status_code == 400
    assert SESSION_COOKIE in browser.cookies
