"""Tokens: their contents, and when they are replaced."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opencasb.model.saas import Integration
from opencasb.saas.tokens import roles_of, scope_of
from tests.local_http import name_this_machine
from tests.saas.conftest import House
from tests.saas.standin import DIRECTORY, ROLE, Reply, app, token

TOKEN = f"POST /{DIRECTORY}/oauth2/v2.0/token"


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (token([ROLE, "A"], 1), ("A", ROLE)),
        (token([], 1), ()),
        (token(None, 1), None),
        ("a.b", None),
        ("", None),
        ("a.W10.c", None),
        ("a.eyJyb2xlcyI6IDF9.c", None),
        ("a.e30.c", ()),
    ],
)
def test_roles_of_a_token(text: str, roles: tuple[str, ...] | None) -> None:
    """None for an unreadable token: only its audience needs to read it."""
    assert roles_of(text) == roles


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_any_token_is_read_or_not(text: str) -> None:
    roles_of(text)
    roles_of(f"a.{text}.c")


def test_national_graphs_have_names_of_their_own() -> None:
    """All others, an OpenCASB included, use the public cloud's audience."""
    assert scope_of("https://graph.microsoft.us") == "https://graph.microsoft.us/.default"
    assert scope_of("https://graph.microsoft.com") == "https://graph.microsoft.com/.default"
    assert scope_of("https://casb.example:8443") == "https://graph.microsoft.com/.default"


@pytest.mark.parametrize(("seconds", "tokens"), [(3599, 1), (301, 1), ("301", 1), (299, 5)])
def test_a_token_is_replaced_five_minutes_before_its_end(house: House, seconds: object, tokens: int) -> None:
    """One token serves for roles, streams and three pages, unless it is about to expire."""
    house.vendor.streams = {"s1": ("Edge", [app(n) for n in range(250)])}
    house.authorized()
    house.vendor.token_seconds = seconds
    assert house.run().outcome == "completed"
    assert house.vendor.seen.count(TOKEN) == tokens


def test_a_secret_that_is_rotated_between_pages_is_used(house: House) -> None:
    """The issued token keeps working; the next one is requested with the new secret (saas §8, 4)."""
    vendor = house.vendor
    vendor.streams = {"s1": ("Edge", [app(n) for n in range(450)])}
    integration = house.authorized()

    def instead(_method: str, path: str) -> Reply | None:
        if "$skip=200" in path and "new-value" not in vendor.secrets:
            vendor.secrets = {"new-value"}
            given = type(house.given)(secret="new-value")
            house.saas.change(integration, given, by="test")
            vendor.tokens.clear()  # as if the old token had expired
        return None

    vendor.instead = instead
    run = house.run()
    assert (run.outcome, run.counts["apps"], vendor.seen.count(TOKEN)) == ("completed", 450, 2)


def test_the_secret_goes_to_the_authority_only(house: House) -> None:
    """Metadata with another host does not change that."""
    vendor = house.vendor
    elsewhere = {
        "authorization_endpoint": "https://localhost:1/x/y",
        "token_endpoint": "https://localhost:1/x/oauth2/v2.0/token",
        "issuer": "https://localhost:1/x",
    }
    vendor.instead = lambda _method, path: Reply(body=elsewhere) if "openid" in path else None
    house.saas.add(1, "graph", house.given, by="test")
    integration: Integration | None = house.saas.integrations.get(1, "graph")
    assert integration is not None
    found = house.saas.authorize(integration, by="test")
    assert (found.code, found.token) == ("foreign_token_endpoint", False)
    assert TOKEN not in vendor.seen


def test_a_run_of_the_operators_addresses_goes_to_no_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that a tenant's administrator chooses meanwhile are for a connection to public addresses."""
    vendor = house.vendor
    vendor.streams = {"s1": ("Edge", [app(n) for n in range(450)])}
    integration = house.authorized()
    name_this_machine("internal.example.org", monkeypatch)
    base = vendor.base.replace("localhost", "internal.example.org")

    def instead(_method: str, path: str) -> Reply | None:
        if "$skip=200" in path and vendor.tokens:
            house.saas.change(integration, type(house.given)(authority=base, graph_url=base), by="ann")
            vendor.tokens.clear()
        return None

    vendor.instead = instead
    run = house.run()
    assert (run.outcome, vendor.seen.count(TOKEN)) == ("failed", 1)
    assert "addresses were changed" in run.message
