"""Runs in the store: every step is atomic, and requires the lease."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
import sqlalchemy as sa

from opencasb.model.saas import AppRow, Change, Integration, Run, RunStream
from opencasb.store.database import Database
from opencasb.store.saas_integrations import LeaseLost, SaasIntegrations
from opencasb.store.saas_runs import SaasRuns
from opencasb.store.saas_usage import SaasUsage, saas_apps, saas_stream_apps

MADE = Integration(tenant_id=1, name="graph", directory_id="d", client_id="c", sealed_secret=b"", state="ready")


@pytest.fixture
def leased(database: Database, clock: Callable[[], int]) -> Integration:
    """A leased integration."""
    integrations = SaasIntegrations(database, clock)
    integrations.add(MADE, by="test")
    found = integrations.lease(MADE, "me", lambda _owner: False)
    assert found is not None
    return found


@pytest.fixture
def runs(database: Database, clock: Callable[[], int]) -> SaasRuns:
    """The repository of runs."""
    return SaasRuns(database, clock)


@pytest.fixture
def usage(database: Database) -> SaasUsage:
    """The repository of usage."""
    return SaasUsage(database)


def stream(run: Run, stream_id: str, position: int = 0) -> RunStream:
    """Return a stream that has not been read."""
    return RunStream(
        tenant_id=1, integration="graph", run=run.number, stream_id=stream_id, position=position, name=stream_id
    )


def row(app_id: str, user_count: int = 0) -> AppRow:
    """Return an app row."""
    name = f"App {app_id}"
    return AppRow(app_id=app_id, display_name=name, domains=["a.example"], tags=["t"], user_count=user_count)


def begun(runs: SaasRuns, leased: Integration) -> tuple[Run, RunStream, RunStream]:
    """Begin a run with two streams."""
    run = runs.begin(leased, "hand")
    streams = stream(run, "s1"), stream(run, "s2", 1)
    runs.put_streams(leased, run, streams)
    return run, *streams


def test_a_page_and_the_address_of_the_next_are_kept_together(
    runs: SaasRuns, usage: SaasUsage, leased: Integration
) -> None:
    """Storing the same page again changes nothing; a restarted stream has no rows."""
    run, first, second = begun(runs, leased)
    read = msgspec.structs.replace(first, state="reading", next_link="https://x/2", pages=1, rows=2)
    for _ in range(2):
        runs.keep(leased, run, read, [row("1"), row("2", user_count=5)], spent=(1, 0))
    assert usage.of_stream(leased, 1, "s1") == [row("1"), row("2", user_count=5)]
    assert runs.streams(run) == [read, second]
    kept = runs.get(leased, 1)
    assert kept is not None
    assert (kept.requests, kept.retries) == (2, 0)
    runs.keep(leased, run, first, spent=(1, 1))
    assert (usage.of_stream(leased, 1, "s1"), runs.streams(run)) == ([], [first, second])


def test_runs_of_other_tenants_have_rows_of_their_own(
    runs: SaasRuns, usage: SaasUsage, leased: Integration, database: Database, clock: Callable[[], int]
) -> None:
    """Names of integrations, numbers of runs and ids of streams are a tenant's own."""
    integrations = SaasIntegrations(database, clock)
    integrations.add(msgspec.structs.replace(MADE, tenant_id=2), by="test")
    other = integrations.lease(msgspec.structs.replace(MADE, tenant_id=2), "me", lambda _owner: False)
    assert other is not None
    run, first, second = begun(runs, leased)
    their_run = runs.begin(other, "hand")
    theirs = msgspec.structs.replace(stream(their_run, "s1"), tenant_id=2)
    runs.put_streams(other, their_run, [theirs])
    read = msgspec.structs.replace(first, state="read")
    runs.keep(leased, run, read, [row("1")], spent=(1, 0))
    runs.keep(other, their_run, msgspec.structs.replace(theirs, state="read"), [row("2")], spent=(0, 0))
    assert [usage.of_stream(each, 1, "s1") for each in (leased, other)] == [[row("1")], [row("2")]]
    runs.keep(other, their_run, theirs, spent=(0, 0))
    assert [usage.of_stream(each, 1, "s1") for each in (leased, other)] == [[row("1")], []]
    assert [runs.streams(each) for each in (run, their_run)] == [[read, second], [theirs]]
    runs.finish(other, their_run, [(row("3"), 1)], [], keep_from=0)
    assert usage.of_stream(leased, 1, "s1") == [row("1")]
    assert runs.get(leased, 1) != runs.get(other, 1)


def test_rows_are_sorted_by_number(runs: SaasRuns, usage: SaasUsage, leased: Integration) -> None:
    run, first, _ = begun(runs, leased)
    runs.keep(leased, run, msgspec.structs.replace(first, state="read"), [row("10"), row("9"), row("b")], spent=(0, 0))
    assert [each.app_id for each in usage.of_stream(leased, 1, "s1")] == ["9", "b", "10"]


