"""The outbox: warnings, each created once, and their deliveries, each leased to one server at a time (saas §4)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, get_args

import msgspec
import sqlalchemy as sa

from opencasb.model.notification import Channel, Credential, Delivery, DeliveryState, Notice
from opencasb.store.audit_log import record
from opencasb.store.database import Database, metadata
from opencasb.store.notification_channels import notification_channels
from opencasb.store.repository import TimedRepository
from opencasb.store.turns import Source, Turns

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("notice_id", sa.String(24), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("application", sa.Text, nullable=False),
    sa.Column("key_id", sa.String(36), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("made", sa.BigInteger, nullable=False),
)
notice_deliveries = sa.Table(
    "notice_deliveries",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("notice_id", sa.String(24), primary_key=True),
    sa.Column("channel_id", sa.String(24), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt", sa.BigInteger, nullable=False),
    sa.Column("attempted", sa.BigInteger),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("lease_owner", sa.String(24), nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False),
    sa.Index("ix_notice_deliveries_state", "state", "next_attempt"),
)
LEASE_MS: Final = 300_000
"""Longer than any attempt lasts: a worker that has not finished one by then is considered dead."""

MOST_AT_ONCE: Final = 2
"""Most deliveries of a tenant under way: half of those that a server attempts at once."""


class Notices(TimedRepository):
    """The notices of each tenant, and the deliveries of all tenants."""

    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        super().__init__(database, clock)
        self._turns = Turns()

    def add(self, made: Notice) -> bool:
        """Store a notice for delivery to every channel of its tenant; False if it exists already."""
        row = msgspec.structs.asdict(made.credential) | {"days": made.days, "made": made.made}
        tenant_id, credential = made.credential.tenant_id, made.credential
        action = f"app.{credential.kind}_{'expires' if made.days else 'expired'}"
        facts = {"key_id": credential.key_id, "expires": credential.expires, "days": made.days}
        with self._database.write() as connection:
            if not self._database.upsert(connection, notices, [row | {"notice_id": made.notice_id}]):
                return False
            channels = connection.scalars(sa.select(notification_channels.c.channel_id).filter_by(tenant_id=tenant_id))
            waiting = [
                Delivery(tenant_id=tenant_id, notice_id=made.notice_id, channel_id=each, next_attempt=made.made)
                for each in channels
            ]
            self._database.upsert(connection, notice_deliveries, [msgspec.structs.asdict(each) for each in waiting])
            record(connection, tenant_id, made.made, action, by="system", target=credential.client_id, **facts)
        return True

    def known(self, tenant_id: int, notice_ids: Collection[str]) -> set[str]:
        """Return the given ids that exist."""
        query = sa.select(notices.c.notice_id).where(notices.c.tenant_id == tenant_id)
        with self._database.read() as connection:
            return set(connection.scalars(query.where(notices.c.notice_id.in_(notice_ids))))

    def get(self, tenant_id: int, notice_id: str) -> Notice | None:
        """Return one notice, or None."""
        query = sa.select(notices).filter_by(tenant_id=tenant_id, notice_id=notice_id)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        credential = Credential(**{name: row[name] for name in Credential.__struct_fields__})
        return Notice(notice_id=notice_id, credential=credential, days=row["days"], made=row["made"])

    def deliveries(self, tenant_id: int) -> list[Delivery]:
        """Return the tenant's deliveries, the most recently tried last."""
        query = sa.select(notice_deliveries).where(notice_deliveries.c.tenant_id == tenant_id)
        found = self._all(query, Delivery)
        return sorted(found, key=lambda each: (each.attempted or 0, each.notice_id, each.channel_id))

    def delivery_counts(self) -> dict[DeliveryState, int]:
        """Return the number of deliveries of all tenants by state."""
        state = notice_deliveries.c.state
        with self._database.read() as connection:
            found = connection.execute(sa.select(state, sa.func.count()).group_by(state)).all()
        return dict.fromkeys(get_args(DeliveryState), 0) | {state: count for state, count in found}  # noqa: C416 -- rows

    def take(self, owner: str) -> Delivery | None:
        """Lease the delivery that has been due longest to the channel whose turn it is; None if none is due.

        The tenant that has waited longest is next, and likewise among its channels. A tenant that has
        :data:`MOST_AT_ONCE` under way waits: its receivers may be dead.
        """
        now, table = self._clock(), notice_deliveries.c
        due = (table.state == "waiting", table.next_attempt <= now, table.lease_until <= now)
        with self._database.write() as connection:
            for channel in self._turns.order(_waiting(connection, due, now)):
                found = connection.execute(_oldest(channel, due)).one_or_none()
                if found is not None:  # no other server was faster
                    self._turns.served(channel, now)
                    return _leased(connection, found, owner, now)
        return None

    def end(self, leased: Delivery, state: DeliveryState, error: str = "", channel: Channel | None = None) -> bool:
        """End a leased delivery; False if somebody else holds the lease by now.

        An abandoned delivery, to ``channel``, is also audited.
        """
        with self._database.write() as connection:
            if not _set(connection, leased, state=state, last_error=error):
                return False
            if channel is not None and state == "given_up":
                facts = {"kind": channel.kind, "address": channel.place, "notice": leased.notice_id, "problem": error}
                target = {"by": "system", "target": channel.channel_id}
                record(connection, leased.tenant_id, self._clock(), "notification.give_up", **target, **facts)
        return True

    def postpone(self, leased: Delivery, until: int, error: str) -> bool:
        """Retry a leased delivery, not before ``until`` (ms); False if somebody else holds the lease by now."""
        with self._database.write() as connection:
            return _set(connection, leased, next_attempt=until, last_error=error)

    def forget(self, tenant_id: int, before: int) -> None:
        """Remove the notices of what ended before ``before`` (ms)."""
        old = sa.select(notices.c.notice_id).where(notices.c.tenant_id == tenant_id, notices.c.expires < before)
        of_old = (notice_deliveries.c.tenant_id == tenant_id, notice_deliveries.c.notice_id.in_(old))
        with self._database.write() as connection:
            connection.execute(sa.delete(notice_deliveries).where(*of_old))
            connection.execute(sa.delete(notices).where(notices.c.tenant_id == tenant_id, notices.c.expires < before))


