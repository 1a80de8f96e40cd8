"""Sign-in: lock-out and release, without revealing who has an account."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from opencasb.identity import sign_in
from opencasb.identity.errors import OAuthError
from opencasb.identity.lockout import ACCOUNT_FAILURES, ADDRESS_FAILURES, FIRST_LOCK, Attempt, Lockout
from opencasb.identity.passwords import hash_password
from opencasb.identity.throttle import LOGGED_REFUSALS_PER_MINUTE
from opencasb.model.durations import DAY
from opencasb.model.roles import Role
from opencasb.model.tenant import Tenant
from opencasb.store.lockouts import Lockouts
from tests.identity.standin import HandClock, StandIn

UPN, PASSWORD = "ann@contoso.example", "correct horse battery"
HOME, ELSEWHERE = "192.0.2.1", "203.0.113.9"


@pytest.fixture
def casb(casb: StandIn, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Return an installation with one user; passwords are compared as text, for speed."""
    monkeypatch.setattr(sign_in, "verify_password", lambda given, stored: stored is not None and given == stored)
    casb.users.create(tenant.tenant_id, UPN, Role.SECURITY_READER, password_hash=PASSWORD)
    return casb


def outcome(casb: StandIn, tenant: Tenant, password: str = PASSWORD, upn: str = UPN, address: str = HOME) -> int | str:
    """Try to sign in; return the user's name or the error code."""
    try:
        return casb.identity.sign_in.check(tenant, upn, password, address).upn
    except OAuthError as refusal:
        return refusal.code


def guess(casb: StandIn, tenant: Tenant, times: int, address: str = ELSEWHERE, upn: str = UPN) -> set[int | str]:
    """Guess different passwords; return the outcomes."""
    return {outcome(casb, tenant, f"guess {number}", upn, address) for number in range(times)}


def test_ten_wrong_passwords_lock_an_account_for_a_minute_and_then_longer(
    casb: StandIn, tenant: Tenant, hand: HandClock
) -> None:
    """Meanwhile the right one is rejected, too; each failure after the lock doubles it; a success resets it."""
    assert guess(casb, tenant, ACCOUNT_FAILURES) == {50126}
    assert outcome(casb, tenant, address=ELSEWHERE) == 50053
    hand.now += FIRST_LOCK
    assert outcome(casb, tenant, "one more", address=ELSEWHERE) == 50126
    hand.now += FIRST_LOCK
    assert outcome(casb, tenant, address=ELSEWHERE) == 50053
    hand.now += FIRST_LOCK
    assert outcome(casb, tenant, address=ELSEWHERE) == UPN
    assert guess(casb, tenant, ACCOUNT_FAILURES - 1) == {50126}


def test_the_same_wrong_password_is_one_guess(casb: StandIn, tenant: Tenant) -> None:
    """A program that keeps sending an old password locks nobody out."""
    assert {outcome(casb, tenant, "the old one") for _ in range(3 * ACCOUNT_FAILURES)} == {50126}
    assert outcome(casb, tenant) == UPN


def test_a_stranger_does_not_lock_the_owner_out(casb: StandIn, tenant: Tenant) -> None:
    """From the owner's usual address the account stays open."""
    assert outcome(casb, tenant) == UPN
    guess(casb, tenant, ACCOUNT_FAILURES)
    assert outcome(casb, tenant, address=ELSEWHERE) == 50053
    assert outcome(casb, tenant) == UPN


def test_a_network_of_ipv6_is_one_address(casb: StandIn, tenant: Tenant) -> None:
    """Its owner changes addresses every day and stays familiar; an attacker with many of them is locked."""
    assert outcome(casb, tenant, address="2001:db8:1::1") == UPN
    guess(casb, tenant, ACCOUNT_FAILURES)
    assert outcome(casb, tenant, address="2001:db8:1::2") == UPN
    for number in range(ADDRESS_FAILURES):
        outcome(casb, tenant, "spring", f"user{number}@contoso.example", f"2001:db8:2::{number:x}")
    assert outcome(casb, tenant, upn="another@contoso.example", address="2001:db8:2::ffff") == 50053


def test_guesses_at_the_same_time_count_each(casb: StandIn, tenant: Tenant) -> None:
    """Concurrent guesses do not get past the limit."""
    lockout = Lockout(Lockouts(casb.database), casb.identity.pepper, casb.clock)
    together = threading.Barrier(8)

    def tried(number: int) -> int:
        allowed = 0
        for turn in range(ACCOUNT_FAILURES):
            attempt = Attempt(tenant.tenant_id, UPN, f"{number} {turn}", ELSEWHERE)
            together.wait(30)
            if lockout.wait(attempt) is None:
                allowed += 1
                lockout.failed(attempt)
        return allowed

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(tried, range(8))) < ACCOUNT_FAILURES + 8


def test_unknown_names_are_locked_as_well(casb: StandIn, tenant: Tenant) -> None:
    """Locks do not reveal which names exist; names are case-insensitive."""
    assert guess(casb, tenant, ACCOUNT_FAILURES, upn="nobody@contoso.example") == {50126}
    assert outcome(casb, tenant, upn="NOBODY@contoso.example") == 50053


