"""The repository of redirects, certificates and requested permissions."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.model.registration import Certificate, Redirect, RequestedPermission
from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database
from opencasb.store.registrations import Registrations

APP = "11111111-1111-1111-1111-111111111111"
ASKED = RequestedPermission("mdca", "delegated", "discovery.read")


@pytest.fixture
def registrations(database: Database, clock: Callable[[], int]) -> Registrations:
    """Return the repository under test."""
    return Registrations(database, clock)


def _certificate(key_id: str, sha256: str = "s" * 43) -> Certificate:
    return Certificate(
        key_id=key_id, description="d", sha1="a" * 27, sha256=sha256, pem="p", not_before=1, expires=2, created=3
    )


def test_redirects_keep_their_order_and_their_number(registrations: Registrations) -> None:
    """Adding again changes only the kind; one over the limit is rejected; tenants are separate."""
    for number in (2, 1):
        assert registrations.add_redirect(7, APP, Redirect("web", f"https://{number}.example"), limit=2, by="x")
    assert not registrations.add_redirect(7, APP, Redirect("web", "https://3.example"), limit=2, by="x")
    assert registrations.add_redirect(7, APP, Redirect("spa", "https://2.example"), limit=2, by="x")
    found = registrations.redirects(7, APP)
    assert found == [Redirect("spa", "https://2.example"), Redirect("web", "https://1.example")]
    assert registrations.redirects(8, APP) == []
    assert not registrations.remove_redirect(8, APP, "https://2.example", by="x")
    assert registrations.remove_redirect(7, APP, "https://2.example", by="x")
    assert not registrations.remove_redirect(7, APP, "https://2.example", by="x")


def test_certificates_stand_side_by_side(registrations: Registrations) -> None:
    """Each once per application; each is removed by its key id."""
    registrations.add_certificate(7, APP, _certificate("k1"), by="x")
    with pytest.raises(Conflict, match="already"):
        registrations.add_certificate(7, APP, _certificate("k2"), by="x")
    registrations.add_certificate(7, APP, _certificate("k2", "t" * 43), by="x")
    assert registrations.certificates(7, APP) == [_certificate("k1"), _certificate("k2", "t" * 43)]
    assert registrations.certificates(8, APP) == []
    assert not registrations.remove_certificate(8, APP, "k1", by="x")
    assert registrations.remove_certificate(7, APP, "k1", by="x")
    assert not registrations.remove_certificate(7, APP, "k1", by="x")


def test_requested_permissions_are_a_set(registrations: Registrations) -> None:
    """Requesting twice has no effect; kinds are separate."""
    both = [ASKED, RequestedPermission("mdca", "application", "discovery.read")]
    registrations.add_requested(7, APP, both, by="x")
    registrations.add_requested(7, APP, [ASKED], by="x")
    assert registrations.requested(7, APP) == sorted(both)
    assert registrations.requested(8, APP) == []
    assert not registrations.remove_requested(8, APP, ASKED, by="x")
    assert registrations.remove_requested(7, APP, ASKED, by="x")
    assert not registrations.remove_requested(7, APP, ASKED, by="x")


def test_every_change_is_audited(registrations: Registrations, database: Database, clock: Callable[[], int]) -> None:
    """Ineffective changes are not audited."""
    registrations.add_redirect(7, APP, Redirect("web", "https://1.example"), limit=9, by="x")
    registrations.remove_redirect(7, APP, "https://1.example", by="x")
    registrations.add_certificate(7, APP, _certificate("k"), by="x")
    registrations.remove_certificate(7, APP, "k", by="x")
    for _ in range(2):
        registrations.add_requested(7, APP, [ASKED], by="x")
    for _ in range(2):
        registrations.remove_requested(7, APP, ASKED, by="x")
    entries = AuditLog(database, clock).latest(7)
    parts = ("redirect", "certificate", "requested")
    assert sorted(each.action for each in entries) == sorted(
        f"app.{verb}_{part}" for verb in ("add", "remove") for part in parts
    )
    assert {(each.actor, each.target) for each in entries} == {("x", APP)}
