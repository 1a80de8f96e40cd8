"""Opaque tokens: authorization codes, refresh tokens, device codes; only their digests are stored (identity §7.3)."""

from __future__ import annotations

import re
import secrets
from typing import Final

NO_TENANT: Final = 0
"""The tenant id in a token requested at an address without a tenant."""

_SHAPE: Final = re.compile(r"1\.([0-9a-f]{1,8})\.[A-Za-z0-9_-]{43}")


def new_token(tenant_id: int) -> str:
    """Return 256 random bits prefixed with the tenant id, so that a token is only ever looked up in its tenant."""
    return f"1.{tenant_id:x}.{secrets.token_urlsafe(32)}"


def tenant_of(token: str) -> int | None:
    """Return the tenant id in a token, or None if the token is not one of ours."""
    shaped = _SHAPE.fullmatch(token)
    return int(shaped[1], 16) if shaped else None
