"""The user's own security keys."""

from __future__ import annotations

import html
import re

import pytest

from opencasb.identity.passwords import hash_password
from opencasb.model.roles import Role
from tests.identity.authenticator import Authenticator
from tests.portal.site import PASSWORD, Site, Visitor

PAGE = "account/security-keys"


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """Return the browser of a user with a password."""
    user = site.user(Role.SECURITY_READER)
    site.casb.users.set_password(user.tenant_id, user.user_id, hash_password(PASSWORD))
    site.clock.now += 1000
    return site.sign_in(user)


def registered(visitor: Visitor, key: Authenticator, name: str) -> str:
    """Register a key, and return the next page."""
    asked = visitor.send(PAGE, PAGE, present_password=PASSWORD)
    assert asked.status_code == 200
    assert "<noscript>" in asked.text  # for browsers without scripts
    options = re.search(r'data-options="([^"]*)"', asked.text)
    fields = dict(re.findall(r'name="(form_token|challenge)" value="([^"]*)"', asked.text))
    assert options is not None
    form = {**fields, "answer": key.create(html.unescape(options[1])), "name": name}
    return visitor.done(visitor.post(f"/portal/{PAGE}/add", form))


def test_a_key_is_added_and_removed(visitor: Visitor) -> None:
    """The user's password is required."""
    assert visitor.send(PAGE, PAGE, present_password="wrong").status_code == 400
    assert "<b>blue</b>" not in registered(visitor, Authenticator(), "<b>blue</b>")
    assert "&lt;b&gt;blue" in visitor.page(PAGE)
    assert "1 security key is registered" in visitor.page("account")
    wrong = visitor.send(PAGE, f"{PAGE}/remove", removing_password="wrong", credential_id="x")
    assert (wrong.status_code, "removing_password-problem" in wrong.text) == (400, True)
    known = re.search(r'<option value="([^"]+)"', visitor.page(PAGE))
    assert known is not None
    visitor.done(visitor.send(PAGE, f"{PAGE}/remove", removing_password=PASSWORD, credential_id=known[1]))
    assert "<option" not in visitor.page(PAGE)


def test_what_no_key_made_is_not_kept(visitor: Visitor) -> None:
    """The page reports it, and the user can try again there."""
    form = dict(re.findall(r'name="(form_token)" value="([^"]*)"', visitor.page(PAGE)))
    refused = visitor.post(f"/portal/{PAGE}/add", {**form, "name": "x", "challenge": "", "answer": "{}"})
    assert (refused.status_code, "could not be taken" in refused.text) == (400, True)
    assert 'href="#answer"' in refused.text
    assert 'id="answer"' in refused.text
