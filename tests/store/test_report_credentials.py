"""Report credentials in the store, on each engine."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.report_credentials import ReportCredentials
from tests.conftest import NOW


def test_credentials_are_found_by_digest_and_belong_to_a_tenant(database: Database, clock: Callable[[], int]) -> None:
    """A digest belongs to one credential; revocation is permanent and audited."""
    store = ReportCredentials(database, clock)
    one = store.add(1, "one", digest="a" * 64, hint="rpt_abc", user_data=True, expires=NOW + 5, by="ana")
    store.add(2, "two", digest="b" * 64, hint="rpt_xyz", user_data=False, expires=NOW + 5)
    assert store.by_digest("a" * 64) == one
    assert store.by_digest("c" * 64) is None
    assert [each.name for each in store.all(1)] == ["one"]
    assert (one.state(NOW + 4), one.state(NOW + 5)) == ("Valid", "Expired")
    store.touch(1, one.credential_id, NOW + 3)
    assert store.all(1)[0].last_used == NOW + 3
    assert not store.revoke(2, one.credential_id)
    assert store.revoke(1, one.credential_id, by="ben")
    assert not store.revoke(1, one.credential_id)
    assert store.by_digest("a" * 64) is None
    entries = {entry.action: entry for entry in AuditLog(database, clock).latest(1)}
    assert entries["report_credential.create"].details == {
        "credential_id": one.credential_id,
        "user_data": True,
        "expires": NOW + 5,
    }
    assert entries["report_credential.revoke"].actor == "ben"


def test_two_credentials_never_share_a_secret(database: Database, clock: Callable[[], int]) -> None:
    """The store rejects it."""
    store = ReportCredentials(database, clock)
    store.add(1, "one", digest="a" * 64, hint="", user_data=True, expires=NOW)
    with pytest.raises(sa.exc.IntegrityError):
        store.add(2, "two", digest="a" * 64, hint="", user_data=True, expires=NOW)
