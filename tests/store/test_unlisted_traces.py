"""Traces of domains outside the catalog."""

from __future__ import annotations

from opencasb.model.trace import HOST, MOST, SIGN_IN, Trace
from opencasb.store.database import Database
from opencasb.store.unlisted_traces import UnlistedTraces

LOGIN = Trace("acme.example", HOST, "login.acme.example")


def test_traces_are_kept_by_tenant_and_noted_again_without_change(database: Database) -> None:
    """A batch may be repeated."""
    traces = UnlistedTraces(database)
    signed_in = Trace("acme.example", SIGN_IN, "login.microsoftonline.com")
    for _ in range(2):
        traces.note(1, [LOGIN, signed_in, LOGIN], 1_000)
    traces.note(2, [], 1_000)
    assert traces.all(1) == {LOGIN, signed_in}
    assert traces.all(2) == set()


def test_a_domain_has_so_many_hosts_at_most(database: Database) -> None:
    """Known hosts are still updated; other domains and kinds have their own limit."""
    traces = UnlistedTraces(database)
    hosts = [Trace("cdn.example", HOST, f"n{number:03}.cdn.example") for number in range(MOST + 9)]
    traces.note(1, hosts[:MOST], 1_000)
    traces.note(1, [*hosts, LOGIN], 2_000)
    assert traces.all(1) == {*hosts[:MOST], LOGIN}
    traces.forget(1, 2_000)
    assert len(traces.all(1)) == MOST + 1


def test_what_was_not_seen_for_long_is_forgotten(database: Database) -> None:
    """By the time they were last seen; other tenants keep theirs."""
    traces = UnlistedTraces(database)
    traces.note(1, [LOGIN], 1_000)
    traces.note(2, [LOGIN], 1_000)
    traces.forget(1, 1_001)
    assert traces.all(1) == set()
    assert traces.all(2) == {LOGIN}
