"""Versions of custom parsers."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.store.audit_log import AuditLog
from opencasb.store.custom_parsers import CustomParsers
from opencasb.store.database import Database

TENANT = 88812345


def test_versions_count_on_and_never_change(database: Database, clock: Callable[[], int]) -> None:
    """The same text is the same version; a removed parser keeps its versions, and numbering continues."""
    parsers = CustomParsers(database, clock)
    first = parsers.put(TENANT, "edge", "{1}", by="ann")
    assert (first.version, first.created_by, parsers.get(TENANT, "edge")) == (1, "ann", first)
    assert parsers.put(TENANT, "edge", "{1}", by="ben") == first
    second = parsers.put(TENANT, "edge", "{2}")
    parsers.put(TENANT, "core", "{1}")
    assert [(each.name, each.version) for each in parsers.all(TENANT)] == [("core", 1), ("edge", 2)]
    assert parsers.versions(TENANT, "edge") == [second, first]
    assert parsers.remove(TENANT, "edge")
    assert not parsers.remove(TENANT, "edge")
    assert parsers.get(TENANT, "edge") is None
    assert [each.name for each in parsers.all(TENANT)] == ["core"]
    assert parsers.versions(TENANT, "edge")[-1].definition == "{1}"
    assert parsers.put(TENANT, "edge", "{2}").version == 3


def test_parsers_belong_to_a_tenant(database: Database, clock: Callable[[], int]) -> None:
    """Another tenant may have its own with the same name."""
    parsers = CustomParsers(database, clock)
    parsers.put(TENANT, "edge", "{1}")
    assert parsers.get(TENANT + 1, "edge") is None
    assert parsers.put(TENANT + 1, "edge", "{2}").version == 1
    assert not parsers.remove(TENANT + 2, "edge")


def test_changes_are_on_record(database: Database, clock: Callable[[], int]) -> None:
    """Versions and removals are audited with their author; ineffective changes are not."""
    parsers = CustomParsers(database, clock)
    parsers.put(TENANT, "edge", "{1}", by="ann")
    parsers.put(TENANT, "edge", "{1}", by="ann")
    parsers.remove(TENANT, "edge", by="ben")
    entries = [
        (each.action, each.target, each.actor, each.details) for each in AuditLog(database, clock).latest(TENANT)
    ]
    assert sorted(entries) == [("parser.put", "edge", "ann", {"version": 1}), ("parser.remove", "edge", "ben", {})]
