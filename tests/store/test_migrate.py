"""The migrations and the repositories define the same tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from opencasb.activities.columns import to_record
from opencasb.activities.file_columns import record as file_record
from opencasb.activities.file_wire import file_from
from opencasb.activities.raising import raise_alerts
from opencasb.filters.parse import parse
from opencasb.filters.tables.activities import ACTIVITIES as FILTERS
from opencasb.identity.pseudonym_keys import PseudonymKeys
from opencasb.identity.vault import Vault
from opencasb.store import migrate, partitions
from opencasb.store.activities import ACTIVITIES, Activities
from opencasb.store.alerts import Alerts
from opencasb.store.database import Database
from opencasb.store.files import FILES, Files
from opencasb.store.migrate import MIGRATIONS, UnusableSchema, complete_metadata, newest, upgrade
from opencasb.store.record_writing import RecordWriting
from opencasb.store.tenants import Tenants
from opencasb.store.trusted_issuers import TrustedIssuers
from tests.activities.example import ANA, TENANT, wire
from tests.alerts import alert, alert_id
from tests.conftest import NOW, create_schema

FAR_AHEAD = 253_402_300_799_000
"""The year 9999."""

CATALOG = """
SELECT c.relname, c.relkind::text, pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid),
       CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END,
       ARRAY(SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull, attcollation)
             FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 ORDER BY attname),
       ARRAY(SELECT concat_ws(' ', conname, pg_get_constraintdef(oid))
             FROM pg_constraint WHERE conrelid = c.oid ORDER BY conname)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind <> 't' ORDER BY c.relname
