"""ASCII-only JSON, for clients that do not assume UTF-8.

Windows PowerShell, and PowerShell up to 6, decode JSON as Latin-1 if its content type names no charset, and the
contract's names none (api §16). Names would arrive garbled, and be sent back garbled with an IP range.
"""

from __future__ import annotations

import json
import re
from typing import Final

_BEYOND: Final = re.compile(r'[^\x00-\x7f][^"\\\x00-\x1f]*')
"""From a non-ASCII character to the end of its string or the next escape: one match per run, as pages are large."""


def ascii_json(content: bytes) -> bytes:
    """Return UTF-8 JSON with non-ASCII characters, which only occur inside strings, escaped."""
    return content if content.isascii() else _BEYOND.sub(_escaped, content.decode()).encode("ascii")


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found[0])[1:-1]
