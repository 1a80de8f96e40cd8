"""The frame around every page."""

from __future__ import annotations

import re

from opencasb.model.roles import Role
from tests.portal.site import Site


def test_a_page_offers_what_the_role_may_and_says_where_one_is(site: Site) -> None:
    """Each area is listed once; the current one is marked for screen readers."""
    reader = site.visitor(Role.SECURITY_READER).page("users")
    assert re.findall(r'href="/portal/([a-z-]*)"(?: aria-current="page")?>', reader.partition("</nav>")[0]) == [
        "",
        "cloud-discovery",
        "users",
        "api-tokens",
        "account",
    ]
    assert re.findall(r'href="/portal/([a-z-]*)" aria-current="page"', reader) == ["users"]
    assert 'href="#main"' in reader


def test_a_page_with_a_problem_is_no_success(site: Site) -> None:
    """Status, title, and an alert with a link to the field show it."""
    answer = site.visitor().send("api-tokens", "api-tokens", name="")
    assert answer.status_code == 400
    assert "<title>Error: API tokens" in answer.text
    assert '<a href="#name">' in answer.text


def test_what_is_wrong_is_a_sentence(site: Site) -> None:
    """It is one, whichever component reports the error."""
    user = site.user(Role.SECURITY_READER)
    refused = site.visitor().send("users/new", "users", name=user.upn, role="Security reader")
    assert re.search(r'<p class="alarm" id="name-problem">[A-Z][^<]*\.</p>', refused.text)


def test_programs_that_keep_passwords_are_told_whose_one_is(site: Site) -> None:
    """Password managers do not confuse an administrator's own password with another user's."""
    chief, user = site.user(), site.user(Role.SECURITY_READER)
    pages = {"account": chief, "account/second-factor": chief, "account/security-keys": chief}
    for page, owner in {**pages, f"users/{user.user_id}": user}.items():
        [named] = re.findall(r'value="([^"]*)" autocomplete="username" hidden', site.visitor().page(page))
        assert named == owner.upn
