"""The repository of streams."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from opencasb.model.stream import GLOBAL_VIEW, StreamType
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.streams import Streams

TENANT = 88812345


@pytest.fixture
def streams(database: Database, clock: Callable[[], int]) -> Streams:
    """An empty repository."""
    return Streams(database, clock)


def test_every_tenant_has_one_global_view(streams: Streams) -> None:
    """It is created on first use, once per tenant (api §12.2)."""
    first = streams.global_view(TENANT)
    assert first.display_name == GLOBAL_VIEW
    assert streams.global_view(TENANT) == first
    assert streams.global_view(TENANT + 1).stream_id != first.stream_id
    assert streams.get(TENANT + 1, first.stream_id) is None


def test_data_source_names_are_unique_and_snapshot_names_need_not_be(streams: Streams) -> None:
    """Two sources cannot share a name; a snapshot may share its name with snapshots and sources."""
    streams.create(TENANT, "edge", StreamType.INPUT)
    with pytest.raises(sa.exc.IntegrityError):
        streams.create(TENANT, "edge", StreamType.INPUT)
    for _ in range(2):
        streams.create(TENANT, "edge", StreamType.SNAPSHOT)
    found = streams.by_name(TENANT, "edge")
    assert found is not None
    assert found.stream_type is StreamType.INPUT
    snapshot = streams.by_name(TENANT, "edge", snapshot=True)
    assert snapshot is not None
    assert snapshot.is_snapshot


def test_counting_a_file_keeps_what_was_seen_before(
    streams: Streams, database: Database, clock: Callable[[], int]
) -> None:
    """Known attributes stay; failed files are counted separately and do not count as received data."""
    made = streams.create(TENANT, "edge", StreamType.INPUT)
    with database.write() as connection:
        streams.count_file(connection, TENANT, made.stream_id, frozenset({"user", "total_bytes"}), success=True)
        streams.count_file(connection, TENANT, made.stream_id, frozenset(), success=False)
    found = streams.get(TENANT, made.stream_id)
    assert found is not None
    assert (found.log_files, found.failed_log_files, found.last_data_received) == (1, 1, clock())
    assert (found.has_users, found.has_devices, found.has_total_bytes) == (True, False, True)


def test_the_stream_to_which_data_came_last_is_found(streams: Streams, database: Database) -> None:
    """In any tenant; a failed log does not count."""
    made = [streams.create(TENANT + n, "edge", StreamType.INPUT) for n in range(3)]
    assert streams.newest() is None
    with database.write() as connection:
        for each, success in zip(made, (False, True, False), strict=True):
            streams.count_file(connection, each.tenant_id, each.stream_id, frozenset(), success=success)
    newest = streams.newest()
    assert newest is not None
    assert newest.tenant_id == TENANT + 1


def test_only_sources_with_a_receiver_listen(streams: Streams) -> None:
    """Ports and folders of all tenants are listed for the server."""
    streams.create(TENANT, "upload", StreamType.INPUT)
    streams.create(TENANT, "syslog", StreamType.INPUT, receiver="syslog-udp", port=5514)
    streams.create(TENANT + 1, "folder", StreamType.INPUT, receiver="folder", folder="/logs")
    assert sorted(stream.display_name for stream in streams.listening()) == ["folder", "syslog"]


def test_a_stream_can_be_changed_and_deleted(streams: Streams) -> None:
    """Deleting returns whether it existed; another tenant cannot delete it."""
    made = streams.create(TENANT, "edge", StreamType.INPUT)
    streams.update(TENANT, made.stream_id, comment="moved")
    found = streams.get(TENANT, made.stream_id)
    assert found is not None
    assert found.comment == "moved"
    assert not streams.delete(TENANT + 1, made.stream_id)
    assert streams.delete(TENANT, made.stream_id)
    assert not streams.delete(TENANT, made.stream_id)


def test_a_change_is_committed_with_its_audit_entry(
    streams: Streams, database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or not at all: a crash leaves no change without its author."""
    made = streams.create(TENANT, "edge", StreamType.INPUT, by="ana")
    report = streams.create(TENANT, "report", StreamType.SNAPSHOT)
    changes: tuple[Callable[[], object], ...] = (
        lambda: streams.create(TENANT, "other", StreamType.INPUT, by="ana"),
        lambda: streams.update(TENANT, made.stream_id, by="ana", comment="moved"),
        lambda: streams.delete(TENANT, made.stream_id, by="ana"),
    )
    with monkeypatch.context() as patched:

        def crash(*_: object, **__: object) -> None:
            raise ConnectionError("away")

        patched.setattr("opencasb.store.repository.record", crash)
        for change in changes:
            with pytest.raises(ConnectionError):
                change()
    assert sorted(streams.all(TENANT), key=lambda each: each.display_name) == [made, report]
    for change in changes:
        change()
    streams.delete(TENANT, report.stream_id, by="ana")
    found = [(each.action, each.target, each.details) for each in AuditLog(database, clock).latest(TENANT)]
    assert sorted(found, key=str) == [
        ("data_source.create", "edge", {}),
        ("data_source.create", "other", {}),
        ("data_source.delete", "edge", {}),
        ("data_source.update", "edge", {"comment": "moved"}),
        ("snapshot_report.delete", "report", {}),
    ]
