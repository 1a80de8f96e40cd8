"""What an application requests, and which user signed in: the two halves of a token in user context (identity §5)."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

Version = Literal[1, 2]
"""The endpoint version: v1 takes a ``resource``, v2 a ``scope``."""


class ScopeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of an application, verbatim; either text may be empty."""

    version: Version
    scope: str = ""
    resource: str = ""

    @property
    def lasts(self) -> bool:
        """Whether the application requests refresh tokens; v1 always does."""
        return self.version == 1 or "offline_access" in self.scope.lower().split()


class KeptSignIn(Protocol):
    """A stored row that records a sign-in; ``amr`` has one word per factor."""

    @property
    def user_id(self) -> str:
        """The user who signed in."""

    @property
    def amr(self) -> str:
        """The authentication methods."""

    @property
    def session_id(self) -> str:
        """The session."""

    @property
    def signed_in(self) -> int:
        """The time of the sign-in, in ms."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """An authenticated user: by which methods (``amr``: ``pwd``, ``mfa``), in which session, and when (ms)."""

    tenant_id: int
    user_id: str
    amr: tuple[str, ...]
    session_id: str
    at: int

    @classmethod
    def kept(cls, tenant_id: int, row: KeptSignIn) -> SignedIn:
        """Return the sign-in recorded by a tenant's row."""
        amr = tuple(row.amr.split())
        return cls(tenant_id=tenant_id, user_id=row.user_id, amr=amr, session_id=row.session_id, at=row.signed_in)
