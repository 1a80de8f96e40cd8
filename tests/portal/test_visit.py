"""What a visitor sees around every page."""

from __future__ import annotations

import re

from opencasb.model.roles import Role
from tests.portal.site import Site


def test_a_page_offers_what_the_role_may_and_says_where_one_is(site: Site) -> None:
    """Each area once; the present one is marked for screen readers."""
    reader = site.visitor(Role.SECURITY_READER).page("users")
    assert re.findall(r'href="/portal/([a-z-]*)"(?: aria-current="page")?>', reader.partition("</nav>")[0]) == [
        "",
        "users",
        "api-tokens",
        "account",
    ]
    assert re.findall(r'href="/portal/([a-z-]*)" aria-current="page"', reader) == ["users"]
    assert 'href="#main"' in reader


def test_a_page_with_a_problem_is_no_success(site: Site) -> None:
    """By its status, by its title, by an alert that leads to the field."""
    answer = site.visitor().send("api-tokens", "api-tokens", name="")
    assert answer.status_code == 400
    assert "<title>Error: API tokens" in answer.text
    assert '<a href="#name">' in answer.text
