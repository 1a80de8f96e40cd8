"""Signing keys of the authorization server: certificates in the clear, private keys sealed (identity §7.4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec
import sqlalchemy as sa

from opencasb.model.guarded import Guarded
from opencasb.store.audit_log import SERVER, record
from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of

signing_keys = sa.Table(
    "signing_keys",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),  # always SERVER: the tokens of all tenants share the keys
    sa.Column("key_id", sa.String(43), primary_key=True),
    sa.Column("active_from", sa.BigInteger, nullable=False),
    sa.Column("certificate", sa.LargeBinary, nullable=False),
    sa.Column("sealed_private_key", sa.LargeBinary, nullable=False),
)


class SealedKey(Guarded, frozen=True, kw_only=True):
    """A stored key pair: certificate in DER, private key sealed. It signs from ``active_from`` on (ms UTC)."""

    GUARDED: ClassVar = ("sealed_private_key",)

    key_id: str
    active_from: int
    certificate: bytes
    sealed_private_key: bytes


class SigningKeys(Repository):
    """The signing keys of the server."""

    def all(self) -> list[SealedKey]:
        """Return every key, in the order in which they sign."""
        query = sa.select(*fields_of(signing_keys, SealedKey))
        return self._all(query.order_by(signing_keys.c.active_from, signing_keys.c.key_id), SealedKey)

    def change(
        self, now: int, *, add: Sequence[SealedKey], remove: Sequence[str] = (), reason: str, by: str = "system"
    ) -> None:
        """Remove keys (by key id), then add keys, in one step; ``now`` and ``reason`` go to the audit log."""
        with self._database.write() as connection:
            if remove:
                connection.execute(sa.delete(signing_keys).where(signing_keys.c.key_id.in_(remove)))
            for key in add:
                connection.execute(sa.insert(signing_keys).values(tenant_id=SERVER, **msgspec.structs.asdict(key)))
            added = [key.key_id for key in add]
            record(connection, SERVER, now, f"signing_keys.{reason}", by=by, added=added, removed=list(remove))
