"""Failed sign-ins by account and address, and the addresses from which accounts sign in (identity §12)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of

failed_sign_ins = sa.Table(
    "failed_sign_ins",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("subject", sa.String(120), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_password", sa.String(64), nullable=False),
    sa.Column("last_failure", sa.BigInteger, nullable=False),
    sa.Column("locked_until", sa.BigInteger, nullable=False),
)
familiar_addresses = sa.Table(
    "familiar_addresses",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("account", sa.String(64), primary_key=True),
    sa.Column("address", sa.String(45), primary_key=True),
    sa.Column("last_used", sa.BigInteger, nullable=False),
)


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """A run of consecutive failed sign-ins. ``last_password`` is a digest; times are ms."""

    failures: int = 0
    last_password: str = ""
    last_failure: int = 0
    locked_until: int = 0


class Lockouts(Repository):
    """The failures of each tenant."""

    def failures(self, tenant_id: int, subject: str) -> Failures:
        """Return the failures of an account or an address; a count of 0 if there are none."""
        query = sa.select(*fields_of(failed_sign_ins, Failures)).filter_by(tenant_id=tenant_id, subject=subject)
        return self._one(query, Failures) or Failures()

    def keep(self, tenant_id: int, subject: str, failures: Failures) -> None:
        """Store the failures of an account or an address."""
        row = {"tenant_id": tenant_id, "subject": subject, **msgspec.structs.asdict(failures)}
        with self._database.write() as connection:
            self._database.upsert(connection, failed_sign_ins, [row], update=Failures.__struct_fields__)

    def forget(self, tenant_id: int, subject: str) -> None:
        """Clear the failures of an account."""
        self._write(sa.delete(failed_sign_ins).filter_by(tenant_id=tenant_id, subject=subject))

    def is_familiar(self, tenant_id: int, account: str, address: str, since: int) -> bool:
        """Return whether the account has signed in from this address since a time (ms)."""
        query = sa.select(familiar_addresses.c.last_used)
        query = query.filter_by(tenant_id=tenant_id, account=account, address=address)
        with self._database.read() as connection:
            return connection.scalar(query.where(familiar_addresses.c.last_used >= since)) is not None

    def make_familiar(self, tenant_id: int, account: str, address: str, now: int) -> None:
        """Record that the account signed in from this address."""
        row = {"tenant_id": tenant_id, "account": account, "address": address[:45], "last_used": now}
        with self._database.write() as connection:
            self._database.upsert(connection, familiar_addresses, [row], update=["last_used"])

    def expire(self, before: int) -> int:
        """Delete entries from before a time (ms), for all tenants; returns how many."""
        with self._database.write() as connection:
            old = (
                sa.delete(failed_sign_ins).where(
                    failed_sign_ins.c.last_failure < before, failed_sign_ins.c.locked_until < before
                ),
                sa.delete(familiar_addresses).where(familiar_addresses.c.last_used < before),
            )
            return sum(connection.execute(each).rowcount for each in old)