def test_without_the_lease_nothing_is_changed(
    runs: SaasRuns, usage: SaasUsage, leased: Integration, database: Database
) -> None:
    """In every step."""
    run, first, _ = begun(runs, leased)
    other = msgspec.structs.replace(leased, lease_owner="other")
    read = msgspec.structs.replace(first, state="read")
    for step in (
        lambda: runs.begin(other, "hand"),
        lambda: runs.reopen(other, run),
        lambda: runs.put_streams(other, run, []),
        lambda: runs.keep(other, run, read, [row("1")], spent=(1, 1)),
        lambda: runs.carry_over(other, run, first, 1),
        lambda: runs.close(other, run, "failed", "x", (1, 1)),
        lambda: runs.finish(other, run, [(row("1"), 1)], [], keep_from=0),
    ):
        with pytest.raises(LeaseLost):
            step()
    assert runs.history(leased) == [run]
    assert len(runs.streams(run)) == 2
    assert (usage.of_stream(leased, 1, "s1"), usage.merged(leased)) == ([], {})


def test_a_finished_run_takes_the_place_of_the_one_before(
    runs: SaasRuns, usage: SaasUsage, leased: Integration, database: Database, clock: Callable[[], int]
) -> None:
    """Its rows and merged rows are shown; those of other runs are deleted; changes stay."""
    change = Change(app_id="2", kind="risk", display_name="App 2", field="risk_score", before=None, after=3)
    for number in (1, 2):
        run, first, _ = begun(runs, leased)
        runs.keep(leased, run, msgspec.structs.replace(first, state="read"), [row(str(number))], spent=(1, 0))
        ended = msgspec.structs.replace(run, outcome="completed", counts={"apps": 1})
        runs.finish(leased, ended, [(row(str(number)), 1)], [change], keep_from=0)
        leased = msgspec.structs.replace(leased, last_run=number, current_run=number)
    now = SaasIntegrations(database, clock).get(1, "graph")
    assert now is not None
    assert (now.last_run, now.current_run) == (2, 2)
    assert usage.merged(now) == {"2": row("2")}
    assert (usage.of_stream(now, 1, "s1"), usage.of_stream(now, 2, "s1")) == ([], [row("2")])
    with database.read() as connection:
        counts = [connection.scalar(sa.select(sa.func.count()).select_from(t)) for t in (saas_apps, saas_stream_apps)]
    assert counts == [1, 1]
    assert usage.changes(now) == [(2, change), (1, change)]
    assert usage.changes(now, run=1, kinds=["risk"], limit=1) == [(1, change)]
    assert usage.changes(now, kinds=["new"]) == []
    assert [(each.number, each.outcome, each.ended, each.counts) for each in runs.history(now, 1)] == [
        (2, "completed", clock(), {"apps": 1})
    ]
    assert [each.number for each in runs.history(now, before=2)] == [1]


def test_what_a_stream_had_is_carried_over(runs: SaasRuns, usage: SaasUsage, leased: Integration) -> None:
    """It replaces what was read of the stream."""
    run, first, _ = begun(runs, leased)
    runs.keep(leased, run, msgspec.structs.replace(first, state="read"), [row("1"), row("2")], spent=(1, 0))
    runs.finish(leased, msgspec.structs.replace(run, outcome="completed"), [], [], keep_from=0)
    leased = msgspec.structs.replace(leased, last_run=1, current_run=1)
    later, again, _ = begun(runs, leased)
    runs.keep(leased, later, msgspec.structs.replace(again, state="reading"), [row("3")], spent=(1, 0))
    runs.carry_over(leased, later, again, 1)
    assert usage.of_stream(leased, 2, "s1") == [row("1"), row("2")]


def test_runs_that_are_too_old_are_forgotten(
    runs: SaasRuns, usage: SaasUsage, leased: Integration, clock: Callable[[], int]
) -> None:
    """With their streams and changes, but not the current one."""
    change = Change(app_id="2", kind="new", display_name="App 2")
    for number in (1, 2, 3):
        run, _, _ = begun(runs, leased)
        keep_from = clock() + 1 if number == 3 else 0
        runs.finish(leased, msgspec.structs.replace(run, outcome="completed"), [], [change], keep_from=keep_from)
        leased = msgspec.structs.replace(leased, last_run=number, current_run=number)
    assert [each.number for each in runs.history(leased)] == [3]
    assert {number for number, _ in usage.changes(leased)} == {each.number for each in runs.history(leased)}


def test_a_run_that_was_interrupted_can_go_on(runs: SaasRuns, leased: Integration) -> None:
    run, first, second = begun(runs, leased)
    runs.close(leased, run, "interrupted", "later", (3, 1))
    closed = runs.latest(leased)
    assert closed is not None
    assert (closed.outcome, closed.message, closed.requests, closed.retries) == ("interrupted", "later", 3, 1)
    opened = runs.reopen(leased, closed)
    assert (opened.outcome, opened.ended, opened.message) == ("running", None, "")
    assert runs.latest(leased) == opened
    assert runs.streams(opened) == [first, second]
