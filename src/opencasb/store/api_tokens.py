"""API tokens: their digests, owners and use (api §2.1). The tokens themselves are never stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from opencasb.model.api_token import ApiToken
from opencasb.model.user import User
from opencasb.store.audit_log import record
from opencasb.store.database import metadata, new_id
from opencasb.store.repository import TimedRepository
from opencasb.store.tenants import tenants
from opencasb.store.user_rows import PUBLIC as OF_USERS
from opencasb.store.user_rows import user_of, users

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("token_id", sa.String(24), primary_key=True),
    sa.Column("user_id", sa.String(36), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("last_used", sa.BigInteger),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),
)

_PUBLIC = [column for column in api_tokens.c if column.name != "digest"]
# Built once, because every API call runs it: building takes longer than running it.
_OWNED = (
    sa.select(*_PUBLIC, *OF_USERS)
    .join(tenants, tenants.c.tenant_id == api_tokens.c.tenant_id)
    .join(users, (users.c.tenant_id == api_tokens.c.tenant_id) & (users.c.user_id == api_tokens.c.user_id))
    .where(api_tokens.c.digest == sa.bindparam("digest"), tenants.c.api_tokens)
)


class ApiTokens(TimedRepository):
    """The API tokens of each tenant."""

    def add(self, tenant_id: int, user_id: str, name: str, *, digest: str, prefix: str, by: str = "system") -> ApiToken:
        """Store a new token of ``user_id``; ``digest`` is its keyed hash and ``prefix`` its first characters."""
        made = ApiToken(
            tenant_id=tenant_id,
            token_id=new_id(),
            user_id=user_id,
            name=name,
            prefix=prefix,
            created=self._clock(),
        )
        with self._database.write() as connection:
            connection.execute(sa.insert(api_tokens).values(digest=digest, **msgspec.structs.asdict(made)))
            record(connection, tenant_id, made.created, "api_token.create", by=by, target=name, token_id=made.token_id)
        return made

    def owned(self, digest: str) -> tuple[ApiToken, User] | None:
        """Return the token with that keyed hash and its owner, even if deprovisioned, or None.

        Also None if API tokens are now switched off for the tenant. The tenant is not a parameter because the token
        determines it.
        """
        with self._database.lookup() as connection:
            row = connection.execute(_OWNED, {"digest": digest}).one_or_none()
        if row is None:
            return None
        token, owner = row[: len(_PUBLIC)], row[len(_PUBLIC) :]
        return ApiToken(**_named(_PUBLIC, token)), user_of(_named(OF_USERS, owner))

    def exist(self) -> bool:
        """Return whether any tenant has a token."""
        with self._database.read() as connection:
            return bool(connection.execute(sa.select(sa.exists().select_from(api_tokens))).scalar_one())

    def all(self, tenant_id: int, user_id: str | None = None) -> list[ApiToken]:
        """Return the tokens of the tenant, or of one of its users, oldest first."""
        query = sa.select(*_PUBLIC).where(api_tokens.c.tenant_id == tenant_id)
        if user_id is not None:
            query = query.where(api_tokens.c.user_id == user_id)
        return self._all(query.order_by(api_tokens.c.created, api_tokens.c.token_id), ApiToken)

    def touch(self, tenant_id: int, token_id: str, now: int) -> None:
        """Record that the token was used at ``now`` (ms)."""
        self._write(sa.update(api_tokens).filter_by(tenant_id=tenant_id, token_id=token_id).values(last_used=now))

    def revoke(self, tenant_id: int, token_id: str, *, by: str = "system") -> bool:
        """Remove the token permanently, with immediate effect; returns whether it existed."""
        gone = sa.delete(api_tokens).filter_by(tenant_id=tenant_id, token_id=token_id)
        with self._database.write() as connection:
            name = connection.execute(gone.returning(api_tokens.c.name)).scalar_one_or_none()
            if name is not None:
                self._audit(connection, tenant_id, "api_token.revoke", by=by, target=name, token_id=token_id)
        return name is not None


def _named(columns: Sequence[sa.Column[Any]], values: Sequence[Any]) -> dict[str, Any]:  # of any column
    return dict(zip((column.name for column in columns), values, strict=True))