"""
"""The complete schema on PostgreSQL."""


@contextmanager
def emptied(url: str) -> Iterator[Database]:
    """Yield a database without tables, and create all tables afterwards."""
    opened = Database(url)
    clear(opened)
    yield opened
    clear(opened)
    create_schema(opened)
    opened.close()


@pytest.fixture
def blank(postgresql_url: str) -> Iterator[Database]:
    """A PostgreSQL database without tables."""
    with emptied(postgresql_url) as opened:
        yield opened


@pytest.fixture
def bare(database_url: str) -> Iterator[Database]:
    """A database without tables, once per engine."""
    with emptied(database_url) as opened:
        yield opened


def clear(database: Database) -> None:
    """Drop every table."""
    with database.write() as connection:
        complete_metadata().drop_all(connection)
        connection.exec_driver_sql("drop table if exists alembic_version")


def test_the_migrations_make_exactly_the_tables_of_the_repositories(database_url: str) -> None:
    """After an upgrade of an empty database nothing differs from the metadata, and a second upgrade changes nothing.

    Indexes, and objects outside the metadata, equal those of tables created without migrations.
    """
    database = Database(database_url)
    metadata = complete_metadata()
    with database.write() as connection:
        metadata.drop_all(connection)
    try:
        upgrade(database)
        upgrade(database)
        with database.read() as connection:
            options = {"compare_type": True, "include_object": _comparable}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []
            migrated = _definitions(connection)
        with database.write() as connection:
            metadata.drop_all(connection)
        metadata.create_all(database.engine)
        with database.read() as connection:
            assert _definitions(connection) == migrated
    finally:
        with database.write() as connection:
            connection.exec_driver_sql("drop table if exists alembic_version")
        database.close()


def test_the_newest_revision_is_alembics_head() -> None:
    """The latest revision is taken from the file names, and agrees with Alembic."""
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == newest()


def _comparable(item: Any, name: str | None, _type: str, _reflected: bool, _other: object) -> bool:
    """Return whether the metadata can describe the item.

    It has no virtual tables or partitions, and no engine-specific indexes.
    """
    parts = {f"{table.name}_default" for table in partitions.parted()}
    return not (str(name).startswith("activities_text") or str(name) in {"ix_activities_search_text", *parts})


def _definitions(connection: sa.Connection) -> list[str]:
    """Return the definitions of indexes and virtual tables; on PostgreSQL also those of keys and partitions."""
    if connection.dialect.name == "sqlite":
        query = "select sql from sqlite_master where sql like 'CREATE %INDEX %' or sql like 'CREATE VIRTUAL %'"
        return sorted(connection.scalars(sa.text(query)))
    return [str(row) for row in connection.execute(sa.text(CATALOG)) if "alembic" not in row.relname]


def test_rows_from_before_the_months_stay(blank: Database, clock: Callable[[], int]) -> None:
    """Rows of the older schema, even with absurd times, are still listed, filtered, found by id, and expired."""
    with blank.write() as connection:
        command.upgrade(migrate.configuration(connection), "0003")
    times = [0, NOW, FAR_AHEAD]
    records = [to_record(wire(number, timestamp=at)) for number, at in enumerate(times)]
    activities = Activities(blank, clock)
    with blank.write() as connection:
        RecordWriting(blank, ACTIVITIES).insert(connection, TENANT, records)
    upgrade(blank)
    made = partitions.prepare(blank, int(time.time() * 1000), 0)
    assert len(made) == 2, "only the month after this one"
    assert [row.key for row in activities.page(TENANT, order="timestamp", ascending=True)] == times
    assert activities.count(TENANT, parse({"entity": {"eq": [ANA]}}, FILTERS, NOW)) == (3, False)
    assert activities.add(TENANT, records) == 0
    with blank.read() as connection:
        assert partitions.spans(connection, ACTIVITIES.table)[0][0] == "activities_before"
    assert activities.expire(TENANT, 1) == 1


def test_records_from_before_their_changes_had_numbers_go_on(blank: Database, clock: Callable[[], int]) -> None:
    """A record of the older schema has its values, is in the feed once, and keeps its number when it changes."""
    with blank.write() as connection:
        command.upgrade(migrate.configuration(connection), "0006")
        for statement in OLDER_FILE:
            connection.exec_driver_sql(statement)
    upgrade(blank)
    files = Files(blank)
    assert [(each.seq, each.record_id) for each in files.since(TENANT, 0, 9)] == [(7, "plan")]
    new = file_record(file_from({"id": "plan", "appId": 20892, "labels": ["secret"]}, TENANT, NOW))
    files.put(TENANT, [msgspec.structs.replace(new, record_id="plan")])
    assert [(each.seq, each.record_id) for each in files.since(TENANT, 7, 9)] == [(8, "plan")]
    with blank.read() as connection:
        assert connection.execute(sa.select(FILES.table.c.seq)).scalar_one() == 7
        assert set(connection.scalars(sa.select(FILES.values.c.seq))) == {7}
        values = connection.scalars(sa.select(FILES.values.c.value).where(FILES.values.c.field == "labels"))
        assert values.all() == ["secret"]


def test_activities_of_older_alerts_are_found_by_their_policies(bare: Database, clock: Callable[[], int]) -> None:
    """Those that the alert is about, not one that reports the alert; other tenants' policies are separate."""
    with bare.write() as connection:
        command.upgrade(migrate.configuration(connection), "0019")
    activities, alerts = Activities(bare, clock), Alerts(bare)
    closing = wire(4, adallom={"alertMongoId": alert_id(1)})
    for tenant in (TENANT, TENANT + 1):
        activities.add(tenant, [to_record(each) for each in (wire(1), wire(2), wire(3), closing)])
    ids = [wire(number)["_id"] for number in range(1, 5)]
    policies = [{"type": "policyRule", "id": f"{number:024x}"} for number in (1, 2)]
    raise_alerts(alerts, activities, TENANT, [alert(1, audits=ids[:2], entities=policies)])
    raise_alerts(alerts, activities, TENANT, [alert(2, audits=ids[:1], entities=policies[1:])])
    with bare.write() as connection:  # as in the older schema
        connection.execute(sa.delete(ACTIVITIES.values).where(ACTIVITIES.values.c.field == "policies"))
    upgrade(bare)
    for policy in policies:
        where = parse({"policy": {"eq": [policy["id"]]}}, FILTERS, NOW)
        found = activities.page(TENANT, where, order="timestamp", ascending=False)
        assert [row.record_id for row in found] == ids[:2]
    with bare.read() as connection:
        query = sa.select(sa.func.count()).where(ACTIVITIES.values.c.field == "policies")
        assert connection.execute(query).scalar_one() == 4


COLUMNS = (
    "modified, app_id, instance_id, file_type, access_level, file_status, name, is_folder, is_quarantined, document"
)
VALUES = "1, 1, 0, 1, 0, 0, 'a', false, false, '{}'"
OLDER_FILE = (
    f"INSERT INTO record_sequences VALUES ({TENANT}, 'files', 7)",
    f"INSERT INTO files (tenant_id, record_id, seq, {COLUMNS}) VALUES ({TENANT}, 'plan', 7, {VALUES})",
    f"INSERT INTO files_values VALUES ({TENANT}, 'labels', 'old', 0, 7)",
)


