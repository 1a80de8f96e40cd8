"""One's own account."""

from __future__ import annotations

from opencasb.identity.passwords import verify_password
from opencasb.model.roles import Role
from opencasb.portal.page import SESSION_COOKIE
from tests.portal.site import PASSWORD, Site

ROLE = Role.USER_GROUP_ADMIN


def test_the_password_is_changed_and_signing_in_begins_anew(site: Site) -> None:
    """What is wrong is told beside its field; no password is ever shown."""
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
        assert not any(value in refused.text for value in values if value != "short")
    answer = visitor.send(
        "account", "account/password", present_password=PASSWORD, new_password=new, repeated_password=new
    )
    assert (answer.status_code, SESSION_COOKIE in visitor.cookies) == (303, False)
    assert verify_password(new, site.casb.users.password_hash(user.tenant_id, user.user_id))
    assert visitor.open("account").status_code == 303


def test_sessions_are_ended_one_by_one_or_all(site: Site) -> None:
    """This browser's by signing out; another user's not at all."""
    here, there, third = site.visitor(ROLE), site.sign_in(site.user(ROLE)), site.sign_in(site.user(ROLE))
    sessions = site.casb.identity.own_account.sessions(site.user(ROLE))
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
    """From any page; the others stay."""
    here, there = site.visitor(ROLE), site.sign_in(site.user(ROLE))
    cookie = here.cookies[SESSION_COOKIE]
    assert here.send("account", "sign-out").headers["location"] == "/portal/"
    assert SESSION_COOKIE not in here.cookies
    assert site.casb.identity.sessions.of(cookie) is None
    assert there.open("").status_code == 200
