"""Exclusions."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.exclusions import Exclusions

TENANT = 88812345


def test_exclusions_belong_to_a_tenant_and_are_kept_once(database: Database, clock: Callable[[], int]) -> None:
    """Adding again replaces the comment; removing returns whether it existed."""
    exclusions = Exclusions(database, clock)
    exclusions.add(TENANT, "ip", "10.0.0.0/8", "lab")
    exclusions.add(TENANT, "ip", "10.0.0.0/8", "laboratory")
    exclusions.add(TENANT, "user", "Boss", "")
    found = [(each.kind, each.value, each.comment) for each in exclusions.all(TENANT)]
    assert found == [("ip", "10.0.0.0/8", "laboratory"), ("user", "Boss", "")]
    assert exclusions.all(TENANT + 1) == []
    assert exclusions.remove(TENANT, "user", "Boss")
    assert not exclusions.remove(TENANT, "user", "Boss")


def test_changes_are_on_record(database: Database, clock: Callable[[], int]) -> None:
    """Additions and removals are audited with their author; ineffective changes are not."""
    exclusions = Exclusions(database, clock)
    exclusions.add(TENANT, "user", "Boss", by="ann")
    exclusions.remove(TENANT, "user", "Boss", by="ben")
    exclusions.remove(TENANT, "user", "Boss", by="ben")
    entries = [
        (each.action, each.target, each.actor, each.details) for each in AuditLog(database, clock).latest(TENANT)
    ]
    assert sorted(entries) == [
        ("exclusion.add", "Boss", "ann", {"kind": "user"}),
        ("exclusion.remove", "Boss", "ben", {"kind": "user"}),
    ]
