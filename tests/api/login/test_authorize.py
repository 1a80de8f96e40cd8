"""The authorization endpoint in a browser: sign-in, consent, and every kind of redirect to the application."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qs, urlsplit

import jwt
import pyotp
import pytest

from opencasb.identity.second_factor import STEP
from opencasb.model.permissions import MDCA
from opencasb.model.roles import Role
from opencasb.portal.page import SESSION_COOKIE
from tests.api.login.browser import Browser, answer_of, form_of
from tests.identity.flows import PASSWORD, REDIRECT, Flow
from tests.identity.standin import HandClock, StandIn

V2, V1 = "/contoso.example/oauth2/v2.0/authorize", "/contoso.example/oauth2/authorize"


def sign_in(browser: Browser, flow: Flow, **changed: str) -> str:
    """Sign in on the page for the application's request; return the location of the redirect."""
    page = browser.get(V2, **flow.asked(**changed))
    answer = browser.fill_in(page, username=flow.user.upn, password=PASSWORD)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_browser_signs_in_and_brings_a_code(browser: Browser, flow: Flow) -> None:
    """Page, form, endpoint, application; the code can be redeemed for tokens."""
    answer = browser.get(sign_in(browser, flow))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    brought = answer_of(answer)
    assert brought["state"] == "a state & more"
    assert brought["iss"].endswith(f"/{flow.tenant.guid}/v2.0")
    assert flow.redeem(brought["code"])["access_token"]


def test_who_is_signed_in_is_not_asked_again(browser: Browser, flow: Flow) -> None:
    """Unless the application requires it by ``prompt=login``."""
    browser.get(sign_in(browser, flow))
    assert "code" in answer_of(browser.get(V2, **flow.asked()))
    assert "Password" in browser.get(V2, **flow.asked(prompt="login")).text
    assert "code" in answer_of(browser.get(sign_in(browser, flow, prompt="login")))


def test_an_application_may_ask_for_another_account(browser: Browser, flow: Flow) -> None:
    """It gets no silent token for another account; on the page the user chooses, once."""
    browser.get(sign_in(browser, flow))
    assert "code" in answer_of(browser.get(V2, **flow.asked(login_hint=flow.user.upn.upper())))
    assert "code" in answer_of(browser.get(V2, **flow.asked(login_hint="opaque")))
    silent = browser.get(V2, **flow.asked(login_hint="ben@contoso.example", prompt="none"))
    assert answer_of(silent)["error"] == "login_required"
    assert "code" in answer_of(browser.get(sign_in(browser, flow, login_hint="ben@contoso.example")))


