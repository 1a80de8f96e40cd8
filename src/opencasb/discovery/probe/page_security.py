"""What a site's pages say about its security: in their headers, and in ``security.txt`` (RFC 9116)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

SECURITY_TXT: Final = "/.well-known/security.txt"
LARGEST: Final = 32 * 1024
"""Longest ``security.txt`` in bytes."""

_PREFIX: Final = "is_http_security_headers_"
_MAX_AGE: Final = re.compile(r'(?:^|;)\s*max-age\s*=\s*"?0*[1-9]', re.IGNORECASE)


def header_facts(headers: Mapping[str, str]) -> dict[str, bool]:
    """Return factor → whether the header is present and effective; header names are in lower case.

    HSTS counts with a lifetime over 0, frame options and content-type options with a value that browsers know, and the
    XSS filter of old browsers only if it is switched on.
    """
    return {
        f"{_PREFIX}strict_transport_security": _MAX_AGE.search(headers.get("strict-transport-security", ""))
        is not None,
        f"{_PREFIX}content_security_policy": bool(headers.get("content-security-policy", "").strip(" ;")),
        f"{_PREFIX}x_content_type_options": _word(headers, "x-content-type-options") == "nosniff",
        f"{_PREFIX}x_frame_options": _word(headers, "x-frame-options") in {"deny", "sameorigin"},
        f"{_PREFIX}x_xss_protection": _word(headers, "x-xss-protection").startswith("1"),
    }


def _word(headers: Mapping[str, str], name: str) -> str:
    return headers.get(name, "").partition(",")[0].strip().lower()


def is_security_txt(content_type: str, body: bytes, now: int) -> bool:
    """Return whether a file is valid at ``now`` (ms UTC): plain text, a contact, and one expiry, in the future."""
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
