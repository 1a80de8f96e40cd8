"""The notification channels of each tenant."""

from __future__ import annotations

from typing import Final

import msgspec
import sqlalchemy as sa

from opencasb.model.notification import Channel
from opencasb.store.audit_log import record
from opencasb.store.conflict import Conflict, unique
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

notification_channels = sa.Table(
    "notification_channels",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("channel_id", sa.String(24), primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("address", sa.String(1000), nullable=False),
    sa.Column("anywhere", sa.Boolean, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary),
    sa.UniqueConstraint("tenant_id", "kind", "address"),
)
MOST: Final = 20
"""Most channels of a tenant: each is one more connection for every warning."""


class NotificationChannels(TimedRepository):
    """The channels of each tenant."""

    def add(self, made: Channel) -> None:
        """Store a new channel. Raises :class:`Conflict` if it exists already, or if there are ``MOST``."""
        count = sa.select(sa.func.count()).where(notification_channels.c.tenant_id == made.tenant_id)
        taken = f"there is a notification channel {made.kind} {made.place!r} with that address"
        with unique(taken), self._database.write() as connection:
            if connection.execute(count).scalar_one() >= MOST:
                raise Conflict(f"there are {MOST} notification channels already, which is the most")
            connection.execute(sa.insert(notification_channels).values(**msgspec.structs.asdict(made)))
            self._note(connection, made, "notification.add", made.created_by)

    def all(self, tenant_id: int) -> list[Channel]:
        """Return the channels of the tenant, oldest first."""
        query = sa.select(notification_channels).where(notification_channels.c.tenant_id == tenant_id)
        query = query.order_by(notification_channels.c.created, notification_channels.c.channel_id)
        return self._all(query, Channel)

    def get(self, tenant_id: int, channel_id: str) -> Channel | None:
        """Return one channel, or None."""
        return next((each for each in self.all(tenant_id) if each.channel_id == channel_id), None)

    def remove(self, channel: Channel, *, by: str) -> bool:
        """Remove a channel and drop its pending deliveries; returns whether it existed."""
        key = {"tenant_id": channel.tenant_id, "channel_id": channel.channel_id}
        with self._database.write() as connection:
            if connection.execute(sa.delete(notification_channels).filter_by(**key)).rowcount == 0:
                return False
            self._note(connection, channel, "notification.remove", by)
        return True

    def note_test(self, channel: Channel, problem: str, *, by: str) -> None:
        """Record that somebody tested a channel."""
        with self._database.write() as connection:
            self._note(connection, channel, "notification.test", by, problem=problem or None)

    def _note(self, connection: sa.Connection, channel: Channel, action: str, by: str, **facts: object) -> None:
        kept = {"kind": channel.kind, "address": channel.place, **facts}
        record(connection, channel.tenant_id, self._clock(), action, by=by, target=channel.channel_id, **kept)
