"""The page for devices, from the user code to the tokens."""

from __future__ import annotations

from typing import Any

import pytest

from opencasb.api.login.devices import PATH, WRONG_CODES
from opencasb.model.permissions import MDCA
from opencasb.model.registration import RequestedPermission
from opencasb.model.roles import Role
from tests.api.login.browser import Browser
from tests.identity.flows import PASSWORD, SCOPE, Flow
from tests.identity.standin import StandIn


@pytest.fixture
def flow(native: Flow) -> Flow:
    """Return a public application and a user."""
    return native


def begun(browser: Browser, flow: Flow, scope: str = SCOPE) -> dict[str, Any]:
    """Request a code like a device."""
    form = {"client_id": flow.application.client_id, "scope": scope}
    answer = browser.post("/contoso.example/oauth2/v2.0/devicecode", form)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def poll(browser: Browser, flow: Flow, code: dict[str, Any]) -> dict[str, Any]:
    """Request tokens like a device."""
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": code["device_code"]}
    answer = browser.post("/contoso.example/oauth2/v2.0/token", {**form, "client_id": flow.application.client_id})
    body: dict[str, Any] = answer.json()
    return body


def typed(browser: Browser, flow: Flow, user_code: str, address: str = PATH) -> Any:
    """Sign in on the page and enter a code."""
    answer = browser.fill_in(browser.get(address), username=flow.user.upn, password=PASSWORD)
    return browser.fill_in(browser.get(answer.headers["location"]), user_code=user_code)


@pytest.mark.parametrize("address", [PATH, "/devicelogin"])
def test_a_user_lets_a_device_in(browser: Browser, flow: Flow, address: str) -> None:
    """The page shows the application and its request before anyone agrees."""
    device = begun(browser, flow)
    assert poll(browser, flow, device)["error"] == "authorization_pending"
    page = typed(browser, flow, device["user_code"], address)
    for shown in (flow.application.name, "Contoso", "discovery.read", flow.user.upn):
        assert shown in page.text
    assert "go back to your device" in browser.fill_in(page, decision="accept").text
    assert flow.claims(poll(browser, flow, device)["access_token"]).oid == flow.user.user_id


def test_a_user_turns_a_device_away(browser: Browser, flow: Flow) -> None:
    """The device gets the error, and the code expires."""
    device = begun(browser, flow)
    page = typed(browser, flow, device["user_code"])
    browser.fill_in(page, decision="decline")
    assert poll(browser, flow, device)["error"] == "authorization_declined"
    assert "unknown" in browser.fill_in(page, decision="accept").text


def test_nobody_consents_to_what_was_added_after_the_page(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """It is asked for on another page."""
    casb.users.set_role(flow.tenant.tenant_id, flow.user.user_id, Role.GLOBAL_ADMINISTRATOR)
    page = typed(browser, flow, begun(browser, flow, f"{MDCA.app_id}/.default openid")["user_code"])
    more = RequestedPermission("mdca", "delegated", "settings.manage")
    casb.identity.registrations.add_requested(flow.application, [more], by="test")
    again = browser.fill_in(page, decision="accept")
    assert "settings.manage" in again.text
    assert "go back to your device" in browser.fill_in(again, decision="accept").text


def test_what_only_an_administrator_may_grant_is_not_granted_here(browser: Browser, flow: Flow) -> None:
    """A forged form does not grant it either."""
    device = begun(browser, flow, f"{MDCA.app_id}/settings.manage")
    page = typed(browser, flow, device["user_code"])
    assert "AADSTS90094" in page.text
    assert browser.fill_in(page, decision="accept").status_code == 400
    assert poll(browser, flow, device)["error"] == "authorization_pending"


def test_who_is_not_assigned_is_told_before_the_device_is(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """They cannot approve it by a forged form either; an assigned user can."""
    tenant_id, client_id = flow.tenant.tenant_id, flow.application.client_id
    device = begun(browser, flow)
    page = typed(browser, flow, device["user_code"])
    casb.identity.applications.change(tenant_id, client_id, assignment_required=True)
    refused = browser.fill_in(page, decision="accept")
    assert (refused.status_code, "AADSTS50105" in refused.text) == (400, True)
    assert poll(browser, flow, device)["error"] == "authorization_pending"
    casb.identity.consents.grants.assign(tenant_id, client_id, flow.user.user_id, by="test")
    browser.fill_in(page, decision="accept")
    assert poll(browser, flow, device)["access_token"]


def test_an_administrator_grants_on_the_way(casb: StandIn, browser: Browser, flow: Flow) -> None:
    """Consent and sign-in are one decision."""
    casb.users.set_role(flow.tenant.tenant_id, flow.user.user_id, Role.GLOBAL_ADMINISTRATOR)
    device = begun(browser, flow, f"{MDCA.app_id}/settings.manage")
    browser.fill_in(typed(browser, flow, device["user_code"]), decision="accept")
    assert flow.claims(poll(browser, flow, device)["access_token"]).scp == "settings.manage"


def test_guessing_codes_is_slowed_down(browser: Browser, flow: Flow) -> None:
    """After ten wrong codes, even the right one has to wait."""
    device = begun(browser, flow)
    page = typed(browser, flow, "BBBBBBBBB")
    assert "unknown" in page.text
    for _ in range(WRONG_CODES - 1):
        page = browser.fill_in(page, user_code="CCCCCCCCC")
    answer = browser.fill_in(page, user_code=device["user_code"])
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
