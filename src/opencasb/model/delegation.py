"""What an application asks a user for, and who said yes: the two halves of a token in user context (identity §5)."""

from __future__ import annotations

from typing import Literal

import msgspec

Version = Literal[1, 2]
"""The generation of an endpoint: 1 names a ``resource``, 2 a ``scope``."""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What an application asks for, in its own words; either text may be empty."""

    version: Version
    scope: str = ""
    resource: str = ""


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """A user who proved who they are: how (``amr``: ``pwd``, ``mfa``), in which session, and when (ms)."""

    tenant_id: int
    user_id: str
    amr: tuple[str, ...]
    session_id: str
    at: int
