"""Requests to a provider: when they are made, and who waits."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from opencasb.identity.external.provider import CONCURRENT_REDEMPTIONS, FRESH, Provider, ProviderDocuments
from opencasb.identity.trust.fetch import Unreachable
from tests.identity.external.fake_provider import ISSUER, FakeProvider
from tests.identity.standin import HandClock, spare_key


def test_a_provider_is_asked_anew_after_some_minutes(hand: HandClock) -> None:
    """Then its new keys are known."""
    web = FakeProvider(hand)
    provider = Provider(ISSUER, web, hand)
    assert provider.known() is provider.known()
    assert len(web.asked) == 2
    web.key = spare_key()
    hand.now += FRESH
    provider.known()
    assert len(web.asked) == 4


def test_nobody_is_turned_away_while_the_documents_are_fetched_anew(hand: HandClock) -> None:
    """The old documents are used until new ones arrive or cannot be fetched."""
    web, is_down = FakeProvider(hand), False
    seen: list[ProviderDocuments] = []

    def asking(url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        if seen:
            seen.append(provider.known())
        if is_down:
            raise Unreachable("down")
        return web(url, form, basic)

    provider = Provider(ISSUER, asking, hand)
    old = provider.known()
    seen.append(old)
    hand.now += FRESH
    new = provider.known()
    assert new is not old
    assert all(each is old for each in seen)
    hand.now += FRESH
    is_down = True
    with pytest.raises(Unreachable, match="down"):
        provider.known()
    with pytest.raises(Unreachable, match="try again"):
        provider.known()


def test_nobody_waits_for_a_provider_that_hangs(hand: HandClock) -> None:
    """Except the caller that requested; the others are told to retry."""
    web, begun, go_on = FakeProvider(hand), threading.Event(), threading.Event()

    def hanging(url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        begun.set()
        go_on.wait(10)
        return web(url, form, basic)

    provider = Provider(ISSUER, hanging, hand)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(provider.known)
        assert begun.wait(10)
        with pytest.raises(Unreachable, match="try again"):
            provider.known()
        go_on.set()
        assert first.result(10).configuration.issuer == ISSUER


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b"{}", b'{"id_token": 5}', b"[" * 200_000])
def test_an_answer_without_an_id_token_is_an_outage(hand: HandClock, content: bytes) -> None:
    """Whatever it is instead."""
    web = FakeProvider(hand)

    def odd(url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        return web(url, basic=basic) if form is None else content

    with pytest.raises(Unreachable, match="without an ID token"):
        Provider(ISSUER, odd, hand).redeem({"code": "x"}, "")


def test_few_wait_for_a_token_endpoint_that_hangs(hand: HandClock) -> None:
    """The others are told to retry; when it responds, everyone can sign in."""
    web, go_on = FakeProvider(hand), threading.Event()
    here = threading.Barrier(CONCURRENT_REDEMPTIONS + 1)

    def hanging(url: str, form: Mapping[str, str] | None = None, basic: tuple[str, str] | None = None) -> bytes:
        if form is None:
            return web(url, form, basic)
        here.wait(10)
        go_on.wait(10)
        return b'{"id_token": "x"}'

    provider = Provider(ISSUER, hanging, hand)
    provider.known()
    with ThreadPoolExecutor(CONCURRENT_REDEMPTIONS) as pool:
        waiting = [pool.submit(provider.redeem, {"code": "x"}, "") for _ in range(CONCURRENT_REDEMPTIONS)]
        here.wait(10)
        with pytest.raises(Unreachable, match="try again"):
            provider.redeem({"code": "x"}, "")
        go_on.set()
        assert {each.result(10) for each in waiting} == {"x"}
