"""Shared by the format tests: parse lines into transactions with the public driver."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from opencasb.discovery.formats.base import ParseContext
from opencasb.discovery.parsing import LineParser
from opencasb.discovery.recognise import format_of

RECEIVED = 1_763_640_000_000
"""2025-11-20T12:00:00Z."""


def rows(source: str, lines: Sequence[str], **context: Any) -> list[dict[str, Any]]:
    """Return every parsed row of ``lines``, in line order, without null columns."""
    parser = LineParser(format_of(source), ParseContext(**{"received_at": RECEIVED, **context}))
    found = [*parser.feed(lines).to_dicts(), *parser.finish().to_dicts()]
    ordered = sorted(found, key=lambda row: int(row["line"]))
    return [{name: value for name, value in row.items() if value is not None} for row in ordered]


def row(source: str, line: str, **context: Any) -> dict[str, Any]:
    """Return the parsed row of one line, without its number."""
    (only,) = rows(source, [line], **context)
    only.pop("line")
    return only
