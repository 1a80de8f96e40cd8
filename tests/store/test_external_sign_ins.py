"""External providers on both engines."""

from __future__ import annotations

from opencasb.model.external_sign_in import ExternalSignIn, Link
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.external_sign_ins import ExternalSignIns
from tests.conftest import NOW


def test_a_tenant_has_one_provider(database: Database) -> None:
    """A second one replaces it; other tenants cannot see it, and the audit log has no secret."""
    store = ExternalSignIns(database, lambda: NOW)
    made = ExternalSignIn(
        tenant_id=1,
        issuer="https://id.example",
        client_id="x",
        sealed_secret=b"\0sealed",
        label="Go",
        name_claim="email",
        links=(Link("sub", "1", "user"),),
        created=NOW,
    )
    store.put(made, by="ann")
    assert store.get(1) == made
    assert store.get(2) is None
    other = ExternalSignIn(
        tenant_id=1, issuer="https://other.example", client_id="y", sealed_secret=b"", label="", created=NOW
    )
    store.put(other, by="ann")
    assert store.get(1) == other
    assert not store.remove(2, by="eve")
    assert store.remove(1, by="ann")
    assert store.get(1) is None
    entries = AuditLog(database, lambda: NOW).latest(1)
    assert sorted(entry.action for entry in entries) == [
        "external_sign_in.put",
        "external_sign_in.put",
        "external_sign_in.remove",
    ]
    assert "sealed" not in str([entry.details for entry in entries])
