"""Sessions: found by cookie, ended by time, sign-out, new password or deprovisioning."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from opencasb.identity.passwords import hash_password
from opencasb.identity.sessions import IDLE, LONGEST
from opencasb.model.roles import Role
from opencasb.model.user import User
from opencasb.store.sessions import sessions
from tests.identity.standin import HandClock, StandIn


def test_a_cookie_tells_who_signed_in_how_and_when(casb: StandIn, user: User, hand: HandClock) -> None:
    """The database has no cookies."""
    cookie = casb.identity.sessions.open(user, ("pwd", "mfa"), "192.0.2.1")
    began = hand.now
    hand.now += 1000
    found = casb.identity.sessions.of(cookie)
    assert found is not None
    assert found[0] == user
    assert (found[1].amr, found[1].at) == (("pwd", "mfa"), began)
    with casb.database.read() as connection:
        assert cookie not in str(connection.execute(sa.select(sessions)).all())


@pytest.mark.parametrize("cookie", ["", "x", "1.1." + "A" * 43])
def test_other_cookies_are_nobodys(casb: StandIn, user: User, cookie: str) -> None:
    """Closing them does not raise."""
    casb.identity.sessions.close(cookie)
    assert casb.identity.sessions.of(cookie) is None
    assert user.active


def test_sessions_end_unused_and_after_a_week_in_any_case(casb: StandIn, user: User, hand: HandClock) -> None:
    """Use extends a session, up to that limit."""
    unused = casb.identity.sessions.open(user, ("pwd",), "")
    used = casb.identity.sessions.open(user, ("pwd",), "")
    began = hand.now
    while hand.now - began < LONGEST - IDLE:
        hand.now += IDLE - 1
        assert casb.identity.sessions.of(used)
    assert casb.identity.sessions.of(unused) is None
    hand.now = began + LONGEST
    assert casb.identity.sessions.of(used) is None


def test_a_session_is_known_while_the_database_takes_nothing(
    casb: StandIn, user: User, hand: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recording the last use is not worth rejecting a user."""

    def full(*_: object) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, Exception("database or disk is full"))

    cookie = casb.identity.sessions.open(user, ("pwd",), "")
    monkeypatch.setattr("opencasb.store.sessions.Sessions.touch", full)
    hand.now += IDLE - 1
    assert casb.identity.sessions.of(cookie)


ENDINGS: dict[str, Callable[[StandIn, User, str], object]] = {
    "sign-out": lambda casb, _, cookie: casb.identity.sessions.close(cookie),
    "password": lambda casb, user, _: casb.users.set_password(
        user.tenant_id, user.user_id, hash_password("another password")
    ),
    "deprovisioned": lambda casb, user, _: casb.users.deprovision(user.tenant_id, user.user_id, keep_one=False),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_session_can_be_ended(casb: StandIn, user: User, ending: str) -> None:
    """At once."""
    cookie = casb.identity.sessions.open(user, ("pwd",), "")
    assert casb.identity.sessions.of(cookie)
    ENDINGS[ending](casb, user, cookie)
    assert casb.identity.sessions.of(cookie) is None


def test_sessions_are_seen_and_ended(casb: StandIn, user: User, hand: HandClock) -> None:
    """One by one, or all together with applications' tokens; only the user's own."""
    sessions = casb.identity.sessions
    bob = casb.users.create(user.tenant_id, "bob@contoso.example", Role.SECURITY_READER)
    first, second, other = (sessions.open(each, ("pwd",), "192.0.2.7") for each in (user, user, bob))
    hand.now += 1
    [gone, _] = sessions.all(user)
    assert not sessions.end(bob, gone.session_id)
    assert sessions.end(user, gone.session_id)
    assert [each.session_id for each in sessions.all(user)] != [gone.session_id]
    assert len([each for each in (first, second) if sessions.of(each)]) == 1
    casb.users.sign_out(user.tenant_id, user.user_id, by=user.upn)
    assert sessions.all(user) == []
    assert sessions.of(other)
    actions = {each.action for each in casb.identity.audit_log.latest(user.tenant_id)}
    assert {"session.end", "user.sign_out"} <= actions
