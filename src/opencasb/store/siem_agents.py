"""SIEM agents and the digests of their tokens (api §15). The tokens themselves are never stored."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from opencasb.model.siem_agent import SiemAgent
from opencasb.store.conflict import unique
from opencasb.store.database import metadata
from opencasb.store.repository import TimedRepository

siem_agents = sa.Table(
    "siem_agents",
    metadata,
    sa.Column("tenant_id", sa.Integer, primary_key=True),
    sa.Column("agent_id", sa.String(24), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("port", sa.Integer, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("alerts", sa.Boolean, nullable=False),
    sa.Column("activities", sa.Boolean, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("alert_filters", sa.JSON),
    sa.Column("activity_filters", sa.JSON),
    sa.Column("user_id", sa.String(36)),
    sa.Column("token_created", sa.BigInteger),
    sa.Column("last_seen", sa.BigInteger),
    sa.Column("digest", sa.String(64), unique=True),
    sa.UniqueConstraint("tenant_id", "name", name="uq_siem_agents_tenant_id_name"),
)

_PUBLIC = [column for column in siem_agents.c if column.name != "digest"]
_BY_DIGEST = sa.select(*_PUBLIC).where(siem_agents.c.digest == sa.bindparam("digest"))


class SiemAgents(TimedRepository):
    """The SIEM agents of each tenant."""

    def add(self, agent: SiemAgent) -> None:
        """Store a new agent. Raises :class:`Conflict` if the name is taken."""
        with unique(_taken(agent)), self._database.write() as connection:
            connection.execute(sa.insert(siem_agents).values(**msgspec.structs.asdict(agent)))
            self._audit(connection, agent.tenant_id, "siem_agent.create", by=agent.created_by, target=agent.name)

    def change(self, agent: SiemAgent, *, by: str) -> bool:
        """Change an agent's settings, keeping its token and use; False if it is unknown. Raises :class:`Conflict`."""
        kept = ("tenant_id", "agent_id", "created", "created_by", "user_id", "token_created", "last_seen")
        values = {name: value for name, value in msgspec.structs.asdict(agent).items() if name not in kept}
        with unique(_taken(agent)):
            return self._set(agent, "siem_agent.change", by, values)

    def give_token(self, agent: SiemAgent, digest: str, user_id: str, *, by: str) -> bool:
        """Give an agent a token with the rights of a user; the previous token becomes invalid."""
        values = {"digest": digest, "user_id": user_id, "token_created": self._clock()}
        return self._set(agent, "siem_agent.token", by, values)

    def all(self, tenant_id: int) -> list[SiemAgent]:
        """Return the agents of the tenant, oldest first."""
        query = sa.select(*_PUBLIC).where(siem_agents.c.tenant_id == tenant_id)
        return self._all(query.order_by(siem_agents.c.created, siem_agents.c.agent_id), SiemAgent)

    def get(self, tenant_id: int, agent_id: str) -> SiemAgent | None:
        """Return one agent, or None."""
        return self._one(sa.select(*_PUBLIC).filter_by(tenant_id=tenant_id, agent_id=agent_id), SiemAgent)

    def by_digest(self, digest: str) -> SiemAgent | None:
        """Return the agent whose token has that keyed hash, or None. The token determines the tenant."""
        with self._database.lookup() as connection:
            row = connection.execute(_BY_DIGEST, {"digest": digest}).mappings().one_or_none()
        return None if row is None else SiemAgent(**row)

    def touch(self, tenant_id: int, agent_id: str, now: int) -> None:
        """Record that the agent connected at ``now`` (ms)."""
        self._write(sa.update(siem_agents).filter_by(tenant_id=tenant_id, agent_id=agent_id).values(last_seen=now))

    def delete(self, tenant_id: int, agent_id: str, *, by: str) -> bool:
        """Delete an agent and its token; returns whether it existed."""
        gone = sa.delete(siem_agents).filter_by(tenant_id=tenant_id, agent_id=agent_id).returning(siem_agents.c.name)
        with self._database.write() as connection:
            name = connection.execute(gone).scalar_one_or_none()
            if name is not None:
                self._audit(connection, tenant_id, "siem_agent.delete", by=by, target=name)
        return name is not None

    def _set(
        self,
        agent: SiemAgent,
        action: str,
        by: str,
        values: dict[str, Any],  # of any column
    ) -> bool:
        changed = sa.update(siem_agents).filter_by(tenant_id=agent.tenant_id, agent_id=agent.agent_id).values(**values)
        return self._write_audited(changed, agent.tenant_id, action, by=by, target=agent.name)


def _taken(agent: SiemAgent) -> str:
    return f"name: another SIEM agent is called {agent.name!r}"
