"""JSON without a character outside ASCII, for clients that do not take JSON for UTF-8.

Windows PowerShell, and PowerShell up to 6, read JSON as Latin-1 where its content type names no character set, and the
contract's names none (api §16). Names would come out as something else, and go back as that with an IP range.
"""

from __future__ import annotations

import json
import re
from typing import Final

_BEYOND: Final = re.compile(r'[^\x00-\x7f][^"\\\x00-\x1f]*')
"""From a character that is not ASCII to what ends its text, or is an escape: one step a text, for pages are large."""


def ascii_json(content: bytes) -> bytes:
    """Return JSON in UTF-8 with escapes in place of all that is not ASCII, which can only stand in its texts."""
    return content if content.isascii() else _BEYOND.sub(_escaped, content.decode()).encode("ascii")


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
