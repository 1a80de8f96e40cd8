"""Small sources of facts for tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from opencasb.catalog.builder.facts.finding import Finding


def text(root: Path, name: str, content: str) -> Path:
    """Write a text below ``root`` and return ``root``."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return root


def lines(root: Path, name: str, *records: Mapping[str, object]) -> Path:
    """Write a JSON Lines file below ``root`` and return ``root``."""
    return text(root, name, "".join(json.dumps(record) + "\n" for record in records))


def document(root: Path, name: str, value: object) -> Path:
    """Write a JSON document below ``root`` and return ``root``."""
    return text(root, name, json.dumps(value))


def values(findings: Iterable[Finding]) -> list[tuple[str, object]]:
    """Return the factors and values of findings."""
    return [(finding.factor, finding.value) for finding in findings]
