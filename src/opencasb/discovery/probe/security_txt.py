"""``security.txt``: whom to tell of a weakness (RFC 9116)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

PATH: Final = "/.well-known/security.txt"
LARGEST: Final = 32 * 1024
"""Bytes."""


def is_valid(content_type: str, body: bytes, now: int) -> bool:
    """Tell whether a file is one in force at ``now`` (ms UTC): plain text with a contact and one end in the future."""
    if content_type.partition(";")[0].strip().lower() != "text/plain":
        return False
    try:
        lines = body.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return False
    fields = [line.partition(":") for line in lines if not line.startswith("#")]
    said = [(name.strip().lower(), value.strip()) for name, colon, value in fields if colon]
    contacts = [value for name, value in said if name == "contact" and ":" in value]
    ends = [value for name, value in said if name == "expires"]
    return bool(contacts) and len(ends) == 1 and _is_later(ends[0], now)


def _is_later(text: str, now: int) -> bool:
    try:
        end = datetime.fromisoformat(text)
        return end.tzinfo is not None and end > datetime.fromtimestamp(now / 1000, UTC)
    except (ValueError, OverflowError):
        return False
