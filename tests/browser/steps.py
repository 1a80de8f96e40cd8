"""What people do in a browser, again and again."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.installation import PASSWORD, Installation

_FOCUSED = """() => {
    const element = document.activeElement;
    const label = element.labels && element.labels.length ? element.labels[0].textContent : element.textContent;
    return label.replace(/\\s+/g, " ").trim();
}"""


def sign_in(page: Page, name: str) -> None:
    """Fill in the sign-in page."""
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def enter(page: Page, installation: Installation, path: str = "", name: str = "") -> None:
    """Open a page of the portal as somebody who has to sign in first."""
    page.goto(installation.address(f"portal/{path}"))
    sign_in(page, name or installation.admin)
    expect(page).to_have_url(installation.address(f"portal/{path}"))


def tab_to(page: Page, label: str) -> None:
    """Press the tabulator until what has that label has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if re.fullmatch(rf"{re.escape(label)}( \(optional\))?", page.evaluate(_FOCUSED)):
            return
    raise AssertionError(f"{label!r} cannot be reached with the keyboard")


def violations(page: Page, *rules: str) -> list[str]:
    """Return what people who cannot see, or use a mouse, would stumble over, by these rules or by all."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    chosen = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **chosen}).response["violations"]
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found]
