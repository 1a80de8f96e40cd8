"""Bytes as text in addresses and tokens: base64url without padding (RFC 4648, section 5)."""

from __future__ import annotations

import base64


def unpadded(content: bytes) -> str:
    """Return bytes as text."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of a text, with padding or without. Raises ``ValueError``."""
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
