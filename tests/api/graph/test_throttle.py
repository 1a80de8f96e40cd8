"""Throttling."""

from __future__ import annotations

from dataclasses import replace

import pytest

from opencasb import settings
from opencasb.api.graph.errors import TooManyRequests
from opencasb.api.graph.throttle import Throttle
from tests.api.graph.standin import READER, STREAMS, Api, Casb, Settings


def test_each_application_and_tenant_has_its_own_count() -> None:
    """Using up one count does not affect others; two minutes' worth of requests may come at once."""
    throttle = Throttle(1)
    others = [replace(READER, client_id="other"), replace(READER, tenant_id=1), replace(READER, client_id=None)]
    for principal in (READER, *others):
        throttle.count(principal)
        throttle.count(principal)
        with pytest.raises(TooManyRequests, match="More than 2 requests in 2 minutes") as refused:
            throttle.count(principal)
        assert 1 <= int(refused.value.headers["Retry-After"]) <= 120


def test_no_limit_is_no_limit() -> None:
    """0 disables throttling."""
    throttle = Throttle(0)
    for _ in range(2000):
        throttle.count(READER)


def test_only_so_many_run_at_once() -> None:
    """Additional requests are rejected for a second; a slot is released when a request ends in any way."""
    throttle = Throttle(0, concurrent=2)
    with throttle.running(READER), throttle.running(READER):
        with pytest.raises(TooManyRequests) as refused, throttle.running(READER):
            pass
        with throttle.running(replace(READER, client_id="other")):
            pass
    assert refused.value.headers == {"Retry-After": "1"}
    with pytest.raises(KeyError), throttle.running(READER):
        raise KeyError
    with throttle.running(READER), throttle.running(READER):
        pass


def test_over_http_the_refusal_says_when_to_come_again(installation: Casb) -> None:
    """429 with whole seconds; calls without permission are not counted."""
    installation.settings = Settings(graph_requests_per_minute=2)
    installation.callers["stranger"] = replace(READER, permissions=frozenset())
    api = Api(installation)
    for _ in range(5):
        assert api.get(STREAMS, authorization="Bearer stranger").status == 403
    assert [api.get(STREAMS).status for _ in range(5)] == [200, 200, 200, 200, 429]
    refused = api.get(STREAMS)
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert refused.headers["retry-after"].isdigit()


def test_by_default_a_script_may_ask_for_the_users_of_a_thousand_apps(installation: Casb) -> None:
    """One request after the other, at any speed (graph §6.2)."""
    installation.settings = Settings(graph_requests_per_minute=settings.Settings.graph_requests_per_minute)
    api = Api(installation)
    assert {api.get("/beta/nosuch").status for _ in range(1000)} == {400}
