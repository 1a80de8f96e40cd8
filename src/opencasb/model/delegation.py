"""What an application requests, and which user signed in: the two halves of a token in user context (identity §5)."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

Version = Literal[1, 2]
"""The endpoint version: v1 takes a ``resource``, v2 a ``scope``."""


class KeptRequest(Protocol):
    """A stored row that records a request."""

    @property
    def version(self) -> int:
        """The endpoint version."""

    @property
    def scope(self) -> str:
        """The scope, verbatim."""

    @property
    def resource(self) -> str:
        """The resource, verbatim."""


class ScopeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The request of an application, verbatim; either text may be empty."""

    version: Version
    scope: str = ""
    resource: str = ""

    @classmethod
    def kept(cls, row: KeptRequest) -> ScopeRequest:
        """Return the recorded request; that of a v1 resource gets the scope by which v2 asks for the same."""
        if row.version == 1 and row.resource:
            scope = f"{row.resource}/.default openid profile email offline_access"
            return cls(version=1, scope=scope, resource=row.resource)
        return cls(version=1 if row.version == 1 else 2, scope=row.scope, resource=row.resource)

    @property
    def lasts(self) -> bool:
        """Whether the application requests refresh tokens; v1 always does."""
        return self.version == 1 or "offline_access" in self.scope.lower().split()

    def completed(self, earlier: ScopeRequest) -> ScopeRequest:
        """Return the request with what it leaves out taken from an earlier one."""
        scope, resource = self.scope or earlier.scope, self.resource or earlier.resource
        return ScopeRequest(version=self.version, scope=scope, resource=resource)


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
