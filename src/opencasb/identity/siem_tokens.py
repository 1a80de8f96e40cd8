"""Tokens of SIEM agents, which read alerts and activities with the current permissions of a user (api §2.1)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from opencasb.identity.last_use import note_use
from opencasb.identity.pepper import Pepper
from opencasb.model.principal import Principal
from opencasb.model.rights import permissions_of
from opencasb.model.siem_agent import SiemAgent
from opencasb.model.user import User
from opencasb.store.siem_agents import SiemAgents
from opencasb.store.users import Users

PURPOSE: Final = "siem agent token"


@dataclass(eq=False)
class SiemTokens:
    """Generates agents' tokens, and resolves them."""

    _agents: SiemAgents
    _users: Users
    _pepper: Pepper
    _clock: Callable[[], int]

    def generate(self, agent: SiemAgent, user: User) -> str | None:
        """Return a new token of 64 lower-case hex characters, which replaces the previous one.

        It is bound to ``user`` and stops working when the user loses access. None if the agent is gone.
        """
        value = secrets.token_hex(32)
        given = self._agents.give_token(agent, self._pepper.digest(PURPOSE, value), user.user_id, by=user.upn)
        return value if given else None

    def principal(self, value: str) -> Principal | None:
        """Return the caller behind a token; None if it is unknown, or the agent or its user has no access."""
        agent = self._agents.by_digest(self._pepper.digest(PURPOSE, value))
        user = self._users.get(agent.tenant_id, agent.user_id) if agent and agent.user_id else None
        if agent is None or not agent.enabled or user is None or not user.active:
            return None
        note_use(agent.last_seen, self._clock(), partial(self._agents.touch, agent.tenant_id, agent.agent_id))
        sent = {"alerts.view": agent.alerts, "activities.view": agent.activities}
        return Principal(
            tenant_id=agent.tenant_id,
            name=agent.name,
            permissions=permissions_of(user) & {"investigation.read"},
            role=user.role,
            stream_ids=user.stream_ids,
            scope=user.scope,
            operations=frozenset(name for name, wanted in sent.items() if wanted),
        )
