"""From the words of a source to a category of the catalog."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any, Final

from opencasb.model.categories import PREFIX

_GENERATIVE: Final = PREFIX + "GENERATIVE_AI"


@cache
def _document() -> dict[str, Any]:  # the tables differ in shape: word → category, and an array of rules
    loaded: dict[str, Any] = tomllib.loads(files(__package__).joinpath("categories.toml").read_text("utf-8"))
    return loaded


@cache
def _sections() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(rule["words"], re.IGNORECASE), PREFIX + rule["category"]) for rule in _document()["section"]]


def mapped(table: str, word: str) -> str | None:
    """Return the category of one word of a source's closed vocabulary, None where it says nothing."""
    short = _document()[table].get(word)
    return PREFIX + short if short else None


def first_mapped(table: str, words: Iterable[str]) -> str | None:
    """Return the category of the first word that has one."""
    return next(filter(None, (mapped(table, word) for word in words)), None)


def of_list(name: str) -> str | None:
    """Return the category of a ``category-...`` domain list, by the longest known prefix of its name."""
    known = [prefix for prefix in _document()["v2fly"] if name == prefix or name.startswith(prefix + "-")]
    return PREFIX + str(_document()["v2fly"][max(known, key=len)]) if known else None


def of_section(text: str) -> str | None:
    """Return the category that the free-text section of a curated list speaks of."""
    return next((category for pattern, category in _sections() if pattern.search(text)), None)


def of_ai_section(text: str) -> str | None:
    """Return what a section of a list of AI tools says besides "AI", None where it says no more than that."""
    category = of_section(text)
    return None if category == _GENERATIVE else category
