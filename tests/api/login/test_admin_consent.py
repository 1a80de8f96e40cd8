"""Admin consent in its three forms: v1, v2, and the link that partners distribute."""

from __future__ import annotations

import httpx
import pytest

from opencasb.model.permissions import MDCA
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from tests.api.login.browser import Browser, answer_of
from tests.identity.flows import PASSWORD, REDIRECT, Flow
from tests.identity.standin import StandIn


@pytest.fixture
def flow(casb: StandIn, flow: Flow) -> Flow:
    """Return a multitenant application configured with permissions of both kinds."""
    casb.identity.applications.change(flow.tenant.tenant_id, flow.application.client_id, multitenant=True)
    wanted = [RequestedPermission("mdca", "application", "investigation.read")]
    casb.identity.registrations.add_requested(flow.application, wanted, by="test")
    return flow


@pytest.fixture
def fabrikam(casb: StandIn, flow: Flow) -> Tenant:
    """Return another tenant, with an administrator."""
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    hash_ = casb.users.password_hash(flow.tenant.tenant_id, flow.user.user_id)
    casb.users.create(other.tenant_id, "root@fabrikam.example", Role.GLOBAL_ADMINISTRATOR, password_hash=hash_)
    return other


def asked(browser: Browser, address: str, username: str, **given: str) -> httpx.Response:
    """Open a consent link and sign in."""
    answer = browser.fill_in(browser.get(address, **given), username=username, password=PASSWORD)
    return browser.get(answer.headers["location"])


@pytest.mark.parametrize(
    ("address", "scope", "expected"),
    [
        ("/fabrikam.example/adminconsent", "", {"discovery.read", "investigation.read"}),
        ("/organizations/v2.0/adminconsent", f"{MDCA.app_id}/.default", {"discovery.read", "investigation.read"}),
        ("/organizations/v2.0/adminconsent", f"{MDCA.app_id}/discovery.read", {"discovery.read"}),
    ],
)
def test_an_administrator_lets_an_application_in(
    casb: StandIn, browser: Browser, flow: Flow, fabrikam: Tenant, address: str, scope: str, expected: set[str]
) -> None:
    """All configured permissions, or the requested scopes, tenant-wide; the redirect has the tenant."""
    given = {"client_id": flow.application.client_id, "redirect_uri": REDIRECT, "state": "s&t", "scope": scope}
    page = asked(browser, address, "root@fabrikam.example", **given)
    brought = answer_of(browser.fill_in(page, decision="accept"))
    assert brought["admin_consent"] == "True"
    assert (brought["tenant"], brought["state"]) == (fabrikam.guid, "s&t")
    known = casb.identity.applications.get(fabrikam.tenant_id, flow.application.client_id)
    assert known is not None
    delegated = casb.identity.consents.grants.granted(fabrikam.tenant_id, known.client_id, "anybody")
    assert {each.name for each in (*known.permissions, *delegated)} == expected
    form = {"grant_type": "client_credentials", "scope": f"{MDCA.app_id}/.default"}
    assert flow.ask(form, segment="fabrikam.example")["access_token"]


def test_before_that_the_application_is_unknown(flow: Flow, fabrikam: Tenant) -> None:
    """Token requests fail with 700016."""
    form = {"grant_type": "client_credentials", "scope": f"{MDCA.app_id}/.default"}
    assert flow.refused(form, segment=fabrikam.domain).code == 700016


@pytest.mark.parametrize(
    ("address", "error"),
    [("/fabrikam.example/adminconsent", "access_denied"), ("/fabrikam.example/v2.0/adminconsent", "consent_required")],
)
def test_an_administrator_may_decline(
    casb: StandIn, browser: Browser, flow: Flow, fabrikam: Tenant, address: str, error: str
) -> None:
    """The redirect has the error, and the application is not added."""
    given = {"client_id": flow.application.client_id, "redirect_uri": REDIRECT}
    page = asked(browser, address, "root@fabrikam.example", **given)
    assert answer_of(browser.fill_in(page, decision="decline"))["error"] == error
    assert casb.identity.applications.get(fabrikam.tenant_id, flow.application.client_id) is None


