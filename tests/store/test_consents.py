"""The repository of delegated grants and assignments."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.model.permissions import Permission
from opencasb.store.audit_log import AuditLog
from opencasb.store.consents import DelegatedGrant, Grants
from opencasb.store.database import Database

APP = "11111111-1111-1111-1111-111111111111"
READ, MANAGE = Permission("mdca", "discovery.read"), Permission("mdca", "discovery.manage")
ME = Permission("graph", "User.Read")


@pytest.fixture
def grants(database: Database, clock: Callable[[], int]) -> Grants:
    """Return the repository under test."""
    return Grants(database, clock)


def test_a_user_has_the_tenant_wide_grants_and_their_own(grants: Grants) -> None:
    """Grants of other users, applications and tenants are not included."""
    grants.grant(1, APP, None, [READ], by="x")
    grants.grant(1, APP, "ann", [ME, READ], by="x")
    grants.grant(1, APP, "bob", [MANAGE], by="x")
    grants.grant(2, APP, None, [MANAGE], by="x")
    assert grants.granted(1, APP, "ann") == {READ, ME}
    assert grants.granted(1, APP, "cid") == {READ}
    assert grants.granted(1, "other", "ann") == frozenset()
    listed = grants.all(1, APP)
    assert listed[0] == DelegatedGrant(user_id=None, resource="mdca", name="discovery.read")
    assert [each.user_id for each in listed] == [None, "ann", "ann", "bob"]


def test_revoking_takes_one_users_or_everything(grants: Grants) -> None:
    """Returns whether there was anything to revoke."""
    for user_id in (None, "ann", "bob"):
        grants.grant(1, APP, user_id, [READ], by="x")
    assert grants.revoke(1, APP, "ann", by="x")
    assert not grants.revoke(1, APP, "ann", by="x")
    assert [each.user_id for each in grants.all(1, APP)] == [None, "bob"]
    assert not grants.revoke(2, APP, None, by="x")
    assert grants.revoke(1, APP, None, by="x")
    assert grants.all(1, APP) == []


def test_assignments_come_and_go(grants: Grants) -> None:
    """Each user is assigned once."""
    grants.assign(1, APP, "ann", by="x")
    grants.assign(1, APP, "ann", by="x")
    assert grants.assigned(1, APP) == {"ann"}
    assert not grants.assigned(2, APP)
    assert grants.unassign(1, APP, "ann", by="x")
    assert not grants.unassign(1, APP, "ann", by="x")


def test_every_change_is_audited(grants: Grants, database: Database, clock: Callable[[], int]) -> None:
    """An ineffective change is not audited."""
    for _ in range(2):
        grants.grant(1, APP, "ann", [READ], by="x")
        grants.assign(1, APP, "ann", by="x")
    for _ in range(2):
        grants.revoke(1, APP, "ann", by="x")
        grants.unassign(1, APP, "ann", by="x")
    actions = sorted(each.action for each in AuditLog(database, clock).latest(1))
    assert actions == ["app.assign", "app.unassign", "consent.grant_delegated", "consent.revoke_delegated"]
