"""The sign-in form by its own address, where pages of ours send people (the rest is tested by what they were up to)."""

from __future__ import annotations

import pytest
from starlette.types import ASGIApp

from opencasb.identity.passwords import hash_password
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
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
    """At the address of a tenant or of all of them."""
    digest = hash_password(PASSWORD)
    user = casb.users.create(tenant.tenant_id, "ann@contoso.example", Role.SECURITY_READER, password_hash=digest)
    for segment in ("organizations", tenant.guid, "contoso.example"):
        browser = Browser(app)
        page = browser.get(f"/{segment}/login", going_to="/portal/audit-log?before=1&x=y")
        answer = browser.fill_in(page, username=user.upn, password=PASSWORD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/portal/audit-log?before=1&x=y")
        assert SESSION_COOKIE in browser.cookies


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_is_sent_elsewhere(tenant: Tenant, app: ASGIApp, address: str) -> None:
    """Neither by the address of the page nor by its form."""
    browser = Browser(app)
    refused = browser.get(f"/{tenant.guid}/login", going_to=address)
    assert (refused.status_code, refused.headers.get("location")) == (400, None)
    page = browser.get(f"/{tenant.guid}/login", going_to="/portal/")
    refused = browser.fill_in(page, username="x", password="y", going_to=address)
    assert (refused.status_code, refused.headers.get("location")) == (400, None)


def test_an_unknown_tenant_has_no_sign_in(app: ASGIApp) -> None:
    """Told at once, not after the password."""
    assert Browser(app).get("/nowhere.example/login", going_to="/portal/").status_code == 400
