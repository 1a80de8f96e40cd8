"""Removal of a tenant, with all its data and no one else's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from opencasb.app import Casb
from opencasb.governance.tenant_removal import remove_tenant
from opencasb.model.tenant import Tenant
from opencasb.settings import Settings
from opencasb.store import records
from opencasb.store.activities import ACTIVITIES
from opencasb.store.audit_log import SERVER
from opencasb.store.database import Database
from opencasb.store.migrate import complete_metadata
from opencasb.store.text_index import MOST_WAITING
from tests.activities.normalised_example import normalised
from tests.conftest import NOW
from tests.lake.rows import names, usage

DAY = 86_400_000
STEPS = 6


@pytest.fixture
def casb(tmp_path: Path, database: Database, clock: Callable[[], int]) -> Iterator[Casb]:
    """An installation with two tenants, each with usage and activities."""
    made = Casb(Settings(data=tmp_path, database_url=database.url), clock)
    for name in ("Contoso", "Fabrikam"):
        tenant_id = made.tenants.create(name).tenant_id
        _deliver(made, tenant_id, 10)
        made.lake.append(tenant_id, usage(), names(), "one")
    yield made
    made.close()


def _deliver(casb: Casb, tenant_id: int, count: int) -> None:
    given = (normalised(id=f"{count}-{number}", timestamp=NOW - number % 90 * DAY) for number in range(count))
    assert casb.ingest.activities(tenant_id, (json.dumps(each).encode() for each in given)).accepted == count


def _remove(casb: Casb, tenant: Tenant, told: Callable[[str], None] = lambda _: None) -> None:
    kinds = (casb.activities, casb.alerts, casb.files, casb.entities)
    remove_tenant(tenant, casb.database, kinds, casb.lake, now=casb.clock(), by="ana", told=told)


def _counts(casb: Casb, tenant_id: int) -> dict[str, int]:
    """Return the number of a tenant's rows in each table."""
    with casb.database.read() as connection:
        return {
            table.name: connection.scalar(
                sa.select(sa.func.count()).select_from(table).where(table.c.tenant_id == tenant_id)
            )
            or 0
            for table in complete_metadata().sorted_tables
        }


def _row(table: sa.Table, tenant_id: int) -> dict[str, Any]:
    """Return a row of arbitrary values."""
    made: dict[type, Any] = {int: tenant_id, bool: False, bytes: b"x", object: {}, str: f"{tenant_id:x}"}
    return {column.name: made[column.type.python_type] for column in table.c}


def test_nothing_is_left_in_any_table(casb: Casb) -> None:
    """Another tenant's rows are unchanged; the server's audit log records the removal and its author."""
    gone, other = casb.tenants.all()
    for table in complete_metadata().sorted_tables:
        if table.name != "tenants":
            for tenant in (gone, other):
                with casb.database.write() as connection:
                    connection.execute(sa.insert(table).values(**_row(table, tenant.tenant_id)))
    assert all(_counts(casb, gone.tenant_id).values())
    before = _counts(casb, other.tenant_id)
    _remove(casb, gone)
    assert not any(_counts(casb, gone.tenant_id).values())
    assert _counts(casb, other.tenant_id) == before
    [entry] = casb.identity.audit_log.latest(SERVER)
    assert (entry.action, entry.target, entry.actor) == ("tenant.delete", gone.name, "ana")


def test_usage_and_the_index_of_texts_go_along(casb: Casb) -> None:
    """The other tenant's usage and index entries remain."""
    gone, other = casb.tenants.all()
    if casb.database.is_sqlite:
        for tenant in (gone, other):
            _deliver(casb, tenant.tenant_id, MOST_WAITING)
    _remove(casb, gone)
    assert casb.lake.snapshot(gone.tenant_id, "usage") is None
    assert not (casb.settings.data / "lake" / str(gone.tenant_id)).exists()
    assert casb.lake.snapshot(other.tenant_id, "usage") is not None
    if casb.database.is_sqlite:
        with casb.database.read() as connection:
            query = "SELECT rowid FROM activities_text WHERE activities_text MATCH 'dow'"
            tenants = {number >> 32 for (number,) in connection.exec_driver_sql(query)}
        assert tenants == {other.tenant_id}


def test_others_write_while_a_large_tenant_goes(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records go some at a time, and SQLite's only writer pauses in between."""
    gone, other = casb.tenants.all()
    seen: list[int | None] = []

    def pause(_: float) -> None:
        casb.own_domains.add(other.tenant_id, f"{len(seen)}.example", by="test")
        with casb.database.read() as connection:
            seen.append(connection.scalar(sa.select(sa.func.count()).select_from(ACTIVITIES.table)))

    monkeypatch.setattr(records, "DELETED_AT_ONCE", dict.fromkeys(records.DELETED_AT_ONCE, 4))
    monkeypatch.setattr("opencasb.store.records.time.sleep", pause)
    _remove(casb, gone)
    assert seen[:4] == ([16, 12, 10, 10] if casb.database.is_sqlite else [])
    assert _counts(casb, other.tenant_id)["activities"] == 10


@pytest.mark.parametrize("step", range(STEPS))
def test_a_removal_that_was_stopped_can_be_done_again(casb: Casb, step: int) -> None:
    """The tenant keeps its name until everything else is deleted."""
    gone, _ = casb.tenants.all()
    steps = iter(range(STEPS))

    def stop(_: str) -> None:
        if next(steps) == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _remove(casb, gone, stop)
    assert casb.tenants.by_name(gone.name) == gone
    _remove(casb, gone)
    assert not any(_counts(casb, gone.tenant_id).values())


def test_what_cannot_be_removed_is_told(casb: Casb, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is raised, and the tenant still exists, so that the removal can be repeated."""
    gone, _ = casb.tenants.all()

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", refuse)
        with pytest.raises(PermissionError):
            _remove(casb, gone)
    assert casb.tenants.by_name(gone.name) == gone
    _remove(casb, gone)
    assert casb.tenants.by_name(gone.name) is None
