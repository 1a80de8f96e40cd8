"""Revisions."""

from __future__ import annotations

from opencasb.store.database import Database
from opencasb.store.revisions import changing, revision


def test_a_revision_grows_per_tenant_and_subject(database: Database) -> None:
    """Each change counts once, for its tenant and subject; several subjects are summed."""
    assert revision(database, 1, "a", "b") == 0
    for tenant_id, subject in ((1, "a"), (1, "a"), (1, "b"), (2, "a")):
        with changing(database, tenant_id, subject):
            pass
    assert (revision(database, 1, "a"), revision(database, 1, "b"), revision(database, 1, "a", "b")) == (2, 1, 3)
    assert revision(database, 2, "a", "b") == 1
