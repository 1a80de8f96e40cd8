"""Which names in a sample of lines are names of fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

MOST_FIELDS: Final = 256
FEW_LINES: Final = 20
"""Sample size up to which every name counts, however rare."""

LEAST_SHARE: Final = 0.3
"""Share of lines that must have a shape for it to be tried."""


def frequent(found: Iterator[Sequence[str]]) -> list[str]:
    """Return the names in order of first appearance, without those too rare to be fields."""
    counts: Counter[str] = Counter()
    lines = 0
    for names in found:
        counts.update(list(dict.fromkeys(names)))
        lines += 1
    least = 1 if lines < FEW_LINES else max(2, lines // 200)
    return [name for name, count in counts.items() if count >= least][:MOST_FIELDS]
