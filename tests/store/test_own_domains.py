"""Tenants' own domains."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.own_domains import OwnDomains

TENANT, OTHER = 88812345, 88812346


def test_domains_belong_to_a_tenant_and_are_kept_once(database: Database, clock: Callable[[], int]) -> None:
    """In lower case; adding again changes nothing, removing returns whether it existed."""
    domains = OwnDomains(database, clock)
    for given in ("Contoso.example", "contoso.EXAMPLE.", "m\u00fcnchen.example"):
        domains.add(TENANT, given, by="ann")
    assert domains.all(TENANT) == {"contoso.example", "xn--mnchen-3ya.example"}
    assert domains.all(OTHER) == frozenset()
    assert not domains.remove(OTHER, "contoso.example")
    assert domains.remove(TENANT, "CONTOSO.example", by="ann")
    assert not domains.remove(TENANT, "contoso.example")
    assert not domains.remove(TENANT, "no domain")
    actions = sorted(entry.action for entry in AuditLog(database, clock).latest(TENANT))
    assert actions == ["own_domain.add", "own_domain.add", "own_domain.remove"]


@pytest.mark.parametrize("given", ["", "com", "ana@contoso.example", "*.contoso.example", "10.0.0.1", "a" * 300])
def test_only_domain_names_are_taken(database: Database, clock: Callable[[], int], given: str) -> None:
    """The error says what is expected."""
    with pytest.raises(ValueError, match="is not a domain name such as"):
        OwnDomains(database, clock).add(TENANT, given)
