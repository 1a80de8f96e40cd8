"""Sign-in, consent, devices, registration of an application, sign-out: with a real browser and server."""

from __future__ import annotations

import queue
import re
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msal  # type: ignore[import-untyped]  # it ships no types
import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from opencasb.model.permissions import MDCA
from tests.browser.application import application
from tests.browser.installation import PASSWORD, STRICT_USER, Installation
from tests.browser.steps import enter, look, sign_in, tab_to

pytestmark = pytest.mark.xdist_group("browser")  # one server and one browser for all
SCOPE = f"{MDCA.app_id}/discovery.read"


def program(installation: Installation) -> msal.PublicClientApplication:
    """Return an unmodified program on this machine."""
    return msal.PublicClientApplication(
        installation.public_client,
        authority=installation.address(installation.tenant),
        instance_discovery=False,
        verify=str(installation.server.ca),
    )


def reports(installation: Installation, answer: dict[str, Any]) -> int:  # any JSON
    """Return the status of an API call with a program's token."""
    assert "access_token" in answer, answer
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    with installation.server.client() as client:
        return client.get("/api/discovery/streams/", headers=headers).status_code


def test_a_program_signs_in_with_the_browser(
    installation: Installation, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MSAL opens the browser, a user signs in and consents, and the form returns the code to the program."""
    opened: queue.Queue[str] = queue.Queue()

    def take(address: str, *_: object) -> bool:
        opened.put(address)
        return True

    monkeypatch.setattr(webbrowser, "open", take)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(program(installation).acquire_token_interactive, [SCOPE], timeout=60)
        page.goto(opened.get(timeout=30))
        sign_in(page, installation.admin)
        expect(page.get_by_role("heading", name="Report tool asks for permission")).to_be_visible()
        page.get_by_label("Consent on behalf of everybody in the organization").check()
        page.get_by_role("button", name="Accept").click()
        answer = waiting.result(timeout=60)
    assert reports(installation, answer) == 200
    assert answer["id_token_claims"]["preferred_username"] == installation.admin


def test_a_device_is_let_in(installation: Installation, page: Page) -> None:
    """The user enters the displayed code; a wrong one is reported."""
    device = program(installation)
    flow = device.initiate_device_flow([SCOPE])
    page.goto(installation.address("devicelogin"))
    sign_in(page, installation.admin)
    page.get_by_label("Code").fill("WRONGCODE")
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Code").fill(flow["user_code"])
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("discovery.read")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Signed in")).to_be_visible()
    assert reports(installation, device.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)) == 200


def test_an_application_is_registered_with_the_keyboard_alone(installation: Installation, page: Page) -> None:
    """This covers everything from sign-in to a working secret."""
    page.goto(installation.address("portal/applications"))
    expect(page.get_by_label("User name")).to_be_focused()
    page.keyboard.type(installation.admin)
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Applications")).to_be_visible()
    tab_to(page, "Register an application")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Register an application")).to_be_visible()
    tab_to(page, "Name")
    page.keyboard.type("Nightly export")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nightly export")).to_be_visible()
    client_id = page.url.rpartition("/")[2].partition("?")[0]
    tab_to(page, "discovery.read (Microsoft Cloud App Security)")
    page.keyboard.press("Space")
    tab_to(page, "Save requested permissions")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved.")
    tab_to(page, "Grant consent for the organization…")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Grant consent for the organization?")).to_be_visible()
    tab_to(page, "Grant consent")
    page.keyboard.press("Enter")
    expect(page.get_by_text("discovery.read to itself")).to_be_visible()
    tab_to(page, "Description")
    page.keyboard.type("made by hand")
    page.keyboard.press("Enter")
    secret = page.locator("#new-secret").text_content() or ""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
        "scope": f"{MDCA.app_id}/.default",
    }
    with installation.server.client() as client:
        answer = client.post(f"/{installation.tenant}/oauth2/v2.0/token", data=form)
    assert reports(installation, answer.json()) == 200
    page.goto(installation.address(f"portal/applications/{client_id}"))
    assert secret not in page.content()


def test_nothing_is_sent_again_by_back_and_reload(installation: Installation, page: Page) -> None:
    """A secret is shown once and created once; a confirmation is a page to which the browser can return."""
    enter(page, installation, "api-tokens")
    page.get_by_label("Name").fill("of the browser")
    page.get_by_role("button", name="Create token").click()
    expect(page.locator("#new-token")).to_be_visible()
    page.reload()
    expect(page.locator("#new-token")).to_have_count(0)
    page.get_by_role("button", name="Revoke… of the browser").click()  # the only one
    expect(page.get_by_role("heading", name="Revoke the token?")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("status")).to_have_text("Revoked.")
    asked = page.go_back()
    assert asked is not None
    assert (asked.request.method, asked.status) == ("GET", 404)  # it is already revoked
    page.go_back()
    expect(page.get_by_role("heading", name="API tokens")).to_be_visible()


def test_a_certificate_is_uploaded(installation: Installation, page: Page) -> None:
    """It comes from a file."""
    enter(page, installation, f"applications/{installation.public_client}")
    page.get_by_label("File in PEM or DER").set_input_files(installation.server.ca)
    page.get_by_role("button", name="Add certificate").click()
    expect(page.get_by_role("alert").or_(page.get_by_role("status"))).to_be_visible()


def test_what_was_typed_is_still_there_after_a_mistake(installation: Installation, page: Page) -> None:
    """The invalid field has the focus."""
    enter(page, installation, "users/new")
    page.get_by_label("User name").fill("eve@example.org")
    page.get_by_label("Password").fill("short")
    page.get_by_label("Role").select_option("Global reader")
    page.get_by_role("button", name="Add user").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("User name")).to_have_value("eve@example.org")
    expect(page.get_by_label("Role")).to_have_value("Global reader")
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("Password")).to_have_value("")


def test_signing_out_here_leaves_the_other_browser(installation: Installation, context: BrowserContext) -> None:
    """Ending that session from the list signs the other browser out."""
    here = context.new_page()
    enter(here, installation, "account", installation.reader)
    assert context.browser is not None
    elsewhere = context.browser.new_context()
    there = elsewhere.new_page()
    enter(there, installation, "account", installation.reader)
    here.reload()
    here.get_by_role("button", name="Sign out there").click()
    there.reload()
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()
    elsewhere.close()
    here.get_by_role("button", name="Sign out", exact=True).click()
    expect(here.get_by_role("heading", name="Sign in")).to_be_visible()
    assert [each["name"] for each in context.cookies() if "session" in each["name"]] == []
    here.go_back()
    expect(here.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("mode", ["query", "form_post"])
def test_an_application_may_send_its_visitors_anywhere(installation: Installation, page: Page, mode: str) -> None:
    """Our content security policy blocks nothing after sign-in, consent, the form with the code, and sign-out."""
    asked = {
        "client_id": installation.public_client,
        "response_type": "code",
        "response_mode": mode,
        "scope": "openid",
        "prompt": "consent",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    oauth = f"{installation.tenant}/oauth2/v2.0"
    with application() as (redirect, home):
        page.goto(installation.address(f"{oauth}/authorize?{urlencode({**asked, 'redirect_uri': redirect})}"))
        sign_in(page, installation.reader)
        page.get_by_role("button", name="Accept").click()
        expect(page).to_have_url(home)
        page.goto(installation.address(f"{oauth}/authorize?{urlencode({**asked, 'redirect_uri': redirect})}"))
        page.get_by_role("button", name="Cancel").click()
        expect(page).to_have_url(home)
        gone = {"client_id": installation.public_client, "post_logout_redirect_uri": redirect}
        page.goto(installation.address(f"{oauth}/logout?{urlencode(gone)}"))
        page.get_by_role("button", name="Sign out").click()
        expect(page).to_have_url(home)
        again = {**asked, "prompt": "", "redirect_uri": redirect}
        page.goto(installation.address(f"{oauth}/authorize?{urlencode(again)}"))
        sign_in(page, installation.reader)
        expect(page).to_have_url(home)


def test_a_security_key_is_registered_and_asked_for(
    installation: Installation, context: BrowserContext, page: Page, pictures: Path
) -> None:
    """The browser's own key works only with this server; without it, sign-in fails."""
    kim = next(name for name in installation.user_ids if name.startswith("kim"))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    added = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "hasResidentKey": True}})
    enter(page, installation, "account/security-keys", kim)
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name of the key").fill("laptop")
    look(page, pictures, "portal-security-key-new", "#security-key")
    page.get_by_role("button", name="Register the key").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("button", name="Sign out", exact=True).click()
    sign_in(page, kim)
    look(page, pictures, "second-factor-key", "#security-key")
    page.get_by_role("button", name="Use security key").click()
    expect(page.get_by_text("You are signed in as")).to_be_visible()
    page.get_by_role("button", name="Sign out", exact=True).click()
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": added["authenticatorId"]})
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, kim)
    page.get_by_role("button", name="Use security key").click()
    expect(page.get_by_role("alert")).to_be_visible()


