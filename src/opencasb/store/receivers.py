"""The bindings of data sources: senders, logins and object store prefixes (portal §2.3)."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
import sqlalchemy as sa

from opencasb.model.guarded import Guarded
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

bindings = sa.Table(
    "receiver_bindings",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("stream_id", sa.String(24), primary_key=True),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("host_name", sa.Text, nullable=False),
    sa.Column("app_name", sa.Text, nullable=False),
    sa.Column("login", sa.Text, unique=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("public_keys", sa.Text, nullable=False),
    sa.Column("url", sa.Text, nullable=False),
)


class Binding(Guarded, frozen=True, kw_only=True):
    """What a receiver is bound to besides port and folder; unused fields are empty.

    ``sender`` (an address or a CIDR block), ``host_name`` and ``app_name`` distinguish the syslog sources of one port.
    ``login`` is unique on the server, because a sender of files identifies itself by nothing else. ``password_hash`` is
    Argon2id; ``public_keys`` has lines as in an ``authorized_keys`` file. ``url`` is a prefix such as
    ``s3://bucket/logs/``.
    """

    GUARDED: ClassVar = ("password_hash",)

    tenant_id: int
    stream_id: str
    sender: str = ""
    host_name: str = ""
    app_name: str = ""
    login: str | None = None
    password_hash: str = ""
    public_keys: str = ""
    url: str = ""


class Bindings(TimedRepository):
    """The bindings of the data sources of each tenant."""

    def every(self) -> list[Binding]:
        """Return the bindings of all tenants, for the receivers."""
        return self._all(sa.select(bindings), Binding)

    def get(self, tenant_id: int, stream_id: str) -> Binding:
        """Return the binding of a data source, an empty one if it has none."""
        query = sa.select(bindings).filter_by(tenant_id=tenant_id, stream_id=stream_id)
        return self._one(query, Binding) or Binding(tenant_id=tenant_id, stream_id=stream_id)

    def change(
        self,
        tenant_id: int,
        stream_id: str,
        *,
        by: str = "",
        target: str = "",
        **fields: Any,  # any field
    ) -> Binding:
        """Set ``fields`` of the binding of a data source; audited, with its name ``target``, if ``by`` names who did.

        Raises ``sqlalchemy.exc.IntegrityError`` if the login is taken.
        """
        changed = msgspec.structs.replace(self.get(tenant_id, stream_id), **fields)
        with self._database.write() as connection:
            self._database.upsert(connection, bindings, [msgspec.structs.asdict(changed)], update=list(fields))
            if by:
                names = ", ".join(sorted(fields))
                self._audit(connection, tenant_id, "data_source.bind", by=by, target=target, changed=names)
        return changed
