"""SIEM agents of a tenant, with one token each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from opencasb.model.siem_agent import SiemAgent
from opencasb.store.audit_log import AuditLog
from opencasb.store.conflict import Conflict
from opencasb.store.database import Database
from opencasb.store.siem_agents import SiemAgents
from tests.conftest import NOW

TENANT, OTHER = 1, 2


def agent(number: int, tenant_id: int = TENANT, **more: Any) -> SiemAgent:
    """Return an agent."""
    made = SiemAgent(
        tenant_id=tenant_id,
        agent_id=f"{number:024}",
        name=f"agent {number}",
        format="CEF",
        host="siem.example",
        port=514,
        protocol="TCP",
        alerts=True,
        activities=False,
        enabled=True,
        created=NOW + number,
        created_by="ann",
    )
    return msgspec.structs.replace(made, **more)


@pytest.fixture
def agents(database: Database, clock: Callable[[], int]) -> SiemAgents:
    """Two agents of a tenant, and one of another tenant with the same id and name."""
    made = SiemAgents(database, clock)
    for each in (agent(1), agent(2), agent(1, OTHER)):
        made.add(each)
    return made


def test_agents_come_back_as_they_were_kept(agents: SiemAgents) -> None:
    """Oldest first, without those of other tenants."""
    assert agents.all(TENANT) == [agent(1), agent(2)]
    assert agents.get(TENANT, agent(1).agent_id) == agent(1)
    assert agents.get(OTHER, agent(2).agent_id) is None


def test_a_name_is_there_once_in_a_tenant(agents: SiemAgents) -> None:
    """On creation and change; a rejected change stores nothing."""
    with pytest.raises(Conflict, match="name: another SIEM agent is called 'agent 2'"):
        agents.add(agent(3, name="agent 2"))
    with pytest.raises(Conflict):
        agents.change(agent(1, name="agent 2", port=1), by="ben")
    assert agents.all(TENANT) == [agent(1), agent(2)]


def test_a_change_leaves_the_token_and_the_past(agents: SiemAgents, database: Database) -> None:
    """All other values change; changing a deleted agent has no effect."""
    agents.give_token(agent(1), "d" * 64, "user", by="ann")
    agents.touch(TENANT, agent(1).agent_id, NOW)
    wanted = agent(1, port=6514, alert_filters={"severity": {"eq": 2}}, created_by="x", user_id=None, created=0)
    assert agents.change(wanted, by="ben")
    kept = {"created": NOW + 1, "created_by": "ann", "user_id": "user", "token_created": NOW, "last_seen": NOW}
    assert agents.by_digest("d" * 64) == msgspec.structs.replace(wanted, **kept)
    assert agents.get(OTHER, agent(1).agent_id) == agent(1, OTHER)
    assert not agents.change(agent(9), by="ben")
    assert not agents.give_token(agent(9), "e" * 64, "user", by="ann")
    assert agents.by_digest("e" * 64) is None


def test_what_happens_is_audited(agents: SiemAgents, database: Database, clock: Callable[[], int]) -> None:
    """With the author, without tokens."""
    agents.give_token(agent(1), "d" * 64, "user", by="cyd")
    assert agents.delete(TENANT, agent(1).agent_id, by="ben")
    assert not agents.delete(TENANT, agent(1).agent_id, by="ben")
    found = {(each.action, each.actor, each.target) for each in AuditLog(database, clock).latest(TENANT)}
    assert found == {
        ("siem_agent.create", "ann", "agent 1"),
        ("siem_agent.create", "ann", "agent 2"),
        ("siem_agent.token", "cyd", "agent 1"),
        ("siem_agent.delete", "ben", "agent 1"),
    }