def test_a_strict_organization_is_entered_step_by_step(installation: Installation, page: Page, pictures: Path) -> None:
    """First a new password for the expired one, then a second factor, then the portal."""
    page.goto(installation.address("portal/"))
    sign_in(page, STRICT_USER)
    look(page, pictures, "password-expired", "#new_password")
    page.get_by_label("Current password").fill(PASSWORD)
    for label in ("New password", "New password again"):
        page.get_by_label(label, exact=True).fill("another battery staple")
    page.get_by_role("button", name="Change password").click()
    look(page, pictures, "second-factor-enrol", "#new-otpauth")
    secret = re.findall(r"secret=([A-Z2-7]+)", page.locator("#new-otpauth").text_content() or "")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret[0]).now())
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("You are signed in as")).to_be_visible()


def test_no_other_site_can_send_our_forms(installation: Installation, page: Page) -> None:
    """The browser does not send the cookie, so the request is unauthenticated; and the form has no token."""
    enter(page, installation)
    page.route("http://localhost:1/", lambda route: route.fulfill(content_type="text/html", body=FORGED))
    page.goto("http://localhost:1/")
    page.evaluate("address => { document.forms[0].action = address }", installation.address("portal/applications"))
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    with installation.server.client() as client:
        assert "Forged" not in client.get("/admin/v1/applications").text


FORGED = '<form method="post"><input name="name" value="Forged"><button>Win</button></form>'
