"""Secrets between their creation and the page that shows them."""

from __future__ import annotations

import re

from opencasb.model.roles import Role
from opencasb.portal.once import ONCE_COOKIE, SECONDS
from opencasb.portal.page import SESSION_COOKIE
from tests.portal.site import Site, Visitor

TOKEN = re.compile(r'id="new-token">([0-9a-f]{64})<')


def made(visitor: Visitor) -> str:
    """Create a token, and return the cookie that carries it."""
    token = re.findall(r'name="form_token" value="([^"]+)"', visitor.page("api-tokens"))[0]
    answer = visitor.post("/portal/api-tokens", {"form_token": token, "name": "siem"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/api-tokens")
    return visitor.cookies[ONCE_COOKIE]


def test_a_secret_is_shown_on_its_page_and_then_gone(site: Site) -> None:
    """Other pages do not show it, nor does a reload, and no second one is created."""
    visitor = site.visitor(Role.SECURITY_READER)
    cookie = made(visitor)
    assert TOKEN.search(visitor.page("account")) is None
    [value] = TOKEN.findall(visitor.page("api-tokens"))
    assert value not in cookie
    assert ONCE_COOKIE not in visitor.cookies
    assert TOKEN.search(visitor.page("api-tokens")) is None
    assert len(site.casb.identity.api_tokens.all(site.contoso.tenant_id)) == 1


def test_the_cookie_is_for_who_made_it_and_for_a_minute(site: Site) -> None:
    """Another browser, a later request and a changed cookie show nothing."""
    visitor, other = site.visitor(), site.sign_in(site.user())
    cookie = made(visitor)
    for given in (cookie, cookie[:-8] + "AAAAAAAA", "no base64!", "", "AA"):
        other.cookies[ONCE_COOKIE] = given
        assert TOKEN.search(other.page("api-tokens")) is None
    site.clock.now += SECONDS * 1000
    visitor.cookies[ONCE_COOKIE] = cookie
    assert TOKEN.search(visitor.page("api-tokens")) is None


def test_a_question_is_a_page_of_its_own(site: Site) -> None:
    """It is for users who may confirm, as long as the object exists; opening it has no effect."""
    site.casb.identity.credentials.new_api_token(site.contoso.tenant_id, site.user().user_id, "siem")
    [token] = site.casb.identity.api_tokens.all(site.contoso.tenant_id)
    path, visitor = f"api-tokens/{token.token_id}/revoke", site.visitor()
    assert "Revoke" in visitor.page(path)
    assert site.visitor(Role.SECURITY_READER).open(path).status_code == 404  # another user's
    assert site.guest().open(path).status_code == 303
    application = site.casb.identity.applications.create(site.contoso.tenant_id, "tool")
    assert site.visitor(Role.SECURITY_READER).open(f"applications/{application.client_id}/delete").status_code == 403
    assert site.casb.identity.api_tokens.all(site.contoso.tenant_id) == [token]
    visitor.done(visitor.confirm(visitor.open(path)))
    assert visitor.open(path).status_code == 404
    assert SESSION_COOKIE in visitor.cookies
