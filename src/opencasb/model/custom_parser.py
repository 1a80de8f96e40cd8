"""Custom parsers: a tenant's definition of how to read the lines of a log (portal §3)."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

PREFIX: Final = "CUSTOM:"
"""The prefix of a custom parser's name where a log's source type is given."""

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class CustomParser(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a parser; ``definition`` is its document as JSON text. Versions start at 1, times are in ms."""

    tenant_id: int
    name: str
    version: int
    definition: str
    created: int
    created_by: str = ""
    removed: int | None = None

    def record(self) -> dict[str, Any]:  # JSON
        """Return the displayed metadata, without the definition."""
        return {
            "name": self.name,
            "version": self.version,
            "kind": msgspec.json.decode(self.definition)["kind"],
            "created": self.created,
            "created_by": self.created_by,
        }
