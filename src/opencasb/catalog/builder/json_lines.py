"""The files of the sources: one JSON record a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

Record = dict[str, Any]  # a line of a source: its shape is the source's own


def lines(path: Path) -> Iterator[Record]:
    """Yield the records of a JSON Lines file, none where it is absent."""
    if path.exists():
        yield from (msgspec.json.decode(line) for line in path.read_bytes().splitlines() if line.strip())
