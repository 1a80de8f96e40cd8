"""Second factors: enrolment, single-use codes, and where they are required."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from opencasb.identity.errors import OAuthError
from opencasb.identity.lockout import ACCOUNT_FAILURES
from opencasb.identity.second_factor import STEP, TICKET
from opencasb.model.tenant import Tenant
from opencasb.model.user import User
from tests.identity.flows import PASSWORD, Flow
from tests.identity.standin import HandClock, StandIn


class App:
    """An authenticator app set up with an otpauth address."""

    def __init__(self, address: str, hand: HandClock) -> None:
        self._totp = pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])
        self._hand = hand

    def code(self, steps: int = 0) -> str:
        """Return its current code, or the one some steps later."""
        return self._totp.generate_otp(self._hand.now // STEP + steps)


@pytest.fixture
def app(casb: StandIn, user: User, hand: HandClock) -> App:
    """Return the user's app, with the second factor confirmed."""
    made = App(casb.identity.second_factors.begin(user), hand)
    assert not casb.identity.second_factors.is_required(user)
    assert not casb.identity.second_factors.confirm(user, "000000", by="test")
    assert casb.identity.second_factors.confirm(user, made.code(-1), by="test")
    return made


def test_a_code_is_good_once_and_only_about_now(casb: StandIn, user: User, app: App) -> None:
    """The previous, current and next code; no code twice, and none older than a used one."""
    check = casb.identity.second_factors
    assert check.is_required(user)
    assert not check.check(user, app.code(2))
    assert not check.check(user, app.code(-2))
    assert check.check(user, f" {app.code()[:3]} {app.code()[3:]} ")
    assert not check.check(user, app.code())
    assert check.check(user, app.code(1))
    assert not check.check(user, "")
    assert not check.check(user, "\u00e9")


def test_an_app_that_was_not_confirmed_opens_nothing(casb: StandIn, user: User, hand: HandClock) -> None:
    """Anyone with the password sees the secret where a factor is required; the user may choose a key instead."""
    factors = casb.identity.second_factors
    seen = App(factors.begin(user), hand)
    with pytest.raises(OAuthError, match="50126"):
        casb.identity.sign_in.check_code(user, seen.code(), "192.0.2.1")
    assert not factors.has_app(user)
    assert factors.confirm(user, seen.code(), by="test")
    casb.identity.sign_in.check_code(user, seen.code(1), "192.0.2.1")


def test_digits_of_another_width_are_digits(casb: StandIn, user: User, app: App) -> None:
    """Some keyboards write them."""
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in app.code())
    assert casb.identity.second_factors.check(user, wide)


def test_a_ticket_says_that_the_password_was_right(casb: StandIn, user: User, hand: HandClock) -> None:
    """For five minutes, and only if we issued it."""
    check = casb.identity.second_factors
    ticket = check.ticket(user)
    assert check.user_of(ticket) == user
    for forged in ("", "x", ticket[:-1] + "0", ticket.replace(user.user_id, "0" * 36), "é.é"):
        assert forged == ticket or check.user_of(forged) is None
    hand.now += TICKET
    assert check.user_of(ticket) is None


def test_a_ticket_ends_with_the_password_and_the_access(casb: StandIn, user: User) -> None:
    """Whose password was stolen and replaced: the old one proves nothing any more, not even for five minutes."""
    check = casb.identity.second_factors
    ticket = check.ticket(user)
    casb.users.set_password(user.tenant_id, user.user_id, "the hash of another", by="test")
    assert check.user_of(ticket) is None
    ticket = check.ticket(user)
    assert check.user_of(ticket) == user
    casb.users.deprovision(user.tenant_id, user.user_id, keep_one=False, by="test")
    assert check.user_of(ticket) is None


def test_guessing_codes_locks_the_account(casb: StandIn, user: User, app: App) -> None:
    """Like guessing passwords."""
    sign_in = casb.identity.sign_in
    for number in range(ACCOUNT_FAILURES):
        with pytest.raises(Exception, match="50126"):
            sign_in.check_code(user, f"x{number}", "192.0.2.1")
    with pytest.raises(Exception, match="50053"):
        sign_in.check_code(user, app.code(), "192.0.2.1")


def test_the_same_digits_are_another_guess_half_a_minute_later(
    casb: StandIn, user: User, app: App, hand: HandClock
) -> None:
    """The right code changes, so who waits with one of their own would be right some day; twice at once counts once."""
    sign_in = casb.identity.sign_in
    for number in range(ACCOUNT_FAILURES):
        hand.now += STEP
        for _ in range(2 if number < ACCOUNT_FAILURES - 1 else 1):
            with pytest.raises(Exception, match="50126"):
                sign_in.check_code(user, "x00000", "192.0.2.1")
    with pytest.raises(Exception, match="50053"):
        sign_in.check_code(user, app.code(), "192.0.2.1")


def test_a_right_password_does_not_make_wrong_codes_forgotten(
    casb: StandIn, tenant: Tenant, flow: Flow, hand: HandClock
) -> None:
    """With the password, ten codes can be guessed; the right code resets the count."""
    app, sign_in = App(casb.identity.second_factors.begin(flow.user), hand), casb.identity.sign_in
    assert casb.identity.second_factors.confirm(flow.user, app.code(-1), by="test")
    for wrong in ("a", "b"):
        for number in range(ACCOUNT_FAILURES - 1):
            sign_in.check(tenant, flow.user.upn, PASSWORD, "192.0.2.1")
            with pytest.raises(Exception, match="50126"):
                sign_in.check_code(flow.user, f"{wrong}{number}", "192.0.2.1")
        if wrong == "a":
            sign_in.check_code(flow.user, app.code(), "192.0.2.1")
    with pytest.raises(Exception, match="50126"):
        sign_in.check_code(flow.user, "one more", "192.0.2.1")
    for refused in (
        lambda: sign_in.check(tenant, flow.user.upn, PASSWORD, "192.0.2.1"),
        lambda: sign_in.check_code(flow.user, app.code(1), "192.0.2.1"),
    ):
        with pytest.raises(Exception, match="50053"):
            refused()


def test_passwords_alone_get_no_token(casb: StandIn, tenant: Tenant, native: Flow, hand: HandClock) -> None:
    """The password grant has no place for a code: 50076."""
    casb.tenants.switch(tenant.tenant_id, "password_grant", on=True)
    form = {"grant_type": "password", "username": native.user.upn, "password": PASSWORD, "scope": "openid"}
    assert native.ask(form)["access_token"]
    made = App(casb.identity.second_factors.begin(native.user), hand)
    casb.identity.second_factors.confirm(native.user, made.code(), by="test")
    refusal = native.refused(form)
    assert (refusal.code, refusal.error) == (50076, "interaction_required")
    assert casb.identity.second_factors.remove(native.user, by="test")
    assert not casb.identity.second_factors.remove(native.user, by="test")
    assert native.ask(form)["access_token"]
