"""Tell formats apart by the share of lines that bear a signature (log-formats §3)."""

from __future__ import annotations

import re
from collections.abc import Callable


def signature(pattern: str, what: str) -> Callable[[list[str]], tuple[float, str]]:
    """Return a ``Format.recognise`` that counts the lines in which ``pattern`` occurs; ``what`` describes them."""
    compiled = re.compile(pattern, re.ASCII)

    def recognise(lines: list[str]) -> tuple[float, str]:
        hits = sum(1 for line in lines if compiled.search(line))
        return hits / max(len(lines), 1), f"{hits} of {len(lines)} lines are {what}"

    return recognise


def unrecognisable(lines: list[str]) -> tuple[float, str]:
    """Serve as ``Format.recognise`` for a source type that must be named explicitly."""
    del lines
    return 0.0, "nothing tells these logs apart from others"
