"""Opaque tokens: authorization codes, refresh tokens, device codes; kept are their digests (identity §7.3)."""

from __future__ import annotations

import re
import secrets
from typing import Final

NO_TENANT: Final = 0
"""The tenant number in a token that was asked for at an address without a tenant."""

_SHAPE: Final = re.compile(r"1\.([0-9a-f]{1,8})\.[A-Za-z0-9_-]{43}")


def new_token(tenant_id: int) -> str:
    """Return 256 random bits behind the tenant's number, so that a token is only ever looked for in its tenant."""
    return f"1.{tenant_id:x}.{secrets.token_urlsafe(32)}"


def tenant_of(token: str) -> int | None:
    """Return the tenant number in a token, None if it is none of ours."""
    shaped = _SHAPE.fullmatch(token)
    return int(shaped[1], 16) if shaped else None
