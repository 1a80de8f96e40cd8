"""The sign-in form at its own address, used by our pages; other tests cover what follows."""

from __future__ import annotations

import re

import pyotp
import pytest
from starlette.types import ASGIApp

from opencasb.identity.errors import OAuthError
from opencasb.identity.passwords import hash_password, verify_password
from opencasb.identity.second_factor import STEP
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from opencasb.portal.page import SESSION_COOKIE
from tests.api.login.browser import Browser
from tests.identity.flows import PASSWORD
from tests.identity.standin import StandIn

ELSEWHERE = [
    "",
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "/portal/\\\\evil.example",
    "/%2f/evil.example",
    "/portal#x",
    "/portal/\r\nset-cookie:x",
    "javascript:alert(1)",
    "/portal/?x=\u20ac",
    "/portal/?x=a b",
    "portal",
]


def test_who_signs_in_goes_on_to_where_they_wanted(casb: StandIn, tenant: Tenant, app: ASGIApp) -> None:
    """At the address of a tenant or the common one."""
    digest = hash_password(PASSWORD)
    user = casb.users.create(tenant.tenant_id, "ann@contoso.example", Role.SECURITY_READER, password_hash=digest)
    for segment in ("organizations", tenant.guid, "contoso.example"):
        browser = Browser(app)
        page = browser.get(f"/{segment}/login", going_to="/portal/audit-log?before=1&x=y")
        answer = browser.fill_in(page, username=user.upn, password=PASSWORD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/portal/audit-log?before=1&x=y")
        assert SESSION_COOKIE in browser.cookies


def test_the_bare_address_leads_to_the_portal(casb: StandIn, tenant: Tenant, app: ASGIApp) -> None:
    """It remains in the browser's address bar after a wrong password, where users reload it."""
    digest = hash_password(PASSWORD)
    user = casb.users.create(tenant.tenant_id, "bare@contoso.example", Role.SECURITY_READER, password_hash=digest)
    browser = Browser(app)
    answer = browser.fill_in(browser.get(f"/{tenant.guid}/login"), username=user.upn, password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/")


def test_the_page_says_where_one_signs_in_and_that_it_failed(tenant: Tenant, app: ASGIApp) -> None:
    """The product is above the form, and the failure in the title, which screen readers announce first."""
    browser = Browser(app)
    page = browser.get(f"/{tenant.guid}/login")
    assert "<title>Sign in · OpenCASB</title>" in page.text
    assert '<header class="top">OpenCASB</header>' in page.text
    refused = browser.fill_in(page, username="nobody@contoso.example", password=PASSWORD)
    assert "<title>Error: Sign in · OpenCASB</title>" in refused.text


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_elsewhere(tenant: Tenant, app: ASGIApp, address: str) -> None:
    """Neither the page's address nor its form can redirect elsewhere."""
    browser = Browser(app)
    refused = browser.get(f"/{tenant.guid}/login", going_to=address)
    assert (refused.status_code, refused.headers.get("location")) == (400, None)
    page = browser.get(f"/{tenant.guid}/login", going_to="/portal/")
    refused = browser.fill_in(page, username="x", password="y", going_to=address)
    assert (refused.status_code, refused.headers.get("location")) == (400, None)


def test_an_unknown_tenant_has_no_sign_in(app: ASGIApp) -> None:
    """The error comes at once, not after the password."""
    assert Browser(app).get("/nowhere.example/login", going_to="/portal/").status_code == 400


@pytest.fixture
def user(casb: StandIn, request: pytest.FixtureRequest) -> User:
    """Return a user with a password, in a separate tenant."""
    domain = f"{request.node.name.replace('_', '-')[:50]}.example"
    tenant, digest = casb.tenants.create(domain, domain=domain), hash_password(PASSWORD)
    return casb.users.create(tenant.tenant_id, f"pat@{domain}", Role.SECURITY_READER, password_hash=digest)


def test_an_expired_password_is_replaced_on_the_way(casb: StandIn, user: User, app: ASGIApp) -> None:
    """By someone who knows it; there is no session before, and the old one no longer works."""
    casb.users.expire_password(user.tenant_id, user.user_id)
    browser = Browser(app)
    asked = browser.get("/organizations/login", going_to="/portal/")
    page = browser.fill_in(asked, username=user.upn, password=PASSWORD)
    assert "Choose a new password" in page.text
    assert SESSION_COOKIE not in browser.cookies
    new = "another battery staple"
    for problem, form in (
        ("differ", {"password": PASSWORD, "new_password": new, "repeated_password": "x"}),
        ("is the old one", {"password": PASSWORD, "new_password": PASSWORD, "repeated_password": PASSWORD}),
        ("8 to", {"password": PASSWORD, "new_password": "short", "repeated_password": "short"}),
        ("name or the password is wrong", {"password": "wrong", "new_password": new, "repeated_password": new}),
    ):
        told = browser.fill_in(page, username=user.upn, **form)
        assert (told.status_code, SESSION_COOKIE in browser.cookies) == (200, False)
        assert problem in told.text.partition('role="alert">')[2].partition("<")[0]
    form = {"password": PASSWORD, "new_password": new, "repeated_password": new}
    answer = browser.fill_in(page, username=user.upn, **form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/")
    assert casb.identity.sessions.of(browser.cookies[SESSION_COOKIE])
    assert verify_password(new, casb.users.password_hash(user.tenant_id, user.user_id))


def test_an_expired_password_is_replaced_after_the_second_factor(casb: StandIn, user: User, app: ASGIApp) -> None:
    """The old password alone changes nothing; the new one is set only with the right code."""
    factors, step = casb.identity.second_factors, casb.clock() // STEP
    totp = pyotp.parse_uri(factors.begin(user))
    assert factors.confirm(user, totp.generate_otp(step - 1), by="test")
    casb.users.expire_password(user.tenant_id, user.user_id)
    old = casb.users.password_hash(user.tenant_id, user.user_id)
    browser, new = Browser(app), "another battery staple"
    page = browser.fill_in(browser.get("/organizations/login"), username=user.upn, password=PASSWORD)
    form = {"password": PASSWORD, "new_password": new, "repeated_password": new}
    page = browser.fill_in(page, username=user.upn, **form)
    assert "Enter the code" in page.text
    page = browser.fill_in(page, code="000000")
    assert "The code is wrong" in page.text
    assert casb.users.password_hash(user.tenant_id, user.user_id) == old
    answer = browser.fill_in(page, code=totp.generate_otp(step))
    assert (answer.status_code, SESSION_COOKIE in browser.cookies) == (303, True)
    assert verify_password(new, casb.users.password_hash(user.tenant_id, user.user_id))


def test_a_demanded_second_factor_is_set_up_on_the_way(casb: StandIn, user: User, app: ASGIApp, tenant: Tenant) -> None:
    """After the password; the secret stays the same despite wrong codes, and is active after the first right one."""
    casb.tenants.switch(user.tenant_id, "second_factor", on=True)
    browser = Browser(app)
    asked = browser.get("/organizations/login", going_to="/portal/")
    page = browser.fill_in(asked, username=user.upn, password=PASSWORD)
    assert "Your organization requires one" in page.text
    again = browser.fill_in(page, code="000000")
    secrets = [re.findall(r"secret=([A-Z2-7]+)", each.text)[0] for each in (page, again)]
    assert secrets[0] == secrets[1]
    assert SESSION_COOKIE not in browser.cookies
    code = pyotp.TOTP(secrets[0]).generate_otp(casb.clock() // STEP)
    answer = browser.fill_in(again, code=code)
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/")
    assert casb.identity.second_factors.has_app(user)
    refused = browser.fill_in(again, code=code)  # there is one now, which the password alone cannot replace
    assert refused.status_code == 400
    other = Browser(app)
    page = other.fill_in(other.get("/organizations/login", going_to="/portal/"), username=user.upn, password=PASSWORD)
    assert "Enter the code" in page.text


def test_a_secret_is_for_one_sign_in_only(casb: StandIn, user: User, app: ASGIApp) -> None:
    """Who knows the password and waits has seen another secret than the one that its owner then takes."""
    casb.tenants.switch(user.tenant_id, "second_factor", on=True)
    secrets, pages, browsers = [], [], [Browser(app), Browser(app)]
    for browser in browsers:
        asked = browser.get("/organizations/login", going_to="/portal/")
        pages.append(browser.fill_in(asked, username=user.upn, password=PASSWORD))
        secrets.append(re.findall(r"secret=([A-Z2-7]+)", pages[-1].text)[0])
    step = casb.clock() // STEP
    seen, own = (pyotp.TOTP(secret).generate_otp(step) for secret in secrets)
    assert seen != own
    assert browsers[1].fill_in(pages[1], code=own).status_code == 303
    assert browsers[0].fill_in(pages[0], code=seen).status_code == 400
    with pytest.raises(OAuthError, match="50126"):
        casb.identity.sign_in.check_code(user, pyotp.TOTP(secrets[0]).generate_otp(step + 1), "192.0.2.1")
    casb.identity.sign_in.check_code(user, pyotp.TOTP(secrets[1]).generate_otp(step + 1), "192.0.2.1")