def test_others_cannot_consent_for_everybody(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """The button and a forged form are both rejected."""
    page = asked(browser, "/contoso.example/adminconsent", flow.user.upn, client_id=flow.application.client_id)
    answer = browser.fill_in(page, decision="accept")
    assert answer.status_code == 400
    assert "AADSTS90094" in answer.text
    known = casb.identity.applications.get(flow.tenant.tenant_id, flow.application.client_id)
    assert known is not None
    assert known.permissions == ()


def test_without_a_redirect_the_page_says_that_it_is_done(browser: Browser, flow: Flow, fabrikam: Tenant) -> None:
    """A link in a mail has no page to return to."""
    given = {"client_id": flow.application.client_id}
    page = asked(browser, f"/{fabrikam.domain}/adminconsent", "root@fabrikam.example", **given)
    assert "Consent granted" in browser.fill_in(page, decision="accept").text


@pytest.mark.parametrize("prompt", ["", "admin_consent", "consent"])
def test_nobody_consents_to_what_was_added_after_the_page(
    casb: StandIn, browser: Browser, flow: Flow, fabrikam: Tenant, prompt: str
) -> None:
    """The registration belongs to another tenant, which may change it while the administrator reads."""
    if prompt:
        given = flow.asked(prompt=prompt, scope=f"{MDCA.app_id}/.default")
        page = asked(browser, "/organizations/oauth2/v2.0/authorize", "root@fabrikam.example", **given)
    else:
        page = asked(
            browser, "/organizations/adminconsent", "root@fabrikam.example", client_id=flow.application.client_id
        )
    more = RequestedPermission("mdca", "delegated" if prompt == "consent" else "application", "settings.manage")
    casb.identity.registrations.add_requested(flow.application, [more], by="test")
    again = browser.fill_in(page, decision="accept", everybody="yes")
    known = casb.identity.applications.get(fabrikam.tenant_id, flow.application.client_id)
    assert known is None or not known.permissions
    if again.status_code == 303:
        again = browser.get(again.headers["location"])
    assert "settings.manage" in again.text
    browser.fill_in(again, decision="accept", everybody="yes")
    known = casb.identity.applications.get(fabrikam.tenant_id, flow.application.client_id)
    assert known is not None
    delegated = casb.identity.consents.grants.granted(fabrikam.tenant_id, known.client_id, "anybody")
    assert "settings.manage" in {each.name for each in (*known.permissions, *delegated)}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_id": ""}, 900144),
        ({"client_id": "00000000-0000-4000-8000-000000000000"}, 700016),
        ({"redirect_uri": "https://evil.example/"}, 50011),
    ],
)
def test_mistakes_are_told_on_a_page(browser: Browser, flow: Flow, change: dict[str, str], code: int) -> None:
    """Never at an unregistered address."""
    given = {"client_id": flow.application.client_id, "redirect_uri": REDIRECT, **change}
    page = browser.get("/contoso.example/adminconsent", **given)
    assert page.status_code == 400
    assert f"AADSTS{code}" in page.text


def test_an_application_of_one_tenant_is_unknown_to_others(
    casb: StandIn, browser: Browser, flow: Flow, fabrikam: Tenant
) -> None:
    """Their administrators are told before they sign in."""
    casb.identity.applications.change(flow.tenant.tenant_id, flow.application.client_id, multitenant=False)
    for segment, status in ((fabrikam.domain, 400), (flow.tenant.domain, 200), ("organizations", 200)):
        page = browser.get(f"/{segment}/adminconsent", client_id=flow.application.client_id)
        assert (page.status_code, "AADSTS700016" in page.text) == (status, status == 400)


@pytest.mark.parametrize("segment", ["contoso.example", "fabrikam.example", "organizations"])
def test_a_disabled_application_is_let_in_nowhere(
    casb: StandIn, browser: Browser, flow: Flow, fabrikam: Tenant, segment: str
) -> None:
    """Nobody is asked for consent."""
    casb.identity.applications.set_enabled(flow.tenant.tenant_id, flow.application.client_id, enabled=False)
    page = browser.get(f"/{segment}/adminconsent", client_id=flow.application.client_id)
    assert page.status_code == 400
    assert "AADSTS7000112" in page.text
    assert fabrikam.domain


