"""The keys behind the pseudonyms of each tenant: sealed with the key file, so that a database dump reveals no names.

A key is stored in clear until a server seals it, which it does only if the key file is that of the installation: a key
that is sealed with a file of another machine would be lost with it, and with the key all names behind pseudonyms.
"""

from __future__ import annotations

import secrets
from typing import Final

from opencasb.identity.keyfiles import LostKeyFile
from opencasb.identity.vault import Vault
from opencasb.model.tenant import Tenant
from opencasb.store.tenants import PSEUDONYM_KEY_BYTES, Tenants

_LABEL: Final = "pseudonym key"


class PseudonymKeys:
    """The pseudonym keys of every tenant."""

    def __init__(self, tenants: Tenants, vault: Vault) -> None:
        self._tenants = tenants
        self._vault = vault

    def of(self, tenant_id: int) -> bytes:
        """Return the 32 bytes of a tenant's key.

        Raises ``LookupError`` if there is no such tenant, and :class:`LostKeyFile` rather than return another key.
        """
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            raise LookupError(f"tenant {tenant_id} does not exist")
        if _is_clear(tenant):
            return tenant.sealed_pseudonym_key
        key = self._vault.open(tenant.sealed_pseudonym_key, _label(tenant))
        if key is None:
            raise LostKeyFile(
                f"the pseudonym key of tenant {tenant.name!r} was sealed with another key file than "
                f"{self._vault.path}: restore that file from a backup"
            )
        return key

    def seal(self, vault: Vault) -> int:
        """Seal the keys that are stored in clear with the vault that is known to be the installation's.

        Returns how many; none if the key file was replaced since that vault was opened.
        """
        return sum(self._sealed(tenant, vault) for tenant in self._tenants.all() if _is_clear(tenant))

    def renew(self, tenant_id: int, *, by: str) -> None:
        """Give a tenant a new key: names get other pseudonyms, and the names behind former ones are lost."""
        self._tenants.renew_pseudonym_key(tenant_id, secrets.token_bytes(PSEUDONYM_KEY_BYTES), by=by)

    def _sealed(self, tenant: Tenant, vault: Vault) -> bool:
        sealed = vault.seal(tenant.sealed_pseudonym_key, _label(tenant))
        if self._vault.open(sealed, _label(tenant)) != tenant.sealed_pseudonym_key:
            return False
        return self._tenants.seal_pseudonym_key(tenant, sealed)


def _is_clear(tenant: Tenant) -> bool:
    return len(tenant.sealed_pseudonym_key) == PSEUDONYM_KEY_BYTES  # what is sealed is longer


def _label(tenant: Tenant) -> str:
    return f"{_LABEL}: {tenant.tenant_id}"  # a sealed key copied to another tenant's row cannot be opened
