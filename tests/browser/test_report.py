"""The HTML report of a log on screen and in print."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Page, expect

from opencasb.discovery.html_report import render
from opencasb.model.unlisted_profile import Reason
from tests.browser.steps import WIDTHS, look
from tests.conftest import NOW
from tests.discovery.reported import ODD, ODD_PROFILE, REPORT

pytestmark = pytest.mark.xdist_group("browser")  # one server and one browser for all

LONG = f"{'a' * 63}.{'b' * 63}.example"
"""A host with labels of the maximum length."""


@pytest.fixture
def report(page: Page) -> Page:
    """The report of a log with such a host, with everything expanded."""
    profile = msgspec.structs.replace(
        ODD_PROFILE, domain=LONG, reasons=(Reason("hosts", f"hosts of an API: api.{LONG}", 25),)
    )
    apps = [msgspec.structs.replace(ODD, name=LONG, domains=(LONG,)), *REPORT.apps]
    daily = [msgspec.structs.replace(REPORT.daily[0], day=f"2025-11-{day:02}") for day in range(1, 31)]
    page.set_content(render(msgspec.structs.replace(REPORT, apps=apps, unlisted=(profile,), daily=daily), NOW))
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    return page


def test_long_names_leave_the_page_its_width(report: Page, pictures: Path) -> None:
    """It fits narrow screens, too, and everything has an accessible name."""
    expect(report.get_by_role("region", name="Likely cloud apps and why")).to_be_visible()
    look(report, pictures, "report")


def test_days_of_a_chart_stand_apart(report: Page) -> None:
    """They do so on narrow screens, too."""
    days = """() => [...document.querySelectorAll('.day')].map(each => each.getBoundingClientRect())
        .filter(each => each.width).map(each => [each.left, each.right])"""
    for width in WIDTHS:
        report.set_viewport_size({"width": width, "height": 800})
        places = report.evaluate(days)
        assert len(places) >= 3
        assert all(before[1] < after[0] for before, after in pairwise(places)), (width, places)


def test_what_explains_a_list_does_not_scroll_with_it(report: Page) -> None:
    """It is fully visible on narrow screens, and screen readers find it with the table."""
    report.set_viewport_size({"width": WIDTHS[-1], "height": 800})
    note = report.locator("#apps-note").bounding_box()
    assert note is not None
    assert note["x"] + note["width"] <= WIDTHS[-1]
    expect(report.locator("table.apps")).to_have_accessible_description(re.compile("in order of traffic"))


def test_no_column_is_lost_on_paper(report: Page) -> None:
    """Scrolling content is printed in full."""
    report.emulate_media(media="print")
    overflow = "() => [...document.querySelectorAll('.scroll')].map(each => getComputedStyle(each).overflowX)"
    assert set(report.evaluate(overflow)) == {"visible"}


def test_every_column_fits_a_window_of_ordinary_width(page: Page) -> None:
    """With ordinary names nothing has to be scrolled to."""
    page.set_viewport_size({"width": 1100, "height": 800})
    page.set_content(render(REPORT, NOW))
    table = page.get_by_role("region", name="Apps in order of traffic")
    assert table.evaluate("each => each.scrollWidth <= each.clientWidth")