def test_the_link_of_partners_names_only_the_application(
    casb: StandIn, browser: Browser, flow: Flow, fabrikam: Tenant
) -> None:
    """No redirect, resource or scope: all configured permissions are shown, and the registered redirect gets a code."""
    given = {"prompt": "consent", "client_id": flow.application.client_id, "response_type": "code"}
    page = browser.get("/common/oauth2/authorize", **given, sso_reload="true")
    answer = browser.fill_in(page, username="root@fabrikam.example", password=PASSWORD)
    page = browser.get(answer.headers["location"])
    assert "discovery.read" in page.text
    assert "investigation.read" in page.text
    again = browser.fill_in(page, decision="accept")
    back = browser.get(again.headers["location"])
    assert back.headers["location"].startswith(REDIRECT)
    assert answer_of(back)["code"]
    known = casb.identity.applications.get(fabrikam.tenant_id, flow.application.client_id)
    assert known is not None
    assert [each.name for each in known.permissions] == ["investigation.read"]
    delegated = casb.identity.consents.grants.granted(fabrikam.tenant_id, known.client_id, "anybody")
    assert [each.name for each in delegated] == ["discovery.read"]


def test_an_application_can_ask_for_an_administrator(
    casb: StandIn, browser: Browser, flow: Flow, fabrikam: Tenant
) -> None:
    """``prompt=admin_consent``: all configured permissions of both kinds, and the requested ones."""
    given = {"client_id": flow.application.client_id, "response_type": "code", "redirect_uri": REDIRECT}
    scope = f"{MDCA.app_id}/settings.read"
    address = f"/{fabrikam.domain}/oauth2/v2.0/authorize"
    page = asked(browser, address, "root@fabrikam.example", **given, scope=scope, prompt="admin_consent")
    again = browser.fill_in(page, decision="accept")
    assert answer_of(browser.get(again.headers["location"]))["code"]
    known = casb.identity.applications.get(fabrikam.tenant_id, flow.application.client_id)
    assert known is not None
    assert [each.name for each in known.permissions] == ["investigation.read"]
    delegated = casb.identity.consents.grants.granted(fabrikam.tenant_id, known.client_id, "anybody")
    assert {each.name for each in delegated} == {"discovery.read", "settings.read"}


@pytest.mark.parametrize("asking", [{"prompt": "consent"}, {"prompt": "admin_consent", "resource": MDCA.app_id}])
def test_others_cannot_follow_the_link_of_partners(
    casb: StandIn, browser: Browser, flow: Flow, asking: dict[str, str]
) -> None:
    """They are told whom to ask, and a forged form grants nothing."""
    given = {"client_id": flow.application.client_id, "response_type": "code", **asking}
    page = asked(browser, "/common/oauth2/authorize", flow.user.upn, **given)
    assert "AADSTS90094" in page.text
    assert "AADSTS90094" in answer_of(browser.fill_in(page, decision="accept"))["error_description"]
    known = casb.identity.applications.get(flow.tenant.tenant_id, flow.application.client_id)
    assert known is not None
    assert known.permissions == ()
    assert answer_of(browser.fill_in(page, decision="decline"))["error"] == "access_denied"


def test_an_answer_at_a_redirect_without_a_path_has_a_slash(browser: Browser, flow: Flow, fabrikam: Tenant) -> None:
    """Like responses with codes."""
    bare = "https://app.example"
    flow.casb.identity.registrations.add_redirect(flow.application, "web", bare, by="test")
    given = {"client_id": flow.application.client_id, "redirect_uri": bare}
    page = asked(browser, f"/{fabrikam.domain}/adminconsent", "root@fabrikam.example", **given)
    answer = browser.fill_in(page, decision="accept")
    assert answer.headers["location"].startswith(f"{bare}/?admin_consent=True")