def test_an_address_that_tries_many_names_is_locked(casb: StandIn, tenant: Tenant, hand: HandClock) -> None:
    """Password spraying: one guess per account."""
    for number in range(ADDRESS_FAILURES):
        assert outcome(casb, tenant, f"spring {number}", f"user{number}@contoso.example", ELSEWHERE) == 50126
    assert outcome(casb, tenant, upn="another@contoso.example", address=ELSEWHERE) == 50053
    assert outcome(casb, tenant) == UPN
    hand.now += DAY
    assert outcome(casb, tenant, address=ELSEWHERE) == UPN


def test_every_sign_in_is_on_record(casb: StandIn, tenant: Tenant) -> None:
    """The record does not contain the password."""
    outcome(casb, tenant)
    outcome(casb, tenant, "a wrong password", "eve\n@contoso.example")
    entries = casb.identity.audit_log.latest(tenant.tenant_id, 10)
    found = {(entry.action, entry.actor, entry.details.get("code")) for entry in entries}
    assert found >= {("sign_in.pass", UPN, None), ("sign_in.refuse", "eve?@contoso.example", 50126)}
    assert not any("password" in str(entry.details) for entry in entries)


def test_a_flood_of_refusals_does_not_fill_the_audit_log(casb: StandIn, tenant: Tenant) -> None:
    """After the limit an address adds no more entries, while successes still do."""
    for number in range(LOGGED_REFUSALS_PER_MINUTE + 20):
        outcome(casb, tenant, "wrong", f"user{number}@contoso.example", ELSEWHERE)
    assert outcome(casb, tenant) == UPN
    actions = [entry.action for entry in casb.identity.audit_log.latest(tenant.tenant_id, 1000)]
    assert actions.count("sign_in.refuse") == LOGGED_REFUSALS_PER_MINUTE
    assert actions.count("sign_in.pass") == 1


def test_a_flood_waits_in_a_line(casb: StandIn, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most two passwords are checked concurrently; a caller that waits too long is told to retry."""
    started, release = threading.Semaphore(0), threading.Event()

    def slow(_given: str, _stored: str | None) -> bool:
        started.release()
        release.wait(10)
        return True

    monkeypatch.setattr(sign_in, "verify_password", slow)
    monkeypatch.setattr(sign_in, "QUEUE_TIMEOUT", 0.05)
    busy = [threading.Thread(target=outcome, args=(casb, tenant)) for _ in range(sign_in.CONCURRENT_CHECKS)]
    for thread in busy:
        thread.start()
        assert started.acquire(timeout=10)
    assert outcome(casb, tenant) == 90055
    release.set()
    for thread in busy:
        thread.join()


def test_real_hashes_are_compared(casb: StandIn, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once with Argon2id."""
    monkeypatch.undo()
    user = casb.users.by_upn(tenant.tenant_id, UPN)
    assert user is not None
    casb.users.set_password(tenant.tenant_id, user.user_id, hash_password(PASSWORD))
    assert outcome(casb, tenant) == UPN
    assert outcome(casb, tenant, "wrong") == 50126


def test_a_stranger_is_told_so_after_the_right_password(casb: StandIn, tenant: Tenant) -> None:
    """A user of another tenant who is not a guest; to others the name looks unknown."""
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    casb.users.create(other.tenant_id, "kim@fabrikam.example", Role.SECURITY_READER, password_hash=PASSWORD)
    assert outcome(casb, tenant, upn="kim@fabrikam.example") == 50020
    assert outcome(casb, tenant, "wrong", "kim@fabrikam.example") == 50126
    assert outcome(casb, other, upn="kim@fabrikam.example") == "kim@fabrikam.example"
    guess(casb, tenant, ACCOUNT_FAILURES, upn="kim@fabrikam.example")
    assert outcome(casb, other, upn="kim@fabrikam.example", address=ELSEWHERE) == 50053


def test_a_name_finds_its_tenant(casb: StandIn, tenant: Tenant, hand: HandClock) -> None:
    """By its domain, or else the first user with that name; an unknown tenant looks like an unknown name."""
    bob = casb.users.create(tenant.tenant_id, "bob@elsewhere.example", Role.SECURITY_READER)
    found = casb.identity.sign_in.tenant_of
    assert found("Bob@Elsewhere.example") == found("x@CONTOSO.example") == tenant
    other = casb.tenants.create("Fabrikam", domain="fabrikam.example")
    hand.now += 1
    casb.users.create(other.tenant_id, "bob@elsewhere.example", Role.SECURITY_READER)
    assert found("bob@elsewhere.example") == tenant, "no other tenant keeps him from signing in"
    casb.users.deprovision(tenant.tenant_id, bob.user_id, keep_one=False)
    assert found("bob@elsewhere.example") == other
    with pytest.raises(OAuthError, match="50126"):
        casb.identity.sign_in.check(None, "nobody@nowhere.example", PASSWORD, HOME)