def test_an_application_may_demand_a_recent_sign_in(browser: Browser, flow: Flow, hand: HandClock) -> None:
    """By ``max_age``; the ID token has the time, and a sign-in just now suffices even for 0."""
    first = hand.now
    browser.get(sign_in(browser, flow))
    hand.now += 60_000
    code = answer_of(browser.get(V2, **flow.asked(max_age="60")))["code"]
    hand.now += 1
    assert answer_of(browser.get(V2, **flow.asked(max_age="60", prompt="none")))["error"] == "login_required"
    assert "Password" in browser.get(V2, **flow.asked(max_age="60")).text
    again = answer_of(browser.get(sign_in(browser, flow, max_age="0")))["code"]
    tokens = [flow.redeem(each)["id_token"] for each in (code, again)]
    times = [jwt.decode(each, options={"verify_signature": False})["auth_time"] for each in tokens]
    assert times == [first // 1000, hand.now // 1000]


@pytest.mark.parametrize(("mode", "mark"), [("query", "?"), ("fragment", "#")])
def test_the_answer_comes_the_way_it_was_asked_for(browser: Browser, flow: Flow, mode: str, mark: str) -> None:
    """In the query or the fragment."""
    answer = browser.get(sign_in(browser, flow, response_mode=mode))
    assert answer.headers["location"].startswith(REDIRECT + mark)
    assert answer_of(answer)["code"]


def test_the_answer_can_be_a_form(browser: Browser, flow: Flow) -> None:
    """With one script that has the page's nonce, and a button for browsers without scripts."""
    page = browser.get(sign_in(browser, flow, response_mode="form_post"))
    action, form = form_of(page)
    assert (page.status_code, action) == (200, REDIRECT)
    assert flow.redeem(form["code"])["access_token"]
    policy = page.headers["content-security-policy"]
    nonce = page.text.partition('nonce="')[2].partition('"')[0]
    assert f"script-src 'nonce-{nonce}'" in policy
    assert "form-action" not in policy


@pytest.mark.parametrize(
    ("redirect", "mode", "expected"),
    [
        ("https://app.example", "query", "https://app.example/?code="),
        ("https://app.example", "fragment", "https://app.example/#code="),
        ("https://app.example?x=1", "query", "https://app.example/?x=1&code="),
        ("https://app.example?x=1", "fragment", "https://app.example/?x=1#code="),
        ("https://app.example/a?x=1", "query", "https://app.example/a?x=1&code="),
    ],
)
def test_a_redirect_without_a_path_gets_a_slash(
    browser: Browser, flow: Flow, redirect: str, mode: str, expected: str
) -> None:
    """Before its query; otherwise unchanged."""
    flow.casb.identity.registrations.add_redirect(flow.application, "web", redirect, by="test")
    answer = browser.get(sign_in(browser, flow, redirect_uri=redirect, response_mode=mode))
    assert answer.headers["location"].startswith(expected)


def test_a_wrong_password_is_told_and_can_be_mended(browser: Browser, flow: Flow) -> None:
    """The name stays in the form, the password does not."""
    page = browser.fill_in(browser.get(V2, **flow.asked()), username=flow.user.upn, password="wrong")
    assert page.status_code == 200
    assert "wrong" in page.text
    assert form_of(page)[1]["username"] == flow.user.upn
    answer = browser.fill_in(page, password=PASSWORD)
    assert answer_of(browser.get(answer.headers["location"]))["code"]


def test_a_forged_form_is_refused(browser: Browser, flow: Flow) -> None:
    """Without the token of this browser's page, with another browser's, and with a foreign address to continue to."""
    action, form = form_of(browser.get(V2, **flow.asked()))
    filled = {**form, "username": flow.user.upn, "password": PASSWORD}
    for forged in ("0" * 64, "\u00e9", ""):
        assert browser.post(action, {**filled, "form_token": forged}).status_code == 400
    browser.cookies.clear()
    assert browser.post(action, filled).status_code == 400
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""):
        page = browser.get(V2, **flow.asked())
        assert browser.fill_in(page, username=flow.user.upn, password=PASSWORD, going_to=elsewhere).status_code == 400
    assert SESSION_COOKIE not in browser.cookies


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_id": ""}, 900144),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, 700016),
        ({"redirect_uri": "https://evil.example/"}, 50011),
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    browser: Browser, flow: Flow, change: dict[str, str], code: int
) -> None:
    """Unknown client or redirect: a page with the error number, never a redirect (RFC 9700 §4.1)."""
    page = browser.get(V2, **flow.asked(**change))
    assert page.status_code == 400
    assert "location" not in page.headers
    assert f"AADSTS{code}" in page.text


