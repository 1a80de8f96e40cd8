"""Signing out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from opencasb.api import login
from opencasb.api.login.devices import PATH
from opencasb.portal.page import SESSION_COOKIE
from tests.api.login.browser import Browser
from tests.identity.flows import PASSWORD, REDIRECT, Flow, begin
from tests.identity.standin import HandClock, StandIn, open_standin

LOGOUT = "/contoso.example/oauth2/v2.0/logout"


@pytest.fixture
def casb(tmp_path: Path) -> Iterator[StandIn]:
    """Open an installation."""
    with open_standin(tmp_path, HandClock()) as opened:
        yield opened


@pytest.fixture
def flow(casb: StandIn) -> Flow:
    """Return an application and a user."""
    return begin(casb, casb.tenants.create("Contoso", domain="contoso.example"))


@pytest.fixture
def browser(casb: StandIn, flow: Flow) -> Browser:
    """Open a browser in which the user is signed in."""
    opened = Browser(login.build(casb))
    opened.fill_in(opened.get(PATH), username=flow.user.upn, password=PASSWORD)
    assert SESSION_COOKIE in opened.cookies
    return opened


def test_signing_out_ends_the_session_here_and_on_the_server(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """After a question: no other site can sign people out by a link."""
    cookie = browser.cookies[SESSION_COOKIE]
    given = {"post_logout_redirect_uri": REDIRECT, "client_id": flow.application.client_id, "state": "s"}
    page = browser.get(LOGOUT, **given)
    assert casb.identity.sessions.of(cookie)
    answer = browser.fill_in(page)
    assert answer.headers["location"] == f"{REDIRECT}?state=s"
    assert SESSION_COOKIE not in browser.cookies
    assert casb.identity.sessions.of(cookie) is None


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", REDIRECT + "x", ""])
def test_nobody_is_sent_where_no_application_registered(browser: Browser, flow: Flow, elsewhere: str) -> None:
    """The page says that it is done instead."""
    given = {"post_logout_redirect_uri": elsewhere, "client_id": flow.application.client_id}
    answer = browser.fill_in(browser.get(LOGOUT, **given))
    assert answer.status_code == 200
    assert "Signed out" in answer.text


def test_a_forged_form_signs_nobody_out(browser: Browser) -> None:
    """It lacks the token."""
    assert browser.post(LOGOUT, {"form_token": "0" * 64}).status_code == 400
    assert SESSION_COOKIE in browser.cookies