def test_pseudonym_keys_from_before_stay_and_can_be_sealed(
    bare: Database, clock: Callable[[], int], tmp_path: Path
) -> None:
    """Names keep their pseudonyms."""
    key = bytes(range(32))
    with bare.write() as connection:
        command.upgrade(migrate.configuration(connection), "0021")
        values = {"id": TENANT, "now": NOW, "key": key}
        columns = "tenant_id, guid, name, domain, created, pseudonym_key"
        connection.execute(
            sa.text(f"INSERT INTO tenants ({columns}) VALUES (:id, 'g', 'Contoso', 'c.example', :now, :key)"), values
        )
    upgrade(bare)
    vault = Vault(tmp_path / "vault")
    keys = PseudonymKeys(Tenants(bare, clock), vault)
    assert keys.of(TENANT) == key
    assert keys.seal(vault) == 1
    assert keys.of(TENANT) == key
    with bare.read() as connection:
        assert key not in connection.execute(sa.text("SELECT sealed_pseudonym_key FROM tenants")).scalar_one()


def test_addresses_from_before_count_as_the_operators(bare: Database, clock: Callable[[], int]) -> None:
    """They go on working, also where they are private."""
    with bare.write() as connection:
        command.upgrade(migrate.configuration(connection), "0020")
        connection.exec_driver_sql(
            "INSERT INTO trusted_issuers VALUES (1, 'x', 'adfs.local', '[]', '[]', false, false, '[]', '', 1)"
        )
    upgrade(bare)
    assert TrustedIssuers(bare, clock).all(1)[0].anywhere is True


def at(database: Database, revision: str) -> Database:
    """Give a database without tables the schema of an older version."""
    with database.write() as connection:
        command.upgrade(migrate.configuration(connection), revision)
    return database


def revision_of(database: Database) -> str:
    """Return the revision that a database says it has."""
    with database.read() as connection:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def test_a_migration_shows_its_progress_a_new_database_nothing(bare: Database) -> None:
    """One line at the start, one for each step, and one at the end."""
    at(bare, "0019")
    with structlog.testing.capture_logs() as lines:
        upgrade(bare)
        upgrade(bare)
    first, *steps, last = lines
    assert first == {"event": "migrate", "schema": "0019", "to": newest(), "log_level": "info"}
    assert [line["schema"] for line in steps] == [f"{number:04}" for number in range(20, int(newest()) + 1)]
    assert (last["event"], last["schema"]) == ("migrated", newest())
    clear(bare)
    with structlog.testing.capture_logs() as lines:
        upgrade(bare)
    assert lines == []


def test_a_migration_that_ends_half_way_changes_nothing(bare: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start does all of it."""
    at(bare, "0017")

    def ended(_: str, *, schema: str, **_facts: object) -> None:
        if schema == "0018":
            raise ConnectionAbortedError

    with monkeypatch.context() as patched:
        patched.setattr(migrate, "_log", ended)
        with pytest.raises(ConnectionAbortedError):
            upgrade(bare)
    assert revision_of(bare) == "0017"
    with bare.read() as connection:
        assert not sa.inspect(connection).has_table("notices")
    upgrade(bare)
    assert revision_of(bare) == newest()


@pytest.mark.parametrize(
    ("statement", "lacks"),
    [
        ("DROP TABLE external_sign_ins", "external_sign_ins"),
        ("DROP TABLE managed_apps; ALTER TABLE streams DROP COLUMN parser", "it lacks managed_apps, streams.parser."),
    ],
)
def test_a_schema_that_is_not_what_its_version_says_is_refused(bare: Database, statement: str, lacks: str) -> None:
    """As of a version under development, whether a migration fails by it or not; nothing is changed."""
    with at(bare, "0020").write() as connection:
        for each in statement.split(";"):
            connection.exec_driver_sql(each)
    with pytest.raises(UnusableSchema) as refused:
        upgrade(bare)
    assert f"cannot be migrated to the schema {newest()}: it is not what its version (0020) says: " in str(
        refused.value
    )
    assert lacks in str(refused.value)
    assert revision_of(bare) == "0020"


def test_a_server_that_waited_for_a_newer_one_to_migrate_is_refused(
    bare: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had seen the schema before that, but not under the lock."""
    at(bare, "0020")
    write = bare.write

    def after_the_other() -> Any:  # the context manager of a transaction
        with write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        return write()

    monkeypatch.setattr(bare, "write", after_the_other)
    with pytest.raises(UnusableSchema, match="schema 9999 of a newer version"):
        upgrade(bare)