def test_an_application_of_one_tenant_is_unknown_to_others(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """At the address of another tenant nobody learns that it exists; that of all tenants is wrong for it."""
    casb.tenants.create("Fabrikam", domain="fabrikam.example")
    for segment, code in (("fabrikam.example", 700016), ("common", 50194), ("organizations", 50194)):
        page = browser.get(V2.replace("contoso.example", segment), **flow.asked())
        assert page.status_code == 400
        assert f"AADSTS{code}" in page.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"response_mode": "smoke"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"scope": f"{MDCA.app_id}/nonsense"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
def test_other_mistakes_are_told_to_the_application(
    browser: Browser, flow: Flow, change: dict[str, str], error: str
) -> None:
    """At its redirect, with its state."""
    brought = answer_of(browser.get(V2, **flow.asked(**change)))
    assert (brought["error"], brought["state"]) == (error, "a state & more")
    assert "code" not in brought


def test_permissions_that_need_an_administrator_say_so(browser: Browser, flow: Flow) -> None:
    """The user can only go back; the application gets access_denied."""
    page = browser.get(sign_in(browser, flow, scope=f"{MDCA.app_id}/settings.manage"))
    assert "AADSTS90094" in page.text
    answer = browser.fill_in(page, decision="accept")
    assert "AADSTS90094" in answer_of(answer)["error_description"]
    page = browser.get(V2, **flow.asked(scope=f"{MDCA.app_id}/settings.manage"))
    assert answer_of(browser.fill_in(page, decision="decline"))["error"] == "access_denied"


def test_who_is_not_assigned_is_told_on_a_page(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """The application could not help; it is told only if there is no page, with a known error."""
    tenant_id, client_id = flow.tenant.tenant_id, flow.application.client_id
    casb.identity.applications.change(tenant_id, client_id, assignment_required=True)
    page = browser.get(sign_in(browser, flow))
    assert (page.status_code, "AADSTS50105" in page.text, "location" in page.headers) == (400, True, False)
    assert "Sign out" in page.text
    brought = answer_of(browser.get(V2, **flow.asked(prompt="none")))
    assert (brought["error"], "AADSTS50105" in brought["error_description"]) == ("access_denied", True)
    casb.identity.consents.grants.assign(tenant_id, client_id, flow.user.user_id, by="test")
    assert answer_of(browser.get(V2, **flow.asked()))["code"]


def test_an_administrator_consents_for_everybody(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """Once; then no user of the tenant is asked."""
    casb.users.set_role(flow.tenant.tenant_id, flow.user.user_id, Role.GLOBAL_ADMINISTRATOR)
    scope = f"{MDCA.app_id}/settings.manage"
    page = browser.get(sign_in(browser, flow, scope=scope))
    assert "settings.manage" in page.text
    again = browser.fill_in(page, decision="accept", everybody="yes")
    assert answer_of(browser.get(again.headers["location"]))["code"]
    other = casb.users.create(flow.tenant.tenant_id, "bob@contoso.example", Role.SECURITY_READER)
    granted = casb.identity.consents.grants.granted(flow.tenant.tenant_id, flow.application.client_id, other.user_id)
    assert {each.name for each in granted} == {"discovery.read", "settings.manage"}


def test_a_user_consents_to_being_known(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """Consent to sign-in to a new application is requested once, for this user only."""
    casb.identity.consents.revoke(flow.tenant.tenant_id, flow.application.client_id, by="test")
    page = browser.get(sign_in(browser, flow, scope="openid profile User.Read"))
    assert "User.Read" in page.text
    again = browser.fill_in(page, decision="accept")
    assert answer_of(browser.get(again.headers["location"]))["code"]
    assert answer_of(browser.get(V2, **flow.asked(scope="openid profile User.Read")))["code"]
    page = browser.get(V2, **flow.asked(scope="openid User.Read", prompt="consent"))
    assert "User.Read" in page.text


def test_consent_may_be_for_several_resources(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """All are shown and granted together; each token is for one of them, which its request must name."""
    casb.users.set_role(flow.tenant.tenant_id, flow.user.user_id, Role.GLOBAL_ADMINISTRATOR)
    mdca, graph = f"{MDCA.app_id}/settings.read", "https://graph.microsoft.com/CloudApp-Discovery.Read.All"
    page = browser.get(sign_in(browser, flow, scope=f"openid offline_access {mdca} User.Read {graph}"))
    for name in ("settings.read", "User.Read", "CloudApp-Discovery.Read.All"):
        assert name in page.text
    code = answer_of(browser.get(browser.fill_in(page, decision="accept").headers["location"]))["code"]
    body = flow.redeem(code, scope=f"openid offline_access {mdca}")
    assert flow.claims(body["access_token"]).scp == "settings.read"
    claims = jwt.decode(
        flow.refresh(body["refresh_token"], scope=graph)["access_token"], options={"verify_signature": False}
    )
    assert (claims["aud"], claims["scp"]) == ("https://graph.microsoft.com", "CloudApp-Discovery.Read.All")


def test_a_token_is_of_one_resource(browser: Browser, flow: Flow) -> None:
    """A token request must not name several, nor a code request without one; errors go to the redirect as before."""
    form = {"grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": flow.verifier}
    scope = f"{MDCA.app_id}/discovery.read User.Read"
    assert flow.refused({**form, "code": flow.code(), "scope": scope}).code == 700022
    assert flow.refused({**form, "code": flow.code(scope)}).code == 700022
    brought = answer_of(browser.get(V2, **flow.asked(scope=f"{scope} https://elsewhere.example/x")))
    assert brought["error"] == "invalid_resource"


def test_a_multitenant_application_is_let_in_by_consent(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """In a tenant that did not know it; users of a third tenant are rejected there."""
    casb.identity.applications.change(flow.tenant.tenant_id, flow.application.client_id, multitenant=True)
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    hash_ = casb.users.password_hash(flow.tenant.tenant_id, flow.user.user_id)
    casb.users.create(other.tenant_id, "root@fabrikam.example", Role.GLOBAL_ADMINISTRATOR, password_hash=hash_)
    page = browser.get("/organizations/oauth2/v2.0/authorize", **flow.asked())
    answer = browser.fill_in(page, username="root@fabrikam.example", password=PASSWORD)
    page = browser.get(answer.headers["location"])
    again = browser.fill_in(page, decision="accept", everybody="yes")
    assert answer_of(browser.get(again.headers["location"]))["code"]
    known = casb.identity.applications.get(other.tenant_id, flow.application.client_id)
    assert known is not None
    assert not known.at_home
    assert "Password" in browser.get(V2, **flow.asked()).text


@pytest.mark.parametrize("segment", ["common", "organizations"])
@pytest.mark.parametrize("version", [1, 2])
def test_an_answer_names_an_issuer_where_the_metadata_promise_one(
    casb: StandIn, browser: Browser, flow: Flow, segment: str, version: Literal[1, 2]
) -> None:
    """Clients that compare it with the issuer of the metadata cannot do so with a pattern (RFC 9207 §2.4)."""
    casb.identity.applications.change(flow.tenant.tenant_id, flow.application.client_id, multitenant=True)
    browser.get(sign_in(browser, flow))
    for place in (segment, flow.tenant.guid):
        address = f"/{place}/oauth2/authorize" if version == 1 else f"/{place}/oauth2/v2.0/authorize"
        metadata = casb.identity.documents_at("").metadata(place, version)
        promised = metadata["authorization_response_iss_parameter_supported"]
        for change in ({}, {"response_type": "token"}):
            answer = answer_of(browser.get(address, **flow.asked(**change)))
            assert ("error" in answer) == bool(change)
            assert answer.get("iss") == (metadata["issuer"] if promised else None)


def test_v1_requests_may_name_a_resource_or_nothing(browser: Browser, flow: Flow) -> None:
    """The permissions are the registered ones."""
    v1 = {name: value for name, value in flow.asked().items() if name != "scope"}
    page = browser.get(V1, **v1, resource=MDCA.app_id)
    answer = browser.fill_in(page, username=flow.user.upn, password=PASSWORD)
    assert answer_of(browser.get(answer.headers["location"]))["code"]
    assert answer_of(browser.get(V1, **v1))["code"]
    refused = answer_of(browser.get(V1, **v1, resource="https://graph.microsoft.com"))
    assert "AADSTS650057" in refused["error_description"]


def test_requests_may_be_posted(browser: Browser, flow: Flow) -> None:
    """OpenID Connect requires it."""
    assert "Password" in browser.post(V2, flow.asked()).text


def test_pages_keep_to_a_strict_policy(browser: Browser, flow: Flow) -> None:
    """No frames, foreign content, scripts, caching or referrer; cookies are inaccessible to scripts and http."""
    page = browser.get(V2, **flow.asked())
    headers = page.headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert "no-store" in headers["cache-control"]
    for part in ("__Host-", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in headers["set-cookie"]


@pytest.mark.parametrize("text", ['"><script>alert(1)</script>', "'; DROP TABLE users; --"])
def test_what_a_request_says_is_shown_as_text(browser: Browser, flow: Flow, text: str) -> None:
    """None of it becomes markup."""
    page = browser.get(V2, **flow.asked(login_hint=text, state=text))
    assert "<script>" not in page.text
    assert urlsplit(form_of(page)[1]["going_to"]).path == V2
    assert "<script>" not in browser.get(V2, **flow.asked(client_id=text)).text


def test_a_second_factor_is_asked_for(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """After the password, and before there is a session; tokens then have both factors."""
    factors = casb.identity.second_factors
    secret = parse_qs(urlsplit(factors.begin(flow.user)).query)["secret"][0]
    step = casb.clock() // STEP
    assert factors.confirm(flow.user, pyotp.TOTP(secret).generate_otp(step - 1), by="test")
    page = browser.fill_in(browser.get(V2, **flow.asked()), username=flow.user.upn, password=PASSWORD)
    assert SESSION_COOKIE not in browser.cookies
    page = browser.fill_in(page, code="000000")
    assert "wrong" in page.text
    answer = browser.fill_in(page, code=pyotp.TOTP(secret).generate_otp(step))
    tokens = flow.redeem(answer_of(browser.get(answer.headers["location"]))["code"])
    claims = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    assert claims["amr"] == ["pwd", "mfa"]


def test_a_forged_ticket_brings_nobody_in(browser: Browser, flow: Flow) -> None:
    """The sign-in starts again."""
    _, form = form_of(browser.get(V2, **flow.asked()))
    answer = browser.post("/contoso.example/login/code", {**form, "ticket": "1.x.9999999999999.0", "code": "000000"})
    assert answer.status_code == 400
    assert SESSION_COOKIE not in browser.cookies
