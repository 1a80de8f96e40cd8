"""Changes that users make to their own account."""

from __future__ import annotations

import pytest

from opencasb.identity.passwords import verify_password
from opencasb.identity.refusals import InvalidValue
from opencasb.model.user import User
from tests.identity.flows import PASSWORD
from tests.identity.standin import HandClock, StandIn


def test_a_password_is_changed_by_who_knows_it(casb: StandIn, user: User, hand: HandClock) -> None:
    """Every sign-in with the old one ends."""
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
    """As on the sign-in page: an open browser does not bypass the lock."""
    account, told = casb.identity.own_account, set()
    for number in range(12):
        with pytest.raises(InvalidValue) as wrong:
            account.change_password(user, f"guess {number}", "new and long", "192.0.2.1")
        told.add(str(wrong.value))
    assert any("locked" in text for text in told)
