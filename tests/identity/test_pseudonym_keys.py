"""The keys behind pseudonyms can be sealed, and stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from opencasb.identity.keyfiles import LostKeyFile
from opencasb.identity.pseudonym_keys import PseudonymKeys
from opencasb.identity.vault import Vault
from opencasb.store import tenants as table
from opencasb.store.audit_log import AuditLog
from opencasb.store.database import Database
from opencasb.store.outage import outage_of
from opencasb.store.tenants import Tenants


@pytest.fixture
def tenants(database: Database, clock: Callable[[], int]) -> Tenants:
    """All tenants: two."""
    found = Tenants(database, clock)
    for name in ("Contoso", "Fabrikam"):
        found.create(name)
    return found


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """The vault of the installation."""
    return Vault(tmp_path / "vault")


@pytest.fixture
def keys(tenants: Tenants, vault: Vault) -> PseudonymKeys:
    """Their keys."""
    return PseudonymKeys(tenants, Vault(vault.path))


def stored(tenants: Tenants) -> dict[int, bytes]:
    """Return what the database holds for each tenant."""
    return {each.tenant_id: each.sealed_pseudonym_key for each in tenants.all()}


def test_a_sealed_key_is_the_same_key(tenants: Tenants, keys: PseudonymKeys, vault: Vault) -> None:
    """Every key is sealed once; that of a new tenant the next time."""
    clear = stored(tenants)
    assert {tenant_id: keys.of(tenant_id) for tenant_id in clear} == clear
    assert (keys.seal(vault), keys.seal(vault)) == (2, 0)
    sealed = stored(tenants)
    assert {tenant_id: keys.of(tenant_id) for tenant_id in clear} == clear
    assert not [key for key in clear.values() for kept in sealed.values() if key in kept]
    tenants.create("Northwind")
    assert keys.seal(vault) == 1
    assert sealed.items() <= stored(tenants).items()


def test_another_key_file_opens_nothing(tenants: Tenants, keys: PseudonymKeys, vault: Vault, tmp_path: Path) -> None:
    """Work waits for the file as for a full disk, rather than go on with another key."""
    keys.seal(vault)
    tenant = tenants.all()[0]
    other = PseudonymKeys(tenants, Vault(tmp_path / "other"))
    with pytest.raises(LostKeyFile, match=rf"{tenant.name}.* than {tmp_path / 'other'}: restore that file") as lost:
        other.of(tenant.tenant_id)
    assert str(outage_of(lost.value)).startswith("the data directory lacks a file, or has one that cannot be read")
    assert other.seal(Vault(tmp_path / "other")) == 0
    assert keys.of(tenant.tenant_id)


def test_a_sealed_key_is_of_one_tenant(database: Database, tenants: Tenants, keys: PseudonymKeys, vault: Vault) -> None:
    """Copied to the row of another, it opens nothing."""
    keys.seal(vault)
    one, other = tenants.all()
    with database.write() as connection:
        change = sa.update(table.tenants).where(table.tenants.c.tenant_id == other.tenant_id)
        connection.execute(change.values(sealed_pseudonym_key=one.sealed_pseudonym_key))
    with pytest.raises(LostKeyFile):
        keys.of(other.tenant_id)


def test_a_key_file_that_was_replaced_seals_nothing(tenants: Tenants, keys: PseudonymKeys, vault: Vault) -> None:
    """The vault in memory is still the former one, and no later process could open what it seals."""
    clear = stored(tenants)
    vault.seal(b"", "reads the file")
    vault.path.write_bytes(bytes(32))
    assert keys.seal(vault) == 0
    assert stored(tenants) == clear


def test_of_two_servers_one_seals(tenants: Tenants) -> None:
    """The second finds the key changed, and leaves it; so does one that read it before it was renewed."""
    tenant = tenants.all()[0]
    assert tenants.seal_pseudonym_key(tenant, b"x" * 60) is True
    assert tenants.seal_pseudonym_key(tenant, b"y" * 60) is False
    assert stored(tenants)[tenant.tenant_id] == b"x" * 60


def test_a_key_can_be_renewed_once_its_file_is_lost(
    tenants: Tenants, keys: PseudonymKeys, vault: Vault, tmp_path: Path
) -> None:
    """It is another key, and of this tenant only."""
    before, other = stored(tenants), Vault(tmp_path / "other")
    keys.seal(vault)
    renewed, same = tenants.all()
    without = PseudonymKeys(tenants, other)
    without.renew(renewed.tenant_id, by="operator")
    key = without.of(renewed.tenant_id)
    assert key not in before.values()
    assert without.seal(other) == 1
    assert without.of(renewed.tenant_id) == key
    assert keys.of(same.tenant_id) == before[same.tenant_id]


def test_a_renewal_is_noted(
    database: Database, clock: Callable[[], int], tenants: Tenants, keys: PseudonymKeys
) -> None:
    """In the audit log, with who did it."""
    tenant_id = tenants.all()[0].tenant_id
    keys.renew(tenant_id, by="operator")
    entries = AuditLog(database, clock).latest(tenant_id)
    assert ("tenant.renew_pseudonyms", "operator") in {(each.action, each.actor) for each in entries}


def test_an_unknown_tenant_has_no_key(keys: PseudonymKeys) -> None:
    with pytest.raises(LookupError, match="tenant 1 does not exist"):
        keys.of(1)
