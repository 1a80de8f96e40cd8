"""SIEM agent tokens: their owners and permissions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from opencasb.identity.pepper import Pepper
from opencasb.identity.siem_tokens import SiemTokens
from opencasb.model.roles import Role
from opencasb.store.database import Database
from opencasb.store.siem_agents import SiemAgents
from opencasb.store.tenants import Tenants
from opencasb.store.users import Users
from tests.store.test_siem_agents import agent


def test_a_busy_database_turns_no_agent_away(
    database: Database, clock: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The visit is then not recorded; an unknown token, or that of a deleted agent, is rejected."""
    users, agents = Users(database, clock), SiemAgents(database, clock)
    tenant_id = Tenants(database, clock).create("Example").tenant_id
    tokens = SiemTokens(agents, users, Pepper(tmp_path / "pepper"), clock)
    user = users.create(tenant_id, "ann@example.org", Role.GLOBAL_ADMINISTRATOR)
    kept = agent(1, tenant_id)
    assert tokens.generate(kept, user) is None
    agents.add(kept)
    value = tokens.generate(kept, user)
    assert value is not None

    def busy(*_: object) -> None:
        raise sa.exc.OperationalError("", None, Exception())

    with monkeypatch.context() as patched:
        patched.setattr(agents, "touch", busy)
        found = tokens.principal(value)
    assert found is not None
    assert (found.tenant_id, found.name, found.user_id) == (tenant_id, "agent 1", None)
    assert (found.permissions, found.operations) == (frozenset({"investigation.read"}), frozenset({"alerts.view"}))
    assert tokens.principal("0" * 64) is None
    assert value not in str(agents.all(tenant_id))
