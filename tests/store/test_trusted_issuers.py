"""Trusted issuers on both engines."""

from __future__ import annotations

import pytest

from opencasb.model.roles import Role
from opencasb.model.trusted_issuer import RoleMapping, TrustedIssuer
from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database
from opencasb.store.trusted_issuers import MOST, TrustedIssuers
from tests.conftest import NOW

DIRECTORY, OTHER = "72f988bf-0000-4000-8000-2d7cd011db47", "00000000-0000-4000-8000-000000000000"


def test_an_issuer_comes_back_as_it_was_put(database: Database) -> None:
    """A second put replaces everything but the creation time; every change is audited, without the keys."""
    times = iter((NOW, NOW + 1, NOW + 2, NOW + 3))
    store = TrustedIssuers(database, lambda: next(times))
    mapping = (RoleMapping("upn", "ann@contoso.example", Role.SECURITY_READER),)
    first = TrustedIssuer(
        tenant_id=1,
        issuer=DIRECTORY,
        audiences=("a", "b"),
        graph_audiences=("c",),
        directory_roles=True,
        vendor_audience=True,
        role_mapping=mapping,
        pinned_keys='{"keys": []}',
        created=NOW,
    )
    store.put(first, by="ann")
    assert store.get(1, DIRECTORY) == first
    store.put(TrustedIssuer(tenant_id=1, issuer=DIRECTORY, authority="casb.example"), by="ann")
    assert store.all(1) == [TrustedIssuer(tenant_id=1, issuer=DIRECTORY, authority="casb.example", created=NOW)]
    assert store.remove(1, DIRECTORY, by="ann")
    assert not store.remove(1, DIRECTORY, by="ann")
    entries = AuditLog(database, lambda: NOW).latest(1)
    assert [entry.action for entry in entries] == ["trust.remove", "trust.put", "trust.put"]
    assert entries[2].details["role_mapping"] == ["upn:ann@contoso.example=security-reader"]
    assert entries[2].details["pinned_keys"] is True


def test_an_issuer_belongs_to_one_tenant(database: Database) -> None:
    """Other tenants cannot see, replace or remove it."""
    store = TrustedIssuers(database, lambda: NOW)
    store.put(TrustedIssuer(tenant_id=1, issuer=DIRECTORY), by="ann")
    with pytest.raises(Conflict, match="another tenant"):
        store.put(TrustedIssuer(tenant_id=2, issuer=DIRECTORY, authority="evil.example"), by="eve")
    store.put(TrustedIssuer(tenant_id=2, issuer=OTHER), by="eve")
    assert store.get(2, DIRECTORY) is None
    assert [each.issuer for each in store.all(2)] == [OTHER]
    assert not store.remove(2, DIRECTORY, by="eve")
    assert {each.tenant_id: each.issuer for each in store.of_every_tenant()} == {1: DIRECTORY, 2: OTHER}


def test_a_tenant_has_only_so_many(database: Database) -> None:
    """Existing ones can still be changed; other tenants have their own limit."""
    store = TrustedIssuers(database, lambda: NOW)
    for number in range(MOST):
        store.put(TrustedIssuer(tenant_id=1, issuer=f"{number:036}"), by="ann")
    with pytest.raises(Conflict, match=f"{MOST} directories already"):
        store.put(TrustedIssuer(tenant_id=1, issuer=DIRECTORY), by="ann")
    store.put(TrustedIssuer(tenant_id=1, issuer=f"{0:036}", authority="casb.example"), by="ann")
    store.put(TrustedIssuer(tenant_id=2, issuer=DIRECTORY), by="eve")
