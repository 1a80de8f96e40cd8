"""Standard input as one of the files that a command reads: it has a path like any other."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

STANDARD_INPUT: Final = Path("/dev/stdin")


def openable(path: Path) -> Path | int:
    """Return what to open for a path: the path, or a duplicate descriptor of standard input, which the opener closes.

    Another user's pipe (``sudo -u``) can be read but not reopened. Raises ``OSError``.
    """
    return os.dup(0) if path == STANDARD_INPUT else path
