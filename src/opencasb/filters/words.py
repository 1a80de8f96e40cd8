"""Whole-word search in file names (api §10.4)."""

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
    """Return the lower-case words of a file name, split at commas, dots, hyphens, white space and ``_``."""
    return [word for word in _SEPARATORS.split(name.lower()) if word]


def whole_words(name: Field, words: Field, given: Any) -> Node:  # any JSON
    """Return the node that matches names with any of the plain words and all of the double-quoted parts.

    ``words`` holds the words of ``name``. A quoted part of several words has to occur in the name literally.
    Without any words, every name matches. Raises :class:`opencasb.filters.values.Unfit`.
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
