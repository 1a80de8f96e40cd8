"""Execution of runs: leases and schedules."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from opencasb.identity.vault import Vault
from opencasb.model.durations import DAY
from opencasb.saas import saas as saas_module
from opencasb.saas.saas import Busy, Saas
from opencasb.store.saas_integrations import LEASE_MS
from tests.saas.conftest import BY, TENANT, House
from tests.saas.standin import Reply, app


def filled(house: House) -> None:
    """Give the vendor a stream of three pages, and authorise."""
    house.vendor.streams = {"s1": ("Edge", [app(n) for n in range(250)])}
    house.authorized()


def test_two_servers_do_not_run_one_integration_twice(each_house: House, tmp_path: Path) -> None:
    """While one reads, the other is refused; afterwards it may run."""
    filled(each_house)
    other = Saas(each_house.database, Vault(tmp_path / "vault"), each_house.time)
    refused: list[str] = []

    def instead(_method: str, path: str) -> Reply | None:
        if "$skip=100" in path:
            with pytest.raises(Busy) as caught:
                other.run(each_house.integration, "hand")
            refused.append(str(caught.value))
        return None

    each_house.vendor.instead = instead
    assert each_house.run().outcome == "completed"
    assert refused == ["graph is being run"]
    assert other.run(each_house.integration, "hand").number == 2


def test_who_lost_the_lease_changes_nothing_any_more(each_house: House, tmp_path: Path) -> None:
    """Another server takes over from a process that slept too long, whose later changes are discarded."""
    filled(each_house)
    other = Saas(each_house.database, Vault(tmp_path / "vault"), each_house.time)
    overtaken: list[int] = []

    def instead(_method: str, path: str) -> Reply | None:
        if "$skip=100" in path and not overtaken:
            overtaken.append(1)
            each_house.time.now += LEASE_MS + 1
            assert other.run(each_house.integration, "hand").counts["apps"] == 250
        return None

    each_house.vendor.instead = instead
    stop = threading.Event()
    each_house.saas.run_due(stop)
    each_house.saas.wait(60)
    (run,) = each_house.saas.runs.history(each_house.integration)
    assert (run.number, run.outcome, run.counts["rows"]) == (1, "completed", 250)


def test_what_is_due_is_run_in_the_background(house: House) -> None:
    """An integration runs once a day, and on request; each run is logged."""
    filled(house)
    stop = threading.Event()
    with capture_logs() as logs:
        for _ in range(2):
            house.saas.run_due(stop)
            house.saas.wait(60)
        assert [(each["event"], each["outcome"]) for each in logs] == [("saas integration ran", "completed")]
        house.saas.integrations.ask(house.integration, by=BY)
        house.saas.run_due(stop)
        house.saas.wait(60)
        assert house.integration.asked is None
        house.time.now += DAY
        house.saas.run_due(stop)
        house.saas.wait(60)
    runs = house.saas.runs.history(house.integration)
    assert [each.reason for each in runs] == ["schedule", "asked", "schedule"]


def test_a_server_that_ends_leaves_its_run_to_the_next(house: House) -> None:
    """It stops before the next request, and releases the lease."""
    filled(house)
    stop = threading.Event()

    def instead(_method: str, path: str) -> Reply | None:
        if "$skip=100" in path:
            stop.set()
        return None

    house.vendor.instead = instead
    house.saas.run_due(stop)
    house.saas.wait(60)
    latest = house.saas.runs.latest(house.integration)
    assert latest is not None
    assert (latest.outcome, house.integration.lease_owner) == ("running", "")
    house.vendor.seen.clear()
    run = house.run()
    assert (run.number, run.counts["rows"], len(house.vendor.seen)) == (1, 250, 3)


def test_several_integrations_stay_apart(house: House) -> None:
    """Each has its own runs, rows and changes; a failure of one does not affect the others."""
    filled(house)
    house.saas.add(TENANT, "other", house.given, by=BY)
    house.saas.add(TENANT + 1, "graph", house.given, by=BY)
    other = house.saas.integrations.get(TENANT + 1, "graph")
    assert other is not None
    assert house.saas.authorize(other, by=BY).ok
    for _ in range(2):
        house.saas.run_due(threading.Event())
        house.saas.wait(60)
    assert len(house.saas.usage.merged(house.integration)) == 250
    assert len(house.saas.usage.merged(other)) == 250
    house.saas.integrations.remove(other, by=BY)
    assert len(house.saas.usage.merged(house.integration)) == 250
    assert [each.name for each in house.saas.integrations.all(TENANT)] == ["graph", "other"]


def test_finding_what_is_due_takes_the_same_statements_for_any_number(house: House) -> None:
    """Integrations that never ran, ran, or run are found in two; threads that have ended are forgotten."""
    filled(house)
    house.saas.run_due(threading.Event())
    house.saas.wait(60)
    for tenant_id in range(TENANT + 1, TENANT + 20):
        house.saas.add(tenant_id, "graph", house.given, by=BY)
    sent: list[str] = []
    sa.event.listen(house.database.engine, "before_cursor_execute", lambda *event: sent.append(event[2]))
    house.saas.run_due(threading.Event())
    assert len([each for each in sent if each.startswith("SELECT")]) == 2
    assert not house.saas._at_work
    assert list(house.saas.runs.latest_of_every_tenant()) == [(TENANT, "graph")]


def test_integrations_that_are_due_together_start_in_turns(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limited number each time, those of tenants with fewer runs and those asked for first."""
    monkeypatch.setattr(saas_module, "AT_ONCE", 4)
    for tenant_id, name in [*((TENANT, name) for name in "abcdef"), (TENANT + 1, "x"), (TENANT + 2, "y")]:
        made = house.saas.add(tenant_id, name, house.given, by=BY)
        house.saas.integrations.set_state(made, "ready", by=BY)
    asked = house.saas.integrations.get(TENANT, "e")
    assert asked is not None
    house.saas.integrations.ask(asked, by=BY)
    may_end = threading.Event()
    monkeypatch.setattr(house.saas, "_in_background", lambda *_: may_end.wait(30))
    house.saas.run_due(threading.Event())
    assert [name for _, name in house.saas._at_work] == ["e", "x", "y", "a"]
    house.saas.run_due(threading.Event())
    assert [name for _, name in house.saas._at_work][4:] == ["b", "c", "d", "f"]
    may_end.set()
    house.saas.wait(60)


def test_a_run_needs_an_authorisation(house: House) -> None:
    made = house.saas.add(TENANT, "graph", house.given, by=BY)
    with pytest.raises(ValueError, match="has to be authorised first"):
        house.saas.run(made, "hand")
    house.saas.run_due(threading.Event())
    house.saas.wait(60)
    assert house.saas.runs.history(made) == []


def test_a_lost_key_file_is_told(house: House, tmp_path: Path) -> None:
    """The secret must be entered again."""
    made = house.saas.add(TENANT, "graph", house.given, by=BY)
    found = Saas(house.database, Vault(tmp_path / "another"), house.time).authorize(made, by=BY)
    assert (found.code, house.integration.state) == ("secret_sealed", "refused")
