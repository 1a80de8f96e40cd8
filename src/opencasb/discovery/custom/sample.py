"""The first lines of a log, on which a definition is tried."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from opencasb.discovery.compression import LogError
from opencasb.discovery.logfile import LogFile

MOST_LINES: Final = 2000
SAMPLE_BYTES: Final = 64 * 1024 * 1024
"""What a compressed log may grow to, of which only the beginning is looked at."""


def first_lines(log: Path | bytes) -> list[str]:
    """Return the first non-empty lines of a file, or of its content.

    Raises :class:`opencasb.discovery.compression.LogError` for what is no text or has no lines, and ``OSError``.
    """
    source = LogFile(BytesIO(log) if isinstance(log, bytes) else log, SAMPLE_BYTES, batch_bytes=1024 * 1024)
    lines: list[str] = []
    for batch in source.batches():
        lines.extend(text for text in batch["text"].drop_nulls() if text)
        if len(lines) >= MOST_LINES:
            break
    if not lines:
        raise LogError(source.nothing())
    return lines[:MOST_LINES]
