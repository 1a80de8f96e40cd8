"""The user's own account."""

from __future__ import annotations

from html import unescape

import pyotp

from opencasb.identity.passwords import verify_password
from opencasb.model.roles import Role
from opencasb.portal.page import SESSION_COOKIE
from tests.portal.site import PASSWORD, Site

ROLE = Role.USER_GROUP_ADMIN


def test_the_password_is_changed_and_signing_in_begins_anew(site: Site) -> None:
    """Errors are next to their fields; passwords are never shown."""
    visitor, user = site.visitor(ROLE), site.user(ROLE)
    new = "a new long password"
    for field, values in (
        ("present_password", ("wrong password", new, new)),
        ("new_password", (PASSWORD, "short", "short")),
        ("repeated_password", (PASSWORD, new, new + "!")),
    ):
        names = ("present_password", "new_password", "repeated_password")
        refused = visitor.send("account", "account/password", **dict(zip(names, values, strict=True)))
        assert refused.status_code == 400
        assert f'id="{field}-problem"' in refused.text
        assert "user name" not in refused.text  # the form has no field for it
        assert not any(value in refused.text for value in values if value != "short")
    answer = visitor.send(
        "account", "account/password", present_password=PASSWORD, new_password=new, repeated_password=new
    )
    assert (answer.status_code, SESSION_COOKIE in visitor.cookies) == (303, False)
    assert verify_password(new, site.casb.users.password_hash(user.tenant_id, user.user_id))
    assert visitor.open("account").status_code == 303


def test_sessions_are_ended_one_by_one_or_all(site: Site) -> None:
    """The current one ends by signing out; other users' sessions are not affected."""
    here, there, third = site.visitor(ROLE), site.sign_in(site.user(ROLE)), site.sign_in(site.user(ROLE))
    sessions = site.casb.identity.sessions.all(site.user(ROLE))
    found = site.casb.identity.sessions.of(there.cookies[SESSION_COOKIE])
    assert found is not None
    assert len(sessions) == 3
    action = f"account/sessions/{found[1].session_id}/end"
    here.done(here.send("account", action))
    assert there.open("account").status_code == 303
    assert third.open("account").status_code == 200
    asked = here.send("account", "account/sign-out-everywhere")
    assert third.open("account").status_code == 200
    assert here.confirm(asked).headers["location"] == "/portal/"
    assert third.open("account").status_code == 303
    assert site.visitor().open("account").status_code == 200


def test_signing_out_ends_this_session(site: Site) -> None:
    """Every page has the button; other sessions remain."""
    here, there = site.visitor(ROLE), site.sign_in(site.user(ROLE))
    cookie = here.cookies[SESSION_COOKIE]
    assert here.send("account", "sign-out").headers["location"] == "/portal/"
    assert SESSION_COOKIE not in here.cookies
    assert site.casb.identity.sessions.of(cookie) is None
    assert there.open("").status_code == 200


def test_a_second_factor_is_added_asked_for_and_removed(site: Site) -> None:
    """All steps need the password; removal needs a code, too."""
    visitor, user, page = site.visitor(ROLE), site.user(ROLE), "account/second-factor"
    refused = visitor.send(page, page, present_password="wrong password")
    assert 'id="present_password-problem"' in refused.text
    text = visitor.send(page, page, present_password=PASSWORD).text
    app = pyotp.parse_uri(unescape(text.partition('id="new-otpauth">')[2].partition("<")[0]))
    assert isinstance(app, pyotp.TOTP)
    assert not site.casb.identity.second_factors.has_app(user)
    assert 'id="code-problem"' in visitor.send(page, f"{page}/confirm", code="000000").text
    assert app.secret not in visitor.page(page)
    visitor.done(visitor.send(page, f"{page}/confirm", code=app.at(site.clock.now // 1000)))
    guest = site.guest()
    form = guest.get(guest.open("account").headers["location"])
    asked = guest.fill_in(form, username=user.upn, password=PASSWORD)
    assert "code" in asked.text
    assert SESSION_COOKIE not in guest.cookies
    site.clock.now += 60_000
    refused = visitor.send(page, f"{page}/remove", present_password=PASSWORD, code="000000")
    assert 'id="code-problem"' in refused.text
    code = app.at(site.clock.now // 1000)
    visitor.done(visitor.send(page, f"{page}/remove", present_password=PASSWORD, code=code))
    assert not site.casb.identity.second_factors.has_app(user)


def test_an_administrator_helps_who_lost_the_app(site: Site) -> None:
    """It needs confirmation."""
    user, factors = site.user(ROLE), site.casb.identity.second_factors
    app = pyotp.parse_uri(factors.begin(user))
    assert isinstance(app, pyotp.TOTP)
    assert factors.confirm(user, app.at(site.clock.now // 1000), by="test")
    page = f"users/{user.user_id}"
    asked = site.visitor().send(page, f"{page}/second-factor")
    assert factors.is_required(user)
    site.visitor().done(site.visitor().confirm(asked))
    assert not factors.is_required(user)
