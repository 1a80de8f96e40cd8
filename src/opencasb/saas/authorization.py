"""Authorising an integration: get a token, check its permission, read once, and report each result (saas §4)."""

from __future__ import annotations

from typing import Any

import msgspec

from opencasb.model.saas import PERMISSION
from opencasb.saas.errors import ActionRequired, InvalidResponse, Problem
from opencasb.saas.usage_task import Connection, check_roles


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """How far an authorisation got; ``roles`` None: the token is opaque; ``streams`` None: nothing was read."""

    ok: bool
    token: bool = False
    roles: list[str] | None = None
    streams: int | None = None
    more_streams: bool = False
    code: str = ""
    text: str = ""
    lasting: bool = False
    """Whether somebody has to change something; otherwise it may be retried unchanged."""

    def record(self) -> dict[str, Any]:  # JSON
        """Return the result as shown to people."""
        return {
            "authorized": self.ok,
            "token": self.token,
            "roles": self.roles,
            "streams": self.streams,
            "more_streams": self.more_streams,
            "problem": None if self.ok else {"code": self.code, "message": self.text},
        }


def authorize(connection: Connection) -> Authorization:
    """Get a token, check that it has the permission, and read the first page of streams."""
    token, roles = False, None
    try:
        got = connection.tokens.current()
        token, roles = True, None if got.roles is None else list(got.roles)
        check_roles(got.roles, None)
        page = connection.graph.streams()
    except Problem as problem:
        lasting = isinstance(problem, ActionRequired | InvalidResponse)
        return Authorization(ok=False, token=token, roles=roles, code=problem.code, text=str(problem), lasting=lasting)
    return Authorization(ok=True, token=True, roles=roles, streams=len(page.records), more_streams=bool(page.next_link))


def sentence(found: Authorization) -> str:
    """Return a result as one line for people."""
    if not found.ok:
        return found.text
    granted = f"{PERMISSION} is granted" if found.roles is not None else "the token cannot be read, but it is accepted"
    more = " or more" if found.more_streams else ""
    return f"Authorised: {granted}, {found.streams}{more} streams."
