"""Every page in light and dark mode, on wide and narrow screens; screenshots are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from opencasb.model.permissions import MDCA
from opencasb.portal.pages.table import VIEWS
from tests.browser.installation import Installation
from tests.browser.steps import WIDTHS, enter, look
from tests.portal.test_access import filled

pytestmark = pytest.mark.xdist_group("browser")  # one server and one browser for all

SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


@pytest.fixture(params=SCHEMES)
def seen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page of a new visitor who prefers light or dark mode."""
    context = browser.new_context(color_scheme=request.param)
    yield context.new_page()
    context.close()


def test_pages_of_the_portal(installation: Installation, seen: Page, pictures: Path) -> None:
    """All of them."""
    enter(seen, installation)
    seen.goto(installation.address("portal/cloud-discovery"))
    report = str(seen.locator("th a").first.get_attribute("href")).rpartition("/")[2]
    user_id = installation.user_ids[installation.reader]
    ids = {"client_id": installation.public_client, "user_id": user_id, "report": report}
    for view in VIEWS:
        answer = seen.goto(installation.address(f"portal/{filled(view.path, ids)}"))
        assert answer is not None
        assert answer.status == 200
        name = filled(view.path, dict.fromkeys(ids, "one")).replace("/", "-")
        look(seen, pictures, f"portal-{name or 'start'}")


def test_pages_that_answer_forms(installation: Installation, seen: Page, pictures: Path) -> None:
    """An error, a confirmation, a secret, a token, a missing page."""
    enter(seen, installation, "users/new")
    seen.get_by_label("User name").fill("with space @example.org")
    seen.get_by_role("button", name="Add user").click()
    look(seen, pictures, "portal-problem", "#name-problem")
    seen.goto(installation.address(f"portal/applications/{installation.public_client}"))
    seen.get_by_role("button", name="New secret").click()
    look(seen, pictures, "portal-secret", "#new-secret")
    seen.get_by_role("button", name="Delete…").click()
    look(seen, pictures, "portal-question", "button.danger")
    seen.goto(installation.address("portal/api-tokens"))
    seen.get_by_label("Name").fill("siem")
    seen.get_by_role("button", name="Create token").click()
    look(seen, pictures, "portal-token", "#new-token")
    seen.goto(installation.address("portal/nothing"))
    look(seen, pictures, "portal-not-found")


def test_pages_of_signing_in(installation: Installation, seen: Page, pictures: Path) -> None:
    """The form, the device code, consent, sign-out, and an error."""
    seen.goto(installation.address("portal/"))
    look(seen, pictures, "sign-in")
    enter(seen, installation, name=installation.reader)
    seen.goto(installation.address("devicelogin"))
    look(seen, pictures, "device-code")
    asked = {
        "client_id": installation.public_client,
        "response_type": "code",
        "redirect_uri": "http://localhost/",
        "scope": f"{MDCA.app_id}/discovery.manage",
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    authorize = f"{installation.tenant}/oauth2/v2.0/authorize"
    seen.goto(installation.address(f"{authorize}?{urlencode({**asked, 'prompt': 'consent'})}"))
    look(seen, pictures, "consent")
    seen.goto(installation.address(f"{installation.tenant}/adminconsent?client_id={installation.public_client}"))
    look(seen, pictures, "admin-consent")
    seen.goto(installation.address(f"{authorize}?client_id=nobody"))
    look(seen, pictures, "error")
    seen.goto(installation.address(f"{installation.tenant}/oauth2/v2.0/logout"))
    look(seen, pictures, "sign-out")
    seen.get_by_role("button", name="Sign out").click()
    look(seen, pictures, "done", "h1:text('Signed out')")


_BROKEN_HEADINGS = """() => [...document.querySelectorAll("thead th")].filter(each => {
    const text = document.createRange();
    text.selectNodeContents(each);
    return new Set([...text.getClientRects()].map(line => line.top)).size > each.textContent.split(" ").length;
}).map(each => each.textContent)"""


def test_words_in_tables_stay_whole(installation: Installation, page: Page) -> None:
    """Next to a name without spaces, and on a narrow screen."""
    enter(page, installation, "applications/new")
    page.get_by_label("Name").fill("longest" * 30)
    page.get_by_role("button", name="Register").click()
    expect(page.locator("#done, .note").first).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for path in ("applications", "cloud-discovery", "users", "audit-log"):
            page.goto(installation.address(f"portal/{path}"))
            assert page.evaluate(_BROKEN_HEADINGS) == [], (path, width)


def test_no_column_is_lost_on_paper(installation: Installation, page: Page) -> None:
    """Scrolling content is printed in full."""
    enter(page, installation, "audit-log")
    page.emulate_media(media="print")
    assert page.locator(".wide").evaluate("each => getComputedStyle(each).overflowX") == "visible"
