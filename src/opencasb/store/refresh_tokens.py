"""Refresh tokens, each used once and replaced by its successor (identity §7.3)."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from opencasb.store.database import metadata
from opencasb.store.repository import Repository, fields_of

refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("family_id", sa.String(24), nullable=False),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("public", sa.Boolean, nullable=False),
    sa.Column("ends", sa.BigInteger),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("resource", sa.Text, nullable=False),
    sa.Column("user_id", sa.String(36), nullable=False),
    sa.Column("amr", sa.Text, nullable=False),
    sa.Column("session_id", sa.Text, nullable=False),
    sa.Column("signed_in", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("replaced", sa.BigInteger),
    sa.Index("ix_refresh_tokens_expires", "expires"),
)


class RefreshToken(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token, identified by its digest. Times are ms.

    ``public``: issued to a client without a credential. ``ends``: no successor outlives this, as for single-page
    applications. ``replaced``: when its successor was issued.
    """

    digest: str
    family_id: str
    client_id: str
    public: bool
    ends: int | None = None
    version: int
    scope: str
    resource: str
    user_id: str
    amr: str
    session_id: str
    signed_in: int
    created: int
    expires: int
    replaced: int | None = None


class RefreshTokens(Repository):
    """The refresh tokens of each tenant."""

    def add(self, tenant_id: int, token: RefreshToken, *, replacing: str | None) -> None:
        """Store a new token; ``replacing`` is the digest of its predecessor."""
        with self._database.write() as connection:
            if replacing is not None:
                first = sa.update(refresh_tokens).filter_by(tenant_id=tenant_id, digest=replacing, replaced=None)
                connection.execute(first.values(replaced=token.created))
            connection.execute(sa.insert(refresh_tokens).values(tenant_id=tenant_id, **msgspec.structs.asdict(token)))

    def get(self, tenant_id: int, digest: str) -> RefreshToken | None:
        """Return a token, replaced and expired ones too, or None."""
        query = sa.select(*fields_of(refresh_tokens, RefreshToken)).filter_by(tenant_id=tenant_id, digest=digest)
        return self._one(query, RefreshToken)

    def expire(self, before: int) -> int:
        """Delete the tokens that expired before ``before`` (ms), for all tenants; returns how many."""
        return self._write(sa.delete(refresh_tokens).where(refresh_tokens.c.expires < before))
