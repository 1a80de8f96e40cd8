"""What an application asks a user for, and who said yes: the two halves of a token in user context (identity §5)."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

Version = Literal[1, 2]
"""The generation of an endpoint: 1 names a ``resource``, 2 a ``scope``."""


class ScopeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What an application asks for, in its own words; either text may be empty."""

    version: Version
    scope: str = ""
    resource: str = ""

    @property
    def lasts(self) -> bool:
        """Whether it asks for tokens that can be renewed; v1 always does."""
        return self.version == 1 or "offline_access" in self.scope.lower().split()


class KeptSignIn(Protocol):
    """A stored row that tells of a sign-in; ``amr`` has a word for each factor."""

    @property
    def user_id(self) -> str:
        """Whose sign-in."""

    @property
    def amr(self) -> str:
        """How."""

    @property
    def session_id(self) -> str:
        """In which session."""

    @property
    def signed_in(self) -> int:
        """When (ms)."""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A user who proved who they are: how (``amr``: ``pwd``, ``mfa``), in which session, and when (ms)."""

    tenant_id: int
    user_id: str
    amr: tuple[str, ...]
    session_id: str
    at: int

    @classmethod
    def kept(cls, tenant_id: int, row: KeptSignIn) -> SignedIn:
        """Return what a row of a tenant tells."""
        amr = tuple(row.amr.split())
        return cls(tenant_id=tenant_id, user_id=row.user_id, amr=amr, session_id=row.session_id, at=row.signed_in)
