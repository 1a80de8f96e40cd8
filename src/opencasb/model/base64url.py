"""Encode bytes for URLs and tokens: base64url without padding (RFC 4648, section 5)."""

from __future__ import annotations

import base64


def unpadded(content: bytes) -> str:
    """Encode bytes as unpadded base64url."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Decode base64url, padded or not. Raises ``ValueError``."""
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
