"""Custom parsers: how a tenant says what the lines of a log mean (portal §3)."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

PREFIX: Final = "CUSTOM:"
"""Before the name of a custom parser where the source type of a log is told."""

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class CustomParser(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a parser; ``definition`` is its document as JSON text. Versions count from 1, times are in ms."""

    tenant_id: int
    name: str
    version: int
    definition: str
    created: int
    created_by: str = ""
    removed: int | None = None

    def record(self) -> dict[str, Any]:  # JSON
        """Return what is shown of it beside its definition."""
        return {
            "name": self.name,
            "version": self.version,
            "kind": msgspec.json.decode(self.definition)["kind"],
            "created": self.created,
            "created_by": self.created_by,
        }
