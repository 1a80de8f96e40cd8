"""The audit log."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.store.audit_log import SERVER, AuditLog, record
from opencasb.store.database import Database
from opencasb.store.tenants import Tenants


def test_entries_are_read_newest_first_and_per_tenant(database: Database) -> None:
    """The latest entries of one tenant come first; other tenants' entries are never returned."""
    times = iter(range(100))
    log = AuditLog(database, lambda: next(times))
    for number in range(5):
        log.add(1, "a.b", by="x", target=str(number), n=number)
    log.add(2, "a.b", by="x")
    assert [entry.target for entry in log.latest(1, 3)] == ["4", "3", "2"]
    assert [entry.details for entry in log.latest(2)] == [{}]


def test_the_only_tenant_sees_the_servers_entries(database: Database, clock: Callable[[], int]) -> None:
    """Merged by time with its own, page by page; with a second tenant, no tenant sees them."""
    times = iter(range(100))
    log, tenants = AuditLog(database, lambda: next(times)), Tenants(database, clock)
    tenant_id = tenants.create("Example").tenant_id
    for number in range(6):
        log.add((tenant_id, SERVER)[number % 2], "a.b", by="x", target=str(number))
    [newest, *_] = found = log.latest(tenant_id, 4)
    assert [entry.target for entry in (*found[1:], *(log.older(tenant_id, found[-1].entry_id) or []))] == [*"543210"]
    assert newest.action == "tenant.create"
    assert [entry.target for entry in log.latest(SERVER)] == [*"531"]
    tenants.create("Other")
    assert [entry.target for entry in log.latest(tenant_id)][1:] == [*"420"]
    assert log.older(tenant_id, found[1].entry_id) is None


def test_details_keep_their_types_and_drop_what_is_absent(database: Database, clock: Callable[[], int]) -> None:
    """Details are JSON; those that are None are omitted."""
    log = AuditLog(database, clock)
    log.add(1, "a.b", by="x", text="ü\u2028", number=1, several=["a"], nothing=None)
    [entry] = log.latest(1)
    assert entry.details == {"text": "ü\u2028", "number": 1, "several": ["a"]}
    assert entry.time == clock()


def test_an_entry_shares_the_fate_of_its_change(database: Database, clock: Callable[[], int]) -> None:
    """If the transaction is rolled back, so is the entry."""

    def change_and_fail() -> None:
        with database.write() as connection:
            record(connection, 1, clock(), "a.b", by="x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert AuditLog(database, clock).latest(1) == []


def test_older_entries_follow_an_entry(database: Database, clock: Callable[[], int]) -> None:
    """Without gaps between equal times; an entry of another tenant is unknown."""
    log = AuditLog(database, clock)
    for number in range(5):
        log.add(1, "a.b", by="x", target=str(number))
    whole = log.latest(1)
    assert log.older(1, whole[1].entry_id, 2) == whole[2:4]
    assert log.older(1, whole[-1].entry_id) == []
    assert log.older(2, whole[1].entry_id) is None
