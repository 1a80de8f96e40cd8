"""Security keys as a second factor: registered once, required after the password, and hard to forge."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opencasb.api.login.routes import authorization_server
from opencasb.identity.refusals import InvalidValue
from opencasb.identity.security_keys import LIFETIME, MOST_KEYS, SecurityKeyCheck
from opencasb.model.roles import Role
from opencasb.model.user import User
from opencasb.portal.page import SESSION_COOKIE
from opencasb.settings import Settings
from tests.api.login.browser import Browser, form_of
from tests.identity.authenticator import Authenticator
from tests.identity.flows import PASSWORD
from tests.identity.standin import HandClock, StandIn, open_standin


@pytest.fixture
def keys(casb: StandIn) -> SecurityKeyCheck:
    """Return the key check."""
    return casb.identity.second_factors.keys


@pytest.fixture
def key(keys: SecurityKeyCheck, user: User) -> Authenticator:
    """Return a key registered by the user."""
    made, challenge = Authenticator(), keys.begin(user)
    assert keys.register(user, challenge.ticket, made.create(challenge.options), "blue", by="test")
    return made


def test_a_registered_key_answers(keys: SecurityKeyCheck, user: User, key: Authenticator, hand: HandClock) -> None:
    """Any number of times, and each use is recorded."""
    for _ in range(2):
        hand.now += 1
        challenge = keys.ask(user)
        assert keys.check(user, challenge.ticket, key.get(challenge.options))
    [known] = keys.of(user)
    assert (known.name, known.sign_count, known.last_used) == ("blue", 2, hand.now)


def test_a_challenge_is_good_once_for_one_user_and_purpose(
    casb: StandIn, keys: SecurityKeyCheck, user: User, key: Authenticator, hand: HandClock
) -> None:
    """It expires after five minutes."""
    challenge = keys.ask(user)
    answer = key.get(challenge.options)
    bob = casb.users.create(user.tenant_id, "bob@contoso.example", Role.SECURITY_READER)
    assert not keys.check(bob, challenge.ticket, answer)
    assert not keys.register(user, challenge.ticket, answer, "x", by="test")
    assert keys.check(user, challenge.ticket, answer)
    assert not keys.check(user, challenge.ticket, answer)
    late = keys.ask(user)
    hand.now += LIFETIME
    assert not keys.check(user, late.ticket, key.get(late.options))


def test_forgeries_are_refused(keys: SecurityKeyCheck, user: User, key: Authenticator) -> None:
    """Another key, another site, another challenge, a cloned key."""
    other = Authenticator()
    other.credential_id = key.credential_id
    for forger in (other, Authenticator()):
        challenge = keys.ask(user)
        assert not keys.check(user, challenge.ticket, forger.get(challenge.options))
    for name, value in (("origin", "https://evil.example"), ("host", "evil.example")):
        right, challenge = getattr(key, name), keys.ask(user)
        setattr(key, name, value)
        assert not keys.check(user, challenge.ticket, key.get(challenge.options))
        setattr(key, name, right)
    challenge = keys.ask(user)
    assert not keys.check(user, challenge.ticket, key.get(challenge.options, challenge="b3RoZXI"))
    challenge = keys.ask(user)
    assert keys.check(user, challenge.ticket, key.get(challenge.options))
    key.count = 0  # the counter of a clone
    challenge = keys.ask(user)
    assert not keys.check(user, challenge.ticket, key.get(challenge.options))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.one_of(st.text(max_size=300), st.recursive(st.none() | st.text(max_size=9), st.lists).map(str)))
def test_no_text_is_a_fault(keys: SecurityKeyCheck, user: User, answer: str) -> None:
    """For any ticket or response."""
    assert not keys.register(user, keys.begin(user).ticket, answer, "x", by="test")
    assert not keys.check(user, keys.ask(user).ticket, answer)
    assert not keys.check(user, answer, "{}")


@pytest.mark.parametrize("broken", ['{"id": "x", "rawId": "x", "type": "public-key", "response": {}}', "[]", "{}", "1"])
def test_half_an_answer_is_none(keys: SecurityKeyCheck, user: User, broken: str) -> None:
    """JSON of the right kind, with required parts missing."""
    assert not keys.register(user, keys.begin(user).ticket, broken, "x", by="test")
    assert not keys.check(user, keys.ask(user).ticket, broken)


def test_a_key_is_registered_once(keys: SecurityKeyCheck, user: User, key: Authenticator) -> None:
    """The number of keys per user is limited, too."""
    challenge = keys.begin(user)
    assert not keys.register(user, challenge.ticket, key.create(challenge.options), "again", by="test")
    for number in range(MOST_KEYS):
        challenge = keys.begin(user)
        made = keys.register(user, challenge.ticket, Authenticator().create(challenge.options), "more", by="test")
        assert made is (number < MOST_KEYS - 1)


def test_the_browser_asks_for_the_key_after_the_password(casb: StandIn, user: User, key: Authenticator) -> None:
    """A wrong response shows the page again with a new challenge; a right one starts a session with two factors."""
    browser = Browser(authorization_server(casb.identity, casb.clock))
    page = browser.fill_in(
        browser.get("/contoso.example/login", going_to="/portal/"), username=user.upn, password=PASSWORD
    )
    assert "Use your security key" in page.text
    assert 'id="code"' not in page.text
    assert "script-src 'nonce-" in page.headers["content-security-policy"]
    again = browser.fill_in(page, answer="{}")
    assert "did not answer as it should" in again.text
    challenge = form_of(again)[1]["challenge"]
    options = f'{{"challenge": "{_challenge_of(challenge)}"}}'
    answer = browser.fill_in(again, answer=key.get(options))
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/")
    found = casb.identity.sessions.of(browser.cookies[SESSION_COOKIE])
    assert found is not None
    assert found[1].amr == ("pwd", "hwk", "mfa")


def test_removed_keys_are_not_asked_for(casb: StandIn, user: User, keys: SecurityKeyCheck, key: Authenticator) -> None:
    """By a user who knows the password, or by an administrator, together with the app."""
    account = casb.identity.own_account
    with pytest.raises(InvalidValue):
        account.remove_security_key(user, keys.of(user)[0].credential_id, "wrong", "192.0.2.1")
    assert casb.identity.second_factors.is_required(user)
    assert account.remove_security_key(user, keys.of(user)[0].credential_id, PASSWORD, "192.0.2.1")
    assert not casb.identity.second_factors.is_required(user)
    challenge = keys.begin(user)
    assert keys.register(user, challenge.ticket, key.create(challenge.options), "blue", by="test")
    assert casb.identity.second_factors.remove(user, by="chief")
    assert keys.of(user) == []
    actions = [entry.action for entry in casb.identity.audit_log.latest(user.tenant_id)]
    assert actions.count("security_key.add") == actions.count("security_key.remove") == 2


@pytest.mark.parametrize(("url", "available"), [("https://casb.example", True), ("https://192.0.2.1:8443", False)])
def test_a_number_is_no_name(tmp_path: Path, url: str, available: bool) -> None:
    """Browsers only use keys with host names."""
    with open_standin(tmp_path, HandClock(), settings=Settings(public_url=url)) as casb:
        assert casb.identity.second_factors.keys.available is available


def _challenge_of(ticket: str) -> str:
    from tests.identity.authenticator import text

    return text(bytes.fromhex(ticket.partition(".")[0]))
