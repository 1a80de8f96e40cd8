"""Device codes: a sign-in that starts without a browser and is approved in one (identity §5.2)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import msgspec
import sqlalchemy as sa

from opencasb.store.conflict import unique
from opencasb.store.database import metadata
from opencasb.store.repository import Repository

device_codes = sa.Table(
    "device_codes",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("user_code", sa.String(64), nullable=False, unique=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("user_tenant_id", sa.Integer),
    sa.Column("user_id", sa.String(36)),
    sa.Column("amr", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("signed_in", sa.BigInteger),
)

State = Literal["pending", "approved", "declined", "redeemed"]


class DeviceCode(msgspec.Struct, frozen=True, kw_only=True):
    """A device code and its user code, both identified by their digests. Times are ms.

    ``tenant_id`` is 0 if the device used an address without a tenant; ``user_tenant_id`` and the other user fields are
    set once the user approves.
    """

    tenant_id: int
    digest: str
    user_code: str
    client_id: str
    version: int
    scope: str
    resource: str
    expires: int
    state: State = "pending"
    user_tenant_id: int | None = None
    user_id: str | None = None
    amr: str = ""
    session_id: str = ""
    signed_in: int | None = None


class DeviceCodes(Repository):
    """The device codes of each tenant; those that belong to none yet are under 0."""

    def add(self, code: DeviceCode) -> None:
        """Store a new code. Raises :class:`Conflict` if its user code is taken."""
        with unique("this user code is taken"):
            self._write(sa.insert(device_codes).values(**msgspec.structs.asdict(code)))

    def get(self, tenant_id: int, digest: str) -> DeviceCode | None:
        """Return a code, or None."""
        return self._one(sa.select(device_codes).filter_by(tenant_id=tenant_id, digest=digest), DeviceCode)

    def by_user_code(self, tenant_ids: Collection[int], user_code: str) -> DeviceCode | None:
        """Return the code with this user code digest, if it belongs to one of these tenants."""
        query = sa.select(device_codes).filter_by(user_code=user_code)
        return self._one(query.where(device_codes.c.tenant_id.in_(list(tenant_ids))), DeviceCode)

    def change(self, code: DeviceCode, state: State, **of_user: object) -> bool:
        """Move a code to its next state; returns whether it was still in the state of ``code``."""
        same = sa.update(device_codes).filter_by(tenant_id=code.tenant_id, digest=code.digest, state=code.state)
        return self._write(same.values(state=state, **of_user)) == 1

    def expire(self, before: int) -> int:
        """Delete the codes that expired before ``before`` (ms), for all tenants; returns how many."""
        return self._write(sa.delete(device_codes).where(device_codes.c.expires < before))
