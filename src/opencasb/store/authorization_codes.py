"""Authorization codes, which an application receives through the browser once its user agrees (identity §5, §7.3)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of

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
    """A code, identified by its digest, with everything that it is bound to. Times are ms; absent texts are empty.

    ``redirect_kind`` is that of the redirect's registration: ``web``, ``spa`` or ``publicClient``. All tokens issued
    from the code share its ``family_id``. ``amr`` has a word for each factor, separated by spaces.
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
        """Store a new code."""
        self._write(sa.insert(authorization_codes).values(tenant_id=tenant_id, **msgspec.structs.asdict(code)))

    def get(self, tenant_id: int, digest: str) -> AuthorizationCode | None:
        """Return a code, redeemed or not, or None."""
        query = sa.select(*fields_of(authorization_codes, AuthorizationCode)).filter_by(
            tenant_id=tenant_id, digest=digest
        )
        return self._one(query, AuthorizationCode)

    def redeem(self, tenant_id: int, digest: str, now: int) -> bool:
        """Redeem a code; of several concurrent attempts only one gets True."""
        unused = sa.update(authorization_codes).filter_by(tenant_id=tenant_id, digest=digest, redeemed=None)
        return self._write(unused.values(redeemed=now)) == 1

    def expire(self, before: int) -> int:
        """Delete the codes that expired before ``before`` (ms), for all tenants; returns how many."""
        return self._write(sa.delete(authorization_codes).where(authorization_codes.c.expires < before))
