"""Whole-word search in the names of files (api §10.4)."""

from __future__ import annotations

import re
from typing import Any, Final

from opencasb.filters import values
from opencasb.filters.field import Field
from opencasb.filters.tree import AllOf, Like, Node, OneOf
from opencasb.filters.values import Unfit

MOST_WORDS: Final = 100

_SEPARATORS: Final = re.compile(r"[,.\-_\s]+")
_QUOTED: Final = re.compile(r'"([^"]*)"')


def words_of(name: str) -> list[str]:
    """Return the words of a file's name in lower case: what stands between commas, dots, hyphens, blanks and ``_``."""
    return [word for word in _SEPARATORS.split(name.lower()) if word]


def whole_words(name: Field, words: Field, given: Any) -> Node:  # any JSON
    """Return what holds if one of the plain words is in a name, and every part in double quotes.

    ``words`` has the words of ``name``. A quoted part of several words has to stand in the name as it is written.
    Without any word every name is found. Raises :class:`opencasb.filters.values.Unfit`.
    """
    text = values.text(given).lower()
    quoted = [part for part in _QUOTED.findall(text) if words_of(part)]
    plain = words_of(_QUOTED.sub(" ", text).replace('"', " "))
    if len(plain) + sum(len(words_of(part)) for part in quoted) > MOST_WORDS:
        raise Unfit(f"at most {MOST_WORDS} words are allowed")
    exact = [_exact(name, words, part) for part in quoted]
    return AllOf((*exact, OneOf(words, tuple(plain))) if plain else tuple(exact))


def _exact(name: Field, words: Field, part: str) -> Node:
    every = [OneOf(words, (word,)) for word in words_of(part)]
    return every[0] if [part] == words_of(part) else AllOf((*every, Like(name, "contains", (part,))))
