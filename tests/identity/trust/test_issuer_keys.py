"""Keys of one issuer with many threads and during outages."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import pytest

from opencasb.identity.trust.documents import BadDocument
from opencasb.identity.trust.fetch import Unreachable
from opencasb.identity.trust.issuer_keys import (
    FIRST_RETRY_AFTER,
    FRESH,
    MOST_WAITING,
    RETRY_AFTER,
    IssuerKeys,
)
from opencasb.model.trusted_issuer import TrustedIssuer
from tests.identity.standin import HandClock, spare_key
from tests.identity.trust.directory import DIRECTORY, Directory

ISSUER = TrustedIssuer(tenant_id=1, issuer=DIRECTORY)


@pytest.fixture
def directory() -> Directory:
    """A directory."""
    return Directory()


@pytest.fixture
def keys(directory: Directory, hand: HandClock) -> IssuerKeys:
    """Its keys."""
    return IssuerKeys(ISSUER, directory.fetch, hand)


def test_of_many_who_come_first_one_fetches_and_all_have_the_keys(
    keys: IssuerKeys, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is rejected because another caller is still fetching."""
    together, fetch = threading.Barrier(8), directory.fetch

    def first() -> bool:
        together.wait()
        found = keys.known("key-1")
        return found is not None and "key-1" in found.keys

    monkeypatch.setattr(keys, "_fetch", fetch)
    with ThreadPoolExecutor(8) as pool:
        assert all(each.result() for each in [pool.submit(first) for _ in range(8)])
    assert len(directory.asked) == 4


def test_few_wait_for_the_first_answer_of_a_slow_authority(
    keys: IssuerKeys, directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are rejected at once: they would take threads that other tenants need."""
    go_on, fetch = threading.Event(), directory.fetch

    def hanging(url: str) -> bytes:
        go_on.wait(10)
        return fetch(url)

    monkeypatch.setattr(keys, "_fetch", hanging)
    many = 3 * MOST_WAITING
    with ThreadPoolExecutor(many) as pool:
        waiting = [pool.submit(keys.known, "key-1") for _ in range(many)]
        done = list(islice(as_completed(waiting, 10), many - MOST_WAITING))
        go_on.set()
        assert [each.result() for each in done] == [None] * len(done)
        assert sum(each.result() is not None for each in waiting) == MOST_WAITING


def test_while_one_fetches_again_nobody_waits(
    keys: IssuerKeys, directory: Directory, hand: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others use the known keys, however old."""
    assert keys.known("key-1")
    begun, go_on = threading.Event(), threading.Event()

    def hanging(url: str) -> bytes:
        begun.set()
        go_on.wait(10)
        return directory.fetch(url)

    monkeypatch.setattr(keys, "_fetch", hanging)
    hand.now += FRESH
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(keys.known, "key-1")
        assert begun.wait(10)
        assert keys.known("key-1")
        assert not keys.refresh()
        go_on.set()
        assert first.result(10)


def test_an_authority_that_never_answered_is_asked_every_half_minute(
    keys: IssuerKeys, directory: Directory, hand: HandClock
) -> None:
    """It is not requested at every call."""
    directory.answers = dict.fromkeys(directory.documents())
    for _ in range(5):
        assert keys.known("key-1") is None
    assert len(directory.asked) == 1
    hand.now += FIRST_RETRY_AFTER
    directory.answers = {}
    assert keys.known("key-1")


def test_old_keys_are_asked_for_anew_without_anybody_meeting_an_unknown_one(
    keys: IssuerKeys, directory: Directory, hand: HandClock
) -> None:
    """Once a day; a key that is no longer published is then dropped."""
    assert keys.known("key-1")
    directory.keys = {"key-2": spare_key()}
    hand.now += FRESH - 1
    known = keys.known("key-1")
    assert known is not None
    assert set(known.keys) == {"key-1"}
    hand.now += 1
    known = keys.known("key-1")
    assert known is not None
    assert set(known.keys) == {"key-2"}
    assert len(directory.asked) == 8
    assert keys.known("key-1")
    assert len(directory.asked) == 8
    hand.now += RETRY_AFTER
    assert keys.known("key-1")
    assert len(directory.asked) == 12


def test_who_tries_the_keys_is_told_what_is_wrong(keys: IssuerKeys, directory: Directory) -> None:
    """An outage and an invalid document are distinguished."""
    assert set(keys.read().keys) == {"key-1"}
    path = f"{DIRECTORY}/v2.0/.well-known/openid-configuration"
    directory.answers = {path: None}
    with pytest.raises(Unreachable, match="nobody there"):
        keys.read()
    directory.answers = {path: b"<html>"}
    with pytest.raises(BadDocument, match="expected form"):
        keys.read()
