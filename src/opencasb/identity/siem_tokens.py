"""Tokens of SIEM agents: they read alerts and activities, with the rights that a person has now (api §2.1)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from opencasb.identity.pepper import Pepper
from opencasb.model.durations import MINUTE
from opencasb.model.permissions import permissions_of
from opencasb.model.principal import Principal
from opencasb.model.siem_agent import SiemAgent
from opencasb.model.user import User
from opencasb.store.siem_agents import SiemAgents
from opencasb.store.users import Users

PURPOSE: Final = "siem agent token"
SEEN_AFTER: Final = MINUTE
"""Least time in ms between two notes of an agent's visit."""


@dataclass(eq=False)
class SiemTokens:
    """Makes tokens of agents, and knows whose they are."""

    _agents: SiemAgents
    _users: Users
    _pepper: Pepper
    _clock: Callable[[], int]

    def generate(self, agent: SiemAgent, user: User) -> str | None:
        """Return a new token of 64 lower-case hex characters, which takes the place of the one before.

        It is bound to ``user``, and dies with the user's access. None if the agent is gone.
        """
        value = secrets.token_hex(32)
        given = self._agents.give_token(agent, self._pepper.digest(PURPOSE, value), user.user_id, by=user.upn)
        return value if given else None

    def principal(self, value: str) -> Principal | None:
        """Return the caller behind a token; None for an unknown one, of an agent or a person that has no access."""
        agent = self._agents.by_digest(self._pepper.digest(PURPOSE, value))
        user = self._users.get(agent.tenant_id, agent.user_id) if agent and agent.user_id else None
        if agent is None or not agent.enabled or user is None or not user.active:
            return None
        self._note(agent)
        sent = {"alerts.view": agent.alerts, "activities.view": agent.activities}
        return Principal(
            tenant_id=agent.tenant_id,
            kind="token",
            name=agent.name,
            permissions=permissions_of(user) & {"investigation.read"},
            role=user.role,
            stream_ids=user.stream_ids,
            scope=user.scope,
            operations=frozenset(name for name, wanted in sent.items() if wanted),
        )

    def _note(self, agent: SiemAgent) -> None:
        now = self._clock()
        if agent.last_seen is None or now - agent.last_seen >= SEEN_AFTER:
            with suppress(sa.exc.DBAPIError):  # a busy, full or read-only database must not turn a valid caller away
                self._agents.touch(agent.tenant_id, agent.agent_id, now)
