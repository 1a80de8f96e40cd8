"""Standard input among the files that a command reads: it has a path, as any other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

STANDARD_INPUT: Final = Path("/dev/stdin")


def openable(path: Path) -> Path | int:
    """Return what to open for a path: itself, or a descriptor of its own for standard input, which the opener closes.

    A pipe of another user (``sudo -u``) can be read and not opened again. Raises ``OSError``.
    """
    return os.dup(0) if path == STANDARD_INPUT else path
