"""The list of managed applications in the store, on each engine."""

from __future__ import annotations

from collections.abc import Callable

from opencasb.model.managed_app import ManagedApp
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.managed_apps import ManagedApps


def test_a_list_is_replaced_whole_and_kept_in_its_order(database: Database, clock: Callable[[], int]) -> None:
    """Each tenant has its own; replacing it is audited."""
    store = ManagedApps(database, clock)
    files = ManagedApp(name="Files", app_id=10489, domains=("box.com", "x.example"), owner="Ana", yearly_cost="5.50")
    other = ManagedApp(name="Another", domains=("a.example",))
    store.replace(1, [files, other], by="ana")
    store.replace(2, [other])
    assert store.all(1) == [files, other]
    store.replace(1, [other])
    assert (store.all(1), store.all(2)) == ([other], [other])
    store.replace(1, [])
    assert store.all(1) == []
    entries = AuditLog(database, clock).latest(1)
    assert {(entry.action, entry.details["apps"], entry.actor) for entry in entries} == {
        ("managed_apps.replace", 2, "ana"),
        ("managed_apps.replace", 1, "system"),
        ("managed_apps.replace", 0, "system"),
    }
