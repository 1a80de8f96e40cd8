"""What the headers of a page say of its security."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_PREFIX: Final = "is_http_security_headers_"
_MAX_AGE: Final = re.compile(r'(?:^|;)\s*max-age\s*=\s*"?0*[1-9]', re.IGNORECASE)


def header_facts(headers: Mapping[str, str]) -> dict[str, bool]:
    """Return factor → whether the header is there and does something; names of headers are in lower case.

    HSTS counts with a lifetime over 0, frame options and content-type options with a value that browsers know, and the
    filter of old browsers only where it is switched on.
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