def _waiting(connection: sa.Connection, due: Sequence[sa.ColumnElement[bool]], now: int) -> dict[Source, int]:
    """Return the channels with due deliveries, each with the time of the oldest, of tenants that may have one more."""
    tenant, channel = notice_deliveries.c.tenant_id, notice_deliveries.c.channel_id
    leased = (notice_deliveries.c.state == "waiting", notice_deliveries.c.lease_until > now)
    busy = sa.select(tenant).where(*leased).group_by(tenant).having(sa.func.count() >= MOST_AT_ONCE)
    oldest = sa.func.min(notice_deliveries.c.next_attempt)
    query = sa.select(tenant, channel, oldest).where(*due, tenant.not_in(busy)).group_by(tenant, channel)
    found = connection.execute(query.order_by(oldest, tenant, channel))
    return {(tenant_id, channel_id): came for tenant_id, channel_id, came in found}


def _oldest(channel: Source, due: Sequence[sa.ColumnElement[bool]]) -> sa.Select[tuple[int, str, str]]:
    table = notice_deliveries
    return (
        sa.select(table.c.tenant_id, table.c.notice_id, table.c.channel_id)
        .filter_by(tenant_id=channel[0], channel_id=channel[1])
        .where(*due)
        .order_by(table.c.next_attempt, table.c.notice_id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _leased(connection: sa.Connection, found: sa.Row[tuple[int, str, str]], owner: str, now: int) -> Delivery:
    table, mine = notice_deliveries, found._asdict()
    taken = {"lease_owner": owner, "lease_until": now + LEASE_MS, "attempted": now}
    connection.execute(sa.update(table).filter_by(**mine).values(**taken, attempts=table.c.attempts + 1))
    return Delivery(**connection.execute(sa.select(table).filter_by(**mine)).mappings().one())


def _set(connection: sa.Connection, leased: Delivery, **values: Any) -> bool:  # of any column
    key = ("tenant_id", "notice_id", "channel_id", "lease_owner")
    mine = sa.update(notice_deliveries).filter_by(**{name: getattr(leased, name) for name in key})
    return connection.execute(mine.values(**values, lease_owner="", lease_until=0)).rowcount > 0
