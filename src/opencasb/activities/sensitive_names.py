"""Names of files that promise something not everybody should see: a look at words, not at contents (portal §13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from opencasb.activities.data_files import table


def sensitive_words() -> tuple[str, ...]:
    """Return the words, and extensions, that tell of something, in lower case as the words of names are stored."""
    return tuple(sorted(frozenset[str]().union(*_categories().values())))


def categories_of(words: Iterable[str]) -> list[str]:
    """Return what the words of a name tell of, such as ``Credentials``."""
    given = frozenset(words)
    return [name for name, known in _categories().items() if given & known]


@cache
def _categories() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in table("sensitive_words.csv"):
        found.setdefault(row["category"], set()).add(row["word"])
    return {name: frozenset(words) for name, words in found.items()}
