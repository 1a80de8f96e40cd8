"""Detect file names that suggest sensitive contents; only the words of the name are examined (portal §13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from opencasb.activities.data_files import table


def sensitive_words() -> tuple[str, ...]:
    """Return the words and extensions that suggest sensitive contents, in lower case as words of names are stored."""
    return tuple(sorted(frozenset[str]().union(*_categories().values())))


def categories_of(words: Iterable[str]) -> list[str]:
    """Return the categories that the words of a name suggest, such as ``Credentials``."""
    given = frozenset(words)
    return [name for name, known in _categories().items() if given & known]


@cache
def _categories() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in table("sensitive_words.csv"):
        found.setdefault(row["category"], set()).add(row["word"])
    return {name: frozenset(words) for name, words in found.items()}
