"""Sign-in at an external provider, as seen by a browser."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Mapping
from html import unescape
from urllib.parse import urlencode

import httpx
import pytest

from opencasb.api.login.exchange import PROVIDER_REQUESTS, THREADS
from opencasb.api.login.external import COOKIE
from opencasb.api.login.routes import authorization_server
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.portal.page import SESSION_COOKIE
from tests.api.login.browser import Browser
from tests.discovery.receivers.running import until
from tests.identity.external.fake_provider import FakeProvider, connect
from tests.identity.standin import StandIn

GOAL = "/contoso.example/oauth2/v2.0/authorize?client_id=x&redirect_uri=https%3A%2F%2Fapp.example%2F&state=a%26b"


@pytest.fixture
def tenant(casb: StandIn) -> Tenant:
    """A tenant with one user."""
    made = casb.tenants.create("Contoso", domain="contoso.example")
    casb.users.create(made.tenant_id, "ann@contoso.example", Role.SECURITY_READER)
    return made


@pytest.fixture(autouse=True)
def provider(casb: StandIn, tenant: Tenant) -> FakeProvider:
    """Its provider."""
    made = connect(casb, tenant, label="Go to <Example>")
    made.claims = {"email": "ann@contoso.example", "email_verified": True}
    return made


def button(browser: Browser, tenant: str = "contoso.example") -> str:
    """Return the target of the sign-in page's button, empty without one."""
    page = browser.get(f"/{tenant}/login", going_to=GOAL)
    assert page.status_code == 200
    found = re.search(r'<a class="button" href="([^"]*)">([^<]*)</a>', page.text)
    assert found is None or unescape(found[2]) == "Go to <Example>"
    return unescape(found[1]) if found else ""


def test_a_button_leads_to_the_provider_and_back_into_a_session(
    browser: Browser, provider: FakeProvider, casb: StandIn, tenant: Tenant
) -> None:
    """And back to the page that the browser came from."""
    left = browser.get(button(browser))
    assert left.status_code == 303
    answer = provider.sign_in(left.headers["location"])
    back = browser.get(f"/{tenant.guid}/login/callback?{urlencode(answer)}")
    assert (back.status_code, back.headers["location"]) == (303, GOAL)
    found = casb.identity.sessions.of(browser.cookies[SESSION_COOKIE])
    assert found is not None
    assert (found[0].upn, found[1].amr) == ("ann@contoso.example", ("fed",))
    again = browser.get(f"/{tenant.guid}/login/callback?{urlencode(answer)}")
    assert again.status_code == 400, "the code was used"


def test_an_answer_in_another_browser_opens_nothing(
    browser: Browser, provider: FakeProvider, casb: StandIn, tenant: Tenant
) -> None:
    """A link cannot sign anyone in as someone else."""
    answer = provider.sign_in(browser.get(button(browser)).headers["location"])
    victim = Browser(authorization_server(casb.identity, casb.clock))
    page = victim.get(f"/{tenant.guid}/login/callback?{urlencode(answer)}")
    assert page.status_code == 400
    assert "<html" in page.text
    assert SESSION_COOKIE not in victim.cookies


def test_the_cookie_between_is_kept_from_scripts_and_other_hosts(browser: Browser) -> None:
    """It is sealed, and not sent over plain connections."""
    left = browser.get(button(browser))
    assert re.search(
        rf"{COOKIE}=[\w=-]+; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax", left.headers["set-cookie"]
    )
    assert left.headers["cache-control"].startswith("no-store")


@pytest.mark.parametrize("going_to", ["", "https://evil.example/", "//evil.example", "/\\evil.example", "/x y"])
def test_no_visitor_is_sent_to_another_host_in_the_end(browser: Browser, going_to: str) -> None:
    """The address to continue to is on this server."""
    assert browser.get("/contoso.example/login/external", going_to=going_to).status_code == 400


def test_a_guest_signs_in_at_home_only(browser: Browser, provider: FakeProvider, casb: StandIn, tenant: Tenant) -> None:
    """The provider of the tenant that they visit cannot speak for them: their tokens would name their own tenant."""
    home = casb.tenants.create("Provider", domain="provider.example")
    pat = casb.users.create(home.tenant_id, "pat@provider.example", Role.SECURITY_READER)
    casb.users.invite(tenant.tenant_id, pat, Role.SECURITY_READER)
    provider.claims = {"email": "pat@provider.example", "email_verified": True}
    answer = provider.sign_in(browser.get(button(browser)).headers["location"])
    page = browser.get(f"/{tenant.guid}/login/callback?{urlencode(answer)}")
    assert (page.status_code, "AADSTS50020" in page.text) == (400, True)
    assert SESSION_COOKIE not in browser.cookies


def test_tenants_without_a_provider_have_no_button(browser: Browser, casb: StandIn) -> None:
    """An address without a tenant has none either."""
    casb.tenants.create("Fabrikam", domain="fabrikam.example")
    assert button(browser, "fabrikam.example") == ""
    assert button(browser, "common") == ""
    assert browser.get("/fabrikam.example/login/external", going_to="/x").status_code == 400
    assert browser.get("/common/login/external", going_to="/x").status_code == 400
    assert browser.get("/common/login/callback").status_code == 400
    assert browser.get("/nobody.example/login/callback").status_code == 400


def test_our_second_factor_is_asked_for_unless_the_provider_had_one(
    browser: Browser, provider: FakeProvider, casb: StandIn, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no session before the code."""
    monkeypatch.setattr(casb.identity.second_factors, "has_app", lambda _user: True)
    answer = provider.sign_in(browser.get(button(browser)).headers["location"])
    page = browser.get(f"/{tenant.guid}/login/callback?{urlencode(answer)}")
    assert page.status_code == 200
    assert "/login/code" in page.text
    assert SESSION_COOKIE not in browser.cookies
    provider.claims["amr"] = ["mfa"]
    answer = provider.sign_in(browser.get(button(browser)).headers["location"])
    assert browser.get(f"/{tenant.guid}/login/callback?{urlencode(answer)}").status_code == 303


def test_a_provider_that_hangs_holds_up_nobody_elses_sign_in(
    casb: StandIn, provider: FakeProvider, browser: Browser, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tenant chooses its provider, while the pages and tokens of all tenants share the same threads."""
    answer = provider.sign_in(browser.get(button(browser)).headers["location"])
    go_on, address = threading.Event(), f"/{tenant.guid}/login/callback?{urlencode(answer)}"
    hung: list[str] = []

    def hanging(self: FakeProvider, form: Mapping[str, str]) -> bytes:
        hung.append(form["code"])
        go_on.wait(120)
        return b"{}"

    monkeypatch.setattr(FakeProvider, "_redeem", hanging)

    async def exchange() -> int:
        transport = httpx.ASGITransport(authorization_server(casb.identity, casb.clock))
        headers = {"cookie": f"{COOKIE}={browser.cookies[COOKIE]}"}
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
            waiting = [asyncio.create_task(client.get(address, headers=headers)) for _ in range(2 * THREADS)]
            try:
                await until(lambda: len(hung) == min(len(waiting), PROVIDER_REQUESTS))
                async with asyncio.timeout(60):
                    return (await client.get("/common/discovery/v2.0/keys")).status_code
            finally:
                go_on.set()
                await asyncio.gather(*waiting)

    assert asyncio.run(exchange()) == 200
