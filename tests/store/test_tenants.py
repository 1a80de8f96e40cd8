"""The repository of tenants."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database
from opencasb.store.tenants import SWITCHES, Tenants


@pytest.fixture
def tenants(database: Database, clock: Callable[[], int]) -> Tenants:
    """Return the repository under test."""
    return Tenants(database, clock)


def test_a_tenant_is_found_by_every_name_it_has(tenants: Tenants) -> None:
    """Number, guid, domain (both in any case) and name identify the same tenant; anything else none."""
    made = tenants.create("Contoso", domain="Contoso.Example")
    assert tenants.get(made.tenant_id) == made
    assert tenants.by_guid_or_domain(made.guid.upper()) == made
    assert tenants.by_guid_or_domain("CONTOSO.example") == made
    assert tenants.by_name("Contoso") == made
    assert tenants.get(1) is None
    assert tenants.by_guid_or_domain("Contoso") is None
    assert tenants.by_guid_or_domain("\0") is None


def test_letters_that_only_look_like_ours_find_nobody(tenants: Tenants) -> None:
    """The lower case of the Kelvin sign is a plain k."""
    tenants.create("Knights", domain="knights.example")
    assert tenants.by_guid_or_domain("Knights.example") is not None
    assert tenants.by_guid_or_domain("\u212anights.example") is None


def test_the_number_has_eight_or_nine_digits_and_the_key_32_bytes(tenants: Tenants) -> None:
    """Tenant numbers have the documented form; every tenant has its own pseudonym key."""
    first, second = tenants.create("One"), tenants.create("Two")
    assert 8 <= len(str(first.tenant_id)) <= 9
    assert len(first.sealed_pseudonym_key) == len(second.sealed_pseudonym_key) == 32
    assert first.sealed_pseudonym_key != second.sealed_pseudonym_key
    assert "pseudonym_key" not in repr(first)


def test_the_oldest_tenant_is_the_default(database: Database) -> None:
    """Without tenants there is no default; later it is the first one created."""
    times = iter((2, 1, 3))
    tenants = Tenants(database, lambda: next(times))
    assert tenants.default() is None
    made = [tenants.create(name) for name in ("b", "a", "c")]
    assert tenants.default() == made[1]
    assert [tenant.name for tenant in tenants.all()] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("name", "domain"),
    [("fabrikam.example", "fabrikam.example"), ("Söder & Co", "s-der-co.opencasb.local")],
)
def test_a_domain_is_made_from_the_name(tenants: Tenants, name: str, domain: str) -> None:
    """A name that is a domain is used unchanged, any other is converted."""
    assert tenants.create(name).domain == domain


def test_names_whose_domains_collide_get_different_ones(tenants: Tenants) -> None:
    """Names that differ only in punctuation, or have no letters valid in domains, can coexist."""
    made = [tenants.create(name) for name in ("A B", "A-B", "株式会社", "会社")]
    assert len({tenant.domain for tenant in made}) == 4
    assert all(tenants.by_guid_or_domain(tenant.domain) == tenant for tenant in made)


def test_a_taken_name_or_domain_is_refused(tenants: Tenants) -> None:
    """Name and domain are unique; the message names the taken ones."""
    tenants.create("Contoso", domain="contoso.example")
    with pytest.raises(Conflict, match="'Contoso'"):
        tenants.create("Contoso")
    with pytest.raises(Conflict, match=r"'contoso\.example'"):
        tenants.create("Other", domain="contoso.example")


@pytest.mark.parametrize(("name", "domain"), [("", None), (" ", None), ("a\0b", None), ("x", "no domain"), ("x", "x")])
def test_malformed_names_are_refused(tenants: Tenants, name: str, domain: str | None) -> None:
    """Names without printable characters and invalid domains are rejected."""
    with pytest.raises(ValueError, match=r"tenant name|domain"):
        tenants.create(name, domain=domain)
    assert tenants.all() == []


def test_a_switch_is_that_of_one_tenant(tenants: Tenants) -> None:
    """Each can be turned on and off without any other, and there are none of an unknown tenant."""
    one, two = tenants.create("One"), tenants.create("Two")
    for name in SWITCHES:
        before = getattr(one, name)
        assert tenants.switch(one.tenant_id, name, on=not before)
        assert [getattr(tenants.get(each.tenant_id), name) for each in (one, two)] == [not before, before]
    assert not tenants.switch(1, SWITCHES[0], on=True)


def test_making_a_tenant_is_audited(tenants: Tenants, database: Database, clock: Callable[[], int]) -> None:
    """The audit log of the new tenant begins with its creation."""
    made = tenants.create("Contoso", by="cli:ann")
    [entry] = AuditLog(database, clock).latest(made.tenant_id)
    assert (entry.action, entry.actor, entry.target) == ("tenant.create", "cli:ann", "Contoso")
