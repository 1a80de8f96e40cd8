"""Second factors of users: the sealed secret shared with their authenticator app (identity §12)."""

from __future__ import annotations

from typing import ClassVar

import sqlalchemy as sa

from opencasb.model.guarded import Guarded
from opencasb.store.audit_log import record
from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of

second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.String(36), primary_key=True),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("confirmed", sa.BigInteger),
    sa.Column("last_step", sa.BigInteger, nullable=False),
)


class SecondFactor(Guarded, frozen=True, kw_only=True):
    """A user's second factor, effective once ``confirmed`` (ms); ``last_step`` is the step of the last code used."""

    GUARDED: ClassVar = ("sealed_secret",)

    sealed_secret: bytes
    confirmed: int | None
    last_step: int


class SecondFactors(Repository):
    """The second factors of each tenant's users."""

    def get(self, tenant_id: int, user_id: str) -> SecondFactor | None:
        """Return a user's second factor, confirmed or not, or None."""
        query = sa.select(*fields_of(second_factors, SecondFactor)).filter_by(tenant_id=tenant_id, user_id=user_id)
        return self._one(query, SecondFactor)

    def begin(self, tenant_id: int, user_id: str, sealed_secret: bytes) -> None:
        """Store a new, unconfirmed secret in place of any earlier one."""
        row = {"tenant_id": tenant_id, "user_id": user_id, "sealed_secret": sealed_secret}
        with self._database.write() as connection:
            connection.execute(sa.delete(second_factors).filter_by(tenant_id=tenant_id, user_id=user_id))
            connection.execute(sa.insert(second_factors).values(**row, confirmed=None, last_step=0))

    def add(self, tenant_id: int, user_id: str, sealed_secret: bytes, step: int, now: int, *, by: str) -> bool:
        """Keep a secret that counts from ``now`` (ms), and whose code of a step was used; tells if it is the only one.

        One that does not count yet makes way.
        """
        mine = {"tenant_id": tenant_id, "user_id": user_id}
        with self._database.write() as connection:
            connection.execute(sa.delete(second_factors).filter_by(**mine, confirmed=None))
            if connection.execute(sa.select(second_factors.c.user_id).filter_by(**mine)).first() is not None:
                return False
            values = {"sealed_secret": sealed_secret, "confirmed": now, "last_step": step}
            connection.execute(sa.insert(second_factors).values(**mine, **values))
            record(connection, tenant_id, now, "second_factor.add", by=by, target=user_id)
        return True

    def confirm(self, tenant_id: int, user_id: str, now: int, *, by: str) -> None:
        """Make the second factor effective from ``now`` (ms)."""
        with self._database.write() as connection:
            connection.execute(
                sa.update(second_factors).filter_by(tenant_id=tenant_id, user_id=user_id).values(confirmed=now)
            )
            record(connection, tenant_id, now, "second_factor.add", by=by, target=user_id)

    def use(self, tenant_id: int, user_id: str, step: int) -> bool:
        """Use up the code of a time step; returns whether it and every later one was unused."""
        mine = sa.update(second_factors).filter_by(tenant_id=tenant_id, user_id=user_id)
        return self._write(mine.where(second_factors.c.last_step < step).values(last_step=step)) == 1

    def remove(self, tenant_id: int, user_id: str, now: int, *, by: str) -> bool:
        """Remove a user's second factor; returns whether there was one."""
        with self._database.write() as connection:
            found = (
                connection.execute(sa.delete(second_factors).filter_by(tenant_id=tenant_id, user_id=user_id)).rowcount
                > 0
            )
            if found:
                record(connection, tenant_id, now, "second_factor.remove", by=by, target=user_id)
        return found
