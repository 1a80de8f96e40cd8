"""What people change about themselves."""

from __future__ import annotations

import pytest

from opencasb.identity.passwords import hash_password, verify_password
from opencasb.identity.refusals import InvalidValue
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.standin import HandClock, StandIn

PASSWORD = "correct horse battery"


@pytest.fixture
def user(casb: StandIn, tenant: Tenant) -> User:
    """Return a user with a password."""
    digest = hash_password(PASSWORD)
    return casb.users.create(tenant.tenant_id, "ann@contoso.example", Role.SECURITY_READER, password_hash=digest)


def test_a_password_is_changed_by_who_knows_it(casb: StandIn, user: User, hand: HandClock) -> None:
    """And every sign-in with the old one is over."""
    account, cookie = casb.identity.own_account, casb.identity.sessions.open(user, ("pwd",), "")
    for field, present, new in (("present_password", "wrong", "new and long"), ("new_password", PASSWORD, "short")):
        with pytest.raises(InvalidValue) as wrong:
            account.change_password(user, present, new, "192.0.2.1")
        assert wrong.value.field == field
    assert casb.identity.sessions.of(cookie)
    account.change_password(user, PASSWORD, "new and long", "192.0.2.1")
    assert verify_password("new and long", casb.users.password_hash(user.tenant_id, user.user_id))
    assert casb.identity.sessions.of(cookie) is None


def test_guessing_the_present_password_locks(casb: StandIn, user: User) -> None:
    """As at the sign-in page: an open browser is no way around."""
    account, told = casb.identity.own_account, set()
    for number in range(12):
        with pytest.raises(InvalidValue) as wrong:
            account.change_password(user, f"guess {number}", "new and long", "192.0.2.1")
        told.add(str(wrong.value))
    assert any("locked" in text for text in told)


def test_sessions_are_seen_and_ended(casb: StandIn, user: User, hand: HandClock) -> None:
    """One by one, or all with what applications got; nobody else's."""
    account, sessions = casb.identity.own_account, casb.identity.sessions
    bob = casb.users.create(user.tenant_id, "bob@contoso.example", Role.SECURITY_READER)
    first, second, other = (sessions.open(each, ("pwd",), "192.0.2.7") for each in (user, user, bob))
    hand.now += 1
    [gone, _] = account.sessions(user)
    assert not account.end_session(bob, gone.session_id)
    assert account.end_session(user, gone.session_id)
    assert [each.session_id for each in account.sessions(user)] != [gone.session_id]
    assert len([each for each in (first, second) if sessions.of(each)]) == 1
    account.sign_out_everywhere(user)
    assert account.sessions(user) == []
    assert sessions.of(other)
    actions = {each.action for each in casb.identity.audit_log.latest(user.tenant_id)}
    assert {"session.end", "user.sign_out"} <= actions
