"""The bodies of successful answers (identity §7.2): v2 tells times as numbers, v1 as text."""

from __future__ import annotations

from typing import Any

from opencasb.identity.resources import Target
from opencasb.identity.tokens import IssuedToken
from opencasb.model.delegation import Version


def body(version: Version, issued: IssuedToken, target: Target) -> dict[str, Any]:  # any JSON
    """Return what every successful answer says about its access token."""
    seconds = issued.lifetime - 1
    if version == 2:
        return {
            "token_type": "Bearer",
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": issued.access_token,
        }
    return {
        "token_type": "Bearer",
        "expires_in": str(seconds),
        "ext_expires_in": str(seconds),
        "expires_on": str(issued.expires),
        "not_before": str(issued.not_before),
        "resource": target.requested,
        "access_token": issued.access_token,
    }
