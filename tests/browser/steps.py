"""Common steps in a browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from tests.browser.installation import PASSWORD, Installation

WIDTHS: Final = (1280, 320)
"""In pixels; WCAG 1.4.10 requires pages to fit the second without horizontal scrolling."""

_FOCUSED = """() => {
    const element = document.activeElement;
    const label = element.labels && element.labels.length ? element.labels[0].textContent : element.textContent;
    return label.replace(/\\s+/g, " ").trim();
}"""


def sign_in(page: Page, name: str) -> None:
    """Submit the sign-in page."""
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def enter(page: Page, installation: Installation, path: str = "", name: str = "") -> None:
    """Open a page of the portal, signing in first."""
    page.goto(installation.address(f"portal/{path}"))
    sign_in(page, name or installation.admin)
    expect(page).to_have_url(installation.address(f"portal/{path}"))


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the element with that label has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if re.fullmatch(rf"{re.escape(label)}( \(optional\))?", page.evaluate(_FOCUSED)):
            return
    raise AssertionError(f"{label!r} cannot be reached with the keyboard")


def violations(page: Page, *rules: str) -> list[str]:
    """Return violations of accessibility rules: of the given ones, or of all."""
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    chosen = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else {}
    found = Axe().run(page, options={"resultTypes": ["violations"], **chosen}).response["violations"]
    return [f"{each['id']}: {[node['html'] for node in each['nodes']]}" for each in found]


def look(page: Page, pictures: Path, name: str, shown: str = "h1") -> None:
    """Take screenshots of a page once an element is visible, and assert that it is accessible."""
    expect(page.locator(shown)).to_be_visible()
    scheme = "dark" if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") else "light"
    for width in WIDTHS if scheme == "light" else WIDTHS[:1]:
        page.set_viewport_size({"width": width, "height": 800})
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} is {too_wide} pixels too wide for {width}"
        page.screenshot(path=pictures / f"{name}-{scheme}-{width}.png", full_page=width == WIDTHS[0])
    rules = () if scheme == "light" else ("color-contrast",)  # nothing else differs in dark mode
    assert violations(page, *rules) == [], name
