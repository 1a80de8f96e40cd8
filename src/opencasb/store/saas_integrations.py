"""Integrations of SaaS management: configuration, authorisation state and current lease."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from opencasb.model.durations import HOUR, MINUTE
from opencasb.model.saas import Integration, State
from opencasb.store.audit_log import record
from opencasb.store.conflict import Conflict, unique
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

saas_integrations = sa.Table(
    "saas_integrations",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("directory_id", sa.String(36), nullable=False),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
    sa.Column("authority", sa.Text, nullable=False),
    sa.Column("graph_url", sa.Text, nullable=False),
    sa.Column("ca", sa.Text, nullable=False),
    sa.Column("period_days", sa.Integer, nullable=False),
    sa.Column("schedule", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("state_message", sa.Text, nullable=False),
    sa.Column("roles", sa.JSON(none_as_null=True)),
    sa.Column("authorized", sa.BigInteger),
    sa.Column("asked", sa.BigInteger),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("lease_owner", sa.Text, nullable=False),
    sa.Column("lease_until", sa.BigInteger, nullable=False),
    sa.Column("last_run", sa.Integer, nullable=False),
    sa.Column("current_run", sa.Integer),
    sa.Column("anywhere", sa.Boolean, nullable=False, server_default=sa.true()),
)
_ROWS: Final = ("saas_runs", "saas_run_streams", "saas_stream_apps", "saas_apps", "saas_changes")
_SHOWN: Final = ("directory_id", "client_id", "authority", "graph_url", "period_days", "schedule", "anywhere")
_ADDRESSES: Final = ("authority", "graph_url", "anywhere")

LEASE_MS: Final = MINUTE
"""A holder that has not renewed for this long is considered dead."""
FARTHEST: Final = HOUR
"""Latest plausible end (ms ahead) of a lease under clock skew; a later one predates a clock set back."""


class LeaseLost(Exception):
    """Another process now runs the integration, it was removed, or the run should end."""


MOST: Final = 100
"""Most integrations of a tenant: each one due runs in its own thread."""


class SaasIntegrations(TimedRepository):
    """The integrations of each tenant, by name."""

    def add(self, made: Integration, *, by: str) -> None:
        """Store a new integration. Raises :class:`Conflict` if the name is taken or there are already ``MOST``."""
        row = msgspec.structs.asdict(made) | {"created": self._clock()}
        count = sa.select(sa.func.count()).where(saas_integrations.c.tenant_id == made.tenant_id)
        taken = f"name {made.name!r} is that of another integration of this tenant"
        with unique(taken), self._database.write() as connection:
            if connection.execute(count).scalar_one() >= MOST:
                raise Conflict(f"there are {MOST} integrations already, which is the most")
            connection.execute(sa.insert(saas_integrations).values(**row))
            self._note(connection, made, "saas.add", by, {name: row[name] for name in _SHOWN})

    def change(self, before: Integration, after: Integration, *, by: str) -> None:
        """Store only the fields in which ``after`` differs from ``before``: a run may be changing the others.

        Addresses are stored together with who chose them.
        """
        old, new = msgspec.structs.asdict(before), msgspec.structs.asdict(after)
        changed = {name: value for name, value in new.items() if value != old[name]}
        if not changed.keys().isdisjoint(_ADDRESSES):
            changed |= {name: new[name] for name in _ADDRESSES}
        if not changed:
            return
        with self._database.write() as connection:
            connection.execute(sa.update(saas_integrations).where(*of(before)).values(**changed))
            facts = {name: value for name, value in changed.items() if name in _SHOWN}
            self._note(connection, before, "saas.set", by, facts | {"secret": "sealed_secret" in changed or None})

    def get(self, tenant_id: int, name: str) -> Integration | None:
        """Return one integration, or None."""
        return next(iter(self._some(tenant_id=tenant_id, name=name)), None)

    def all(self, tenant_id: int) -> list[Integration]:
        """Return the integrations of a tenant, by name."""
        return self._some(tenant_id=tenant_id)

    def of_every_tenant(self) -> list[Integration]:
        """Return the integrations of all tenants, for the scheduler."""
        return self._some()

    def remove(self, integration: Integration, *, by: str) -> bool:
        """Delete an integration and all that it read; returns whether it existed. A run ends at its next step."""
        with self._database.write() as connection:
            if connection.execute(sa.delete(saas_integrations).where(*of(integration))).rowcount == 0:
                return False
            for table in (metadata.tables[name] for name in _ROWS):
                mine = {"tenant_id": integration.tenant_id, "integration": integration.name}
                connection.execute(sa.delete(table).filter_by(**mine))
            self._note(connection, integration, "saas.remove", by, {})
        return True

    def set_state(
        self, integration: Integration, state: State, message: str = "", roles: list[str] | None = None, *, by: str
    ) -> None:
        """Store whether the integration is authorised, and if not, why."""
        values: dict[str, Any] = {"state": state, "state_message": message}
        if state == "ready":
            values |= {"roles": roles, "authorized": self._clock()}
        # What was found out about other credentials does not apply to the current ones.
        same = [saas_integrations.c[name] == getattr(integration, name) for name in ("sealed_secret", "client_id")]
        with self._database.write() as connection:
            changed = sa.update(saas_integrations).where(*of(integration), *same).values(**values)
            if connection.execute(changed).rowcount:
                self._note(connection, integration, f"saas.{state}", by, {"reason": message or None})

    def ask(self, integration: Integration, *, by: str) -> None:
        """Request that the server run an integration as soon as possible."""
        with self._database.write() as connection:
            connection.execute(sa.update(saas_integrations).where(*of(integration)).values(asked=self._clock()))
            self._note(connection, integration, "saas.ask", by, {})

    def lease(self, integration: Integration, owner: str, is_gone: Callable[[str], bool]) -> Integration | None:
        """Return the current integration, leased to ``owner``; None while another process holds the lease."""
        now = self._clock()
        with self._database.write() as connection:
            query = sa.select(saas_integrations).where(*of(integration)).with_for_update()
            row = connection.execute(query).mappings().one_or_none()
            if row is None or (now < row["lease_until"] <= now + FARTHEST and not is_gone(row["lease_owner"])):
                return None
            taken = {"lease_owner": owner, "lease_until": now + LEASE_MS, "asked": None}
            connection.execute(sa.update(saas_integrations).where(*of(integration)).values(**taken))
            return Integration(**{**row, **taken})

    def release(self, leased: Integration) -> None:
        """Release the lease, if it is still held."""
        mine = saas_integrations.c.lease_owner == leased.lease_owner
        self._write(sa.update(saas_integrations).where(*of(leased), mine).values(lease_owner="", lease_until=0))

    def renew(self, leased: Integration) -> None:
        """Renew the lease for another term. Raises :class:`LeaseLost`."""
        with self._database.write() as connection:
            hold(connection, leased, self._clock())

    def _some(self, **key: int | str) -> list[Integration]:
        found = self._all(sa.select(saas_integrations).filter_by(**key), Integration)
        return sorted(found, key=lambda each: (each.tenant_id, each.name))  # engines collate differently

    def _note(self, connection: sa.Connection, one: Integration, action: str, by: str, facts: dict[str, Any]) -> None:
        record(connection, one.tenant_id, self._clock(), action, by=by, target=one.name, **facts)


def of(integration: Integration) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition that selects an integration's row in ``saas_integrations``."""
    return saas_integrations.c.tenant_id == integration.tenant_id, saas_integrations.c.name == integration.name


def hold(connection: sa.Connection, leased: Integration, now: int, **values: object) -> None:
    """Renew a lease as part of a transaction, and set ``values``. Raises :class:`LeaseLost` if it is lost."""
    mine = saas_integrations.c.lease_owner == leased.lease_owner
    kept = sa.update(saas_integrations).where(*of(leased), mine).values(lease_until=now + LEASE_MS, **values)
    if connection.execute(kept).rowcount == 0:
        raise LeaseLost
