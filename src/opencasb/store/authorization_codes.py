"""Authorization codes: what a browser brings an application for its user's yes (identity §5, §7.3)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.repository import Repository

authorization_codes = sa.Table(
    "authorization_codes",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("family_id", sa.String(24), nullable=False),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("redirect_uri", sa.Text, nullable=False),
    sa.Column("redirect_kind", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("nonce", sa.Text, nullable=False),
    sa.Column("challenge", sa.Text, nullable=False),
    sa.Column("challenge_method", sa.String(8), nullable=False),
    sa.Column("user_id", sa.String(36), nullable=False),
    sa.Column("amr", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("signed_in", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("redeemed", sa.BigInteger),
)


class AuthorizationCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code, known by its digest, with everything that it is bound to. Times are ms; absent texts are empty.

    ``redirect_kind`` is that of the redirect's registration: ``web``, ``spa`` or ``publicClient``. ``family_id`` is
    what all tokens that come of it have in common. ``amr`` has a word for each factor, separated by spaces.
    """

    digest: str
    family_id: str
    client_id: str
    redirect_uri: str
    redirect_kind: str
    version: int
    scope: str
    resource: str
    nonce: str
    challenge: str
    challenge_method: str
    user_id: str
    amr: str
    session_id: str
    signed_in: int
    expires: int


class AuthorizationCodes(Repository):
    """The codes of each tenant."""

    def add(self, tenant_id: int, code: AuthorizationCode) -> None:
        """Keep a new code."""
        with self._database.write() as connection:
            connection.execute(
                sa.insert(authorization_codes).values(tenant_id=tenant_id, **msgspec.structs.asdict(code))
            )

    def get(self, tenant_id: int, digest: str) -> AuthorizationCode | None:
        """Return a code, redeemed or not, or None."""
        columns = [authorization_codes.c[name] for name in AuthorizationCode.__struct_fields__]
        with self._database.read() as connection:
            row = connection.execute(sa.select(*columns).where(*_key(tenant_id, digest))).mappings().one_or_none()
        return None if row is None else AuthorizationCode(**row)

    def redeem(self, tenant_id: int, digest: str, now: int) -> bool:
        """Use a code up; of several who try at the same time one is told yes."""
        unused = (*_key(tenant_id, digest), authorization_codes.c.redeemed.is_(None))
        with self._database.write() as connection:
            return connection.execute(sa.update(authorization_codes).where(*unused).values(redeemed=now)).rowcount == 1

    def expire(self, before: int) -> int:
        """Forget the codes that expired before ``before`` (ms), of every tenant; returns how many."""
        with self._database.write() as connection:
            old = sa.delete(authorization_codes).where(authorization_codes.c.expires < before)
            return connection.execute(old).rowcount


def _key(tenant_id: int, digest: str) -> tuple[sa.ColumnElement[bool], ...]:
    return authorization_codes.c.tenant_id == tenant_id, authorization_codes.c.digest == digest
