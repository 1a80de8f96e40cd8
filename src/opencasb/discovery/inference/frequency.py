"""How often things stand in a sample, and how often they must to mean something."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

MOST_FIELDS: Final = 256
FEW_LINES: Final = 20
"""Lines of a sample in which whatever occurs counts."""

LEAST_SHARE: Final = 0.3
"""Share of lines that must have a shape for it to be tried."""


def hits(texts: Sequence[str], pattern: str) -> bool:
    """Tell whether enough lines have a pattern in them."""
    compiled = re.compile(pattern)
    return sum(1 for text in texts if compiled.search(text)) >= LEAST_SHARE * len(texts)


def frequent(found: Iterator[Sequence[str]]) -> list[str]:
    """Return the names in the order of their first coming, without those that are too rare to be fields."""
    counts: Counter[str] = Counter()
    lines = 0
    for names in found:
        counts.update(list(dict.fromkeys(names)))
        lines += 1
    least = 1 if lines < FEW_LINES else max(2, lines // 200)
    return [name for name, count in counts.items() if count >= least][:MOST_FIELDS]
