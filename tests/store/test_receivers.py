"""Receiver bindings, counters and the objects already read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy.exc

from opencasb.model.stream import StreamType
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.receiver_counters import ReceiverCounters, Taken
from opencasb.store.receivers import Binding, Bindings
from opencasb.store.streams import Streams
from opencasb.store.taken_objects import TakenObjects
from tests.conftest import NOW

ID = "a" * 24


def test_a_binding_is_changed_field_by_field(database: Database, clock: Callable[[], int]) -> None:
    """Omitted fields stay; a source without a binding has an empty one."""
    bindings = Bindings(database, clock)
    assert bindings.get(1, ID) == Binding(tenant_id=1, stream_id=ID)
    bindings.change(1, ID, login="fw1", password_hash="x")
    bindings.change(1, ID, sender="10.0.0.1")
    assert bindings.get(1, ID) == Binding(tenant_id=1, stream_id=ID, login="fw1", password_hash="x", sender="10.0.0.1")
    assert bindings.every() == [bindings.get(1, ID)]
    assert bindings.get(2, ID).login is None


def test_a_binding_is_changed_with_its_audit_entry(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or not at all; the entry names the fields, not their values."""
    bindings, given = Bindings(database, clock), {"login": "fw1", "password_hash": "x"}
    with monkeypatch.context() as patched:

        def crash(*_: object, **__: object) -> None:
            raise ConnectionError("away")

        patched.setattr("opencasb.store.repository.record", crash)
        with pytest.raises(ConnectionError):
            bindings.change(1, ID, by="ana", target="edge", **given)
    assert bindings.every() == []
    bindings.change(1, ID, by="ana", target="edge", **given)
    (entry,) = AuditLog(database, clock).latest(1)
    assert (entry.action, entry.actor, entry.target) == ("data_source.bind", "ana", "edge")
    assert entry.details == {"changed": "login, password_hash"}


def test_a_login_is_taken_once_on_the_server(database: Database, clock: Callable[[], int]) -> None:
    """Across tenants, because the login alone identifies the sender."""
    bindings = Bindings(database, clock)
    bindings.change(1, ID, login="fw1")
    with pytest.raises(sqlalchemy.exc.IntegrityError):
        bindings.change(2, ID, login="fw1")
    bindings.change(1, ID, login=None)
    bindings.change(2, ID, login="fw1")


def test_counters_add_up(database: Database) -> None:
    """Separately for each source; the last time and error stay until there is a later one."""
    counters = ReceiverCounters(database)
    one = Taken(tenant_id=1, stream_id=ID, lines=2, bytes=10, last_seen=NOW)
    other = Taken(tenant_id=1, stream_id="b" * 24, drops=3, errors=1, last_error="it\0 broke")
    counters.add([one, other])
    counters.add([other, Taken(tenant_id=1, stream_id=ID, lines=1, bytes=5, errors=1)])
    counters.add([])
    assert counters.get(1, ID) == Taken(tenant_id=1, stream_id=ID, lines=3, bytes=15, errors=1, last_seen=NOW)
    broken = Taken(tenant_id=1, stream_id="b" * 24, drops=6, errors=2, last_error="it broke")
    assert counters.get(1, "b" * 24) == broken
    assert counters.get(2, ID) == Taken(tenant_id=2, stream_id=ID)


def test_a_deleted_source_leaves_nothing(database: Database, clock: Callable[[], int]) -> None:
    """Its binding, counters and objects are deleted, and no others."""
    streams, bindings, counters = Streams(database, clock), Bindings(database, clock), ReceiverCounters(database)
    objects = TakenObjects(database)
    made = [streams.create(1, name, StreamType.INPUT, receiver="sftp") for name in ("a", "b")]
    for stream in made:
        bindings.change(1, stream.stream_id, login=stream.display_name)
        counters.add([Taken(tenant_id=1, stream_id=stream.stream_id, lines=1)])
        objects.add(1, stream.stream_id, "a.log", "v1")
    streams.delete(1, made[0].stream_id)
    assert [each.login for each in bindings.every()] == ["b"]
    assert [counters.get(1, each.stream_id).lines for each in made] == [0, 1]
    assert objects.all(1, made[0].stream_id) == {}
    assert objects.all(1, made[1].stream_id) == {"a.log": "v1"}
