"""Every resolution of pseudonyms is logged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opencasb.governance.pseudonym_resolver import PseudonymResolver
from opencasb.identity.pseudonym_keys import PseudonymKeys
from opencasb.identity.vault import Vault
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.governance import GovernanceLog
from opencasb.store.tenants import Tenants


def test_what_cannot_be_noted_is_not_told(
    database: Database, clock: Callable[[], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """If either of the two logs cannot be written, nothing is returned; an unknown tenant has no key."""
    tenants, governance_log = Tenants(database, clock), GovernanceLog(database, clock)
    audit_log = AuditLog(database, clock)
    tenant_id = tenants.create("Example").tenant_id
    keys = PseudonymKeys(tenants, Vault(tmp_path / "vault"))
    resolving = PseudonymResolver(keys.of, governance_log, audit_log)
    (pair,) = resolving.hide(tenant_id, "user", ["ana"], justification="x", by="me")
    assert resolving.reveal(tenant_id, "user", [pair.pseudonym], justification="x", by="me") == [pair]

    def full(*_: object, **__: object) -> None:
        raise OSError("no room")

    for log, name in ((governance_log, "completed"), (audit_log, "add")):
        with monkeypatch.context() as patched:
            patched.setattr(log, name, full)
            with pytest.raises(OSError, match="no room"):
                resolving.reveal(tenant_id, "user", [pair.pseudonym], justification="x", by="me")
    with pytest.raises(LookupError):
        resolving.hide(tenant_id + 1, "user", ["ana"], justification="x", by="me")
